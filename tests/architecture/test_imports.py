import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.project import ROOT, modules

LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"

BROKEN = {
    "services never import each other": (
        "services/api/src/flowyard_api/probe.py",
        "import flowyard_worker",
    ),
    "library rooms are layered": (
        "libs/common/src/flowyard/storage/probe.py",
        "import flowyard.messaging",
    ),
    "the engine is pure": ("libs/common/src/flowyard/engine/probe.py", "import asyncio"),
    "the client knows the API alone": (
        "libs/common/src/flowyard/client/probe.py",
        "import flowyard.engine",
    ),
    "the worker holds no state": (
        "services/worker/src/flowyard_worker/probe.py",
        "import sqlalchemy",
    ),
    "the plugin gateway does not talk to Kafka and does not advance": (
        "services/plugin-gateway/src/flowyard_plugin_gateway/probe.py",
        "import aiokafka",
    ),
    "test helpers stay in tests": (
        "services/scheduler/src/flowyard_scheduler/probe.py",
        "import flowyard.testing",
    ),
}
"""An import that breaks each contract, and the module that holds it, keyed by the contract."""


def _lint(root: Path) -> subprocess.CompletedProcess[str]:
    """Check the contracts of a copy of the project, on that copy's own sources."""
    sources = [str(path) for path in sorted(root.glob("*/*/src"))]
    return subprocess.run(  # noqa: S603  # this interpreter, on this project's files
        [sys.executable, "-c", f"import sys; sys.path[:0] = {sources!r}; {LINT}", "--no-cache"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Copy what the contracts are about, for a test to break."""
    for module in modules("libs", "services"):
        target = tmp_path / module.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(module.read_bytes())
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    return tmp_path


def test_every_import_contract_holds() -> None:
    run = _lint(ROOT)

    assert run.returncode == 0, run.stdout + run.stderr


def test_every_contract_notices_the_import_that_it_forbids(copied: Path) -> None:
    for path, line in BROKEN.values():
        (copied / path).write_text(line + "\n", encoding="utf-8")

    run = _lint(copied)

    assert run.returncode == 1
    for contract in BROKEN:
        assert f"{contract} BROKEN" in run.stdout
