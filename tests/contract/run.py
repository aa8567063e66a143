"""Runs Schemathesis on a ``flowyard dev`` of its own, and says what it has reached."""

import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson

from tests.contract.recording import operations_of
from tests.contract.stage import archive
from tests.support.dev_server import DevServer, temporary_server

CONFIG = Path(__file__).parent / "schemathesis.toml"
_CASES = re.compile(r"^max-examples = \d+$", re.MULTILINE)
REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a run has found."""

    status: int
    """Of the command: 0 without a finding."""
    output: str
    summary: Mapping[str, Any]
    """The tool's own report."""
    statuses: Mapping[str, int]
    """How often what was answered, keyed by operation id and status."""
    beyond: Mapping[str, int]
    """How often which rule that no schema states has refused a request."""
    operations: Sequence[str]
    """Ids of all operations."""

    @property
    def unreached(self) -> list[str]:
        """Operations that have never answered with a success."""
        reached = {key.split()[0] for key in self.statuses if key.split()[1].startswith("2")}
        return sorted(set(self.operations) - reached)

    @property
    def share_reached(self) -> float:
        return 1 - len(self.unreached) / len(self.operations)

    @property
    def cases(self) -> int:
        generated: int = self.summary["test_cases"]["generated"]
        return generated

    def text(self) -> str:
        """Return what a person wants to know."""
        by_class = Counter[str]()
        for key, count in self.statuses.items():
            by_class[f"{key.split()[1][0]}xx"] += count
        classes = ", ".join(f"{name} {count}" for name, count in sorted(by_class.items()))
        reached = len(self.operations) - len(self.unreached)
        lines = [
            f"cases       {self.cases}",
            f"answers     {classes}",
            f"operations  {len(self.operations)}, reached {reached} ({self.share_reached:.0%})",
            *(f"  never     {name}" for name in self.unreached),
            f"findings    {self.summary['test_cases']['unique_failures']}",
            "refused by rules that no schema states (tests/contract/rules.py)",
            *(f"  {count:6} {rule}" for rule, count in sorted(self.beyond.items())),
        ]
        return "\n".join(lines) + "\n"


def run(cases: int | None = None) -> Outcome:
    """Run Schemathesis on a fresh server.

    Parameters
    ----------
    cases
        Requests that are made up for each operation, and sequences of requests; left out, the
        few that the shipped file has.
    """
    with temporary_server() as server, tempfile.TemporaryDirectory() as folder:
        archive(server, server.token)
        config = Path(folder) / CONFIG.name
        config.write_text(configuration(cases), encoding="utf-8")
        return _run(server, Path(folder), config)


def configuration(cases: int | None) -> str:
    """Return the shipped file, with as many cases of everything as are wanted."""
    text = CONFIG.read_text(encoding="utf-8")
    return text if cases is None else _CASES.sub(f"max-examples = {cases}", text)


def _run(server: DevServer, folder: Path, config: Path) -> Outcome:
    seen, summary = folder / "seen.json", folder / "summary.json"
    done = subprocess.run(  # noqa: S603
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run"),
            f"{server.address}/openapi.json",
            *("--report", "json", "--report-json-path", str(summary)),
        ],
        cwd=REPOSITORY,
        env={
            **os.environ,  # noqa: TID251
            "FLOWYARD_CONTRACT_REPORT": str(seen),
            "FLOWYARD_CONTRACT_ADDRESS": server.address,
            "FLOWYARD_CONTRACT_TOKEN": server.token,
            "PYTHONWARNINGS": "ignore",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if not seen.exists() or not summary.exists():
        raise RuntimeError(f"Schemathesis did not come to its end:\n{done.stdout}")
    document = httpx.get(f"{server.address}/openapi.json", trust_env=False).json()
    return Outcome(
        status=done.returncode,
        output=done.stdout,
        summary=orjson.loads(summary.read_bytes()),
        operations=[one["operationId"] for _, _, one in operations_of(document)],
        **orjson.loads(seen.read_bytes()),
    )
