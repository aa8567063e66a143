"""Writes a CycloneDX bill of materials of what an image has installed.

The Dockerfile's install steps are run in a scratch folder, as ``tools.image_steps`` does, and
the environment that they make is described: every package with its version and licence. What is
described has to be what ``constraints.txt`` names.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tools.image_steps import EXPECTATIONS, ROOT, install

FOLDER = ROOT / ".cache" / "sbom"
"""Where bills are written."""

LOCK = ROOT / "constraints.txt"
"""The versions that images are made of, and the tool's own."""

OURS = "flowyard"
"""The distribution that a bill is of."""


def bill_of(extra: str, installed: Path) -> dict[str, Any]:
    """Write the bill of an environment, and return it.

    Parameters
    ----------
    extra
        What was installed; names the file.
    installed
        The environment's folder.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    target = FOLDER / f"flowyard-{extra}.cdx.json"
    subprocess.run(  # noqa: S603  # our own command
        [
            sys.executable, "-m", "uv", "tool", "run", "--from", "cyclonedx-bom",
            "--constraints", str(LOCK), "cyclonedx-py", "environment",
            "--pyproject", str(ROOT / "pyproject.toml"), "--mc-type", "application",
            "--output-reproducible", "--output-format", "JSON", "--output-file", str(target),
            str(installed / "bin" / "python"),
        ],
        check=True,
    )  # fmt: skip
    sys.stdout.write(f"wrote {target.relative_to(ROOT)}\n")
    bill: dict[str, Any] = json.loads(target.read_text(encoding="utf-8"))
    return bill


def locked_versions(text: str) -> dict[str, str]:
    """Return the version of each package that a file of constraints names."""
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE))


def surprises(bill: dict[str, Any], locked: dict[str, str]) -> list[str]:
    """Return what a bill holds that is not locked, in words; an empty bill is a surprise, too."""
    found = {
        re.sub(r"[-_.]+", "-", one["name"]).lower(): one["version"]
        for one in bill.get("components", [])
    }
    found.pop(OURS, None)
    wrong = [
        f"{name} {version} is installed, but {locked.get(name, 'nothing')} is locked"
        for name, version in sorted(found.items())
        if locked.get(name) != version
    ]
    return wrong or ([] if found else ["the bill is empty"])


def main() -> int:
    """Write the bill of the extra that the command line names."""
    extra = sys.argv[1] if len(sys.argv) > 1 else "all"
    if extra not in EXPECTATIONS:
        sys.stderr.write(f"Expected one of {', '.join(EXPECTATIONS)}, but got {extra}\n")
        return 2
    with tempfile.TemporaryDirectory(prefix="flowyard-sbom-") as folder:
        bill = bill_of(extra, install(extra, Path(folder)))
    locked = locked_versions(LOCK.read_text(encoding="utf-8"))
    wrong = surprises(bill, locked)
    sys.stderr.writelines(f"{extra}: {line}\n" for line in wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
