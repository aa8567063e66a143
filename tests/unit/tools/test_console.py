"""What tells that a bundle is the one that its sources make."""

import fcntl
import json
import os
import stat
import sys
from pathlib import Path

import pytest

from tests.support.project import ROOT
from tools.console.alone import alone
from tools.console.bundle import PACKAGES, SOURCES, Console
from tools.console.node import find_node


@pytest.fixture
def console(tmp_path: Path) -> Console:
    made = Console(tmp_path)
    (made.folder / "src").mkdir(parents=True)
    (made.folder / "src" / "main.tsx").write_text("start()")
    (made.folder / "package-lock.json").write_text("{}")
    return made


def _stamp(console: Console) -> None:
    console.bundle.mkdir(parents=True)
    (console.bundle / ".stamp").write_text(console.digest(*SOURCES, *PACKAGES))


def test_a_bundle_without_a_stamp_is_not_built(console: Console) -> None:
    console.bundle.mkdir(parents=True)

    assert not console.is_built


def test_a_bundle_is_built_until_a_source_or_the_lock_changes(console: Console) -> None:
    _stamp(console)
    before = console.is_built
    (console.folder / "src" / "main.tsx").write_text("startOtherwise()")
    after_source = console.is_built
    (console.folder / "src" / "main.tsx").write_text("start()")
    (console.folder / "package-lock.json").write_text("{ }")

    assert before
    assert not after_source
    assert not console.is_built


def test_time_tests_and_packages_are_no_part_of_what_a_bundle_is_made_from(
    console: Console,
) -> None:
    _stamp(console)

    os.utime(console.folder / "src" / "main.tsx", (0, 0))
    (console.folder / "src" / "main.test.ts").write_text("test()")
    (console.folder / "generator" / "node_modules").mkdir(parents=True)
    (console.folder / "generator" / "node_modules" / "x.js").write_text("x")

    assert console.is_built


def test_a_file_that_moves_makes_another_bundle(console: Console) -> None:
    _stamp(console)

    (console.folder / "src" / "main.tsx").rename(console.folder / "src" / "other.tsx")

    assert not console.is_built


def _fake_node(folder: Path, version: str) -> None:
    for name in ("node", "npm"):
        program = folder / name
        program.write_text(f"#!{sys.executable}\nprint('{version}')\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)


@pytest.mark.parametrize(
    ("version", "is_taken"),
    [("v22.12.0", True), ("v26.1.3", True), ("v22.11.9", False), ("v20.20.2", False)],
)
def test_node_on_the_path_is_taken_only_when_it_is_new_enough(
    version: str, *, is_taken: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fake_node(tmp_path, version)
    monkeypatch.setenv("PATH", str(tmp_path))

    found = find_node()

    assert (found is not None and found.program == tmp_path / "node") is is_taken


def test_a_broken_node_on_the_path_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fake_node(tmp_path, "what?")
    monkeypatch.setenv("PATH", str(tmp_path))

    found = find_node()

    assert found is None or found.program.parent != tmp_path


def test_the_console_names_its_packages_by_lower_bounds_and_locks_each() -> None:
    folder = ROOT / "services" / "console"
    named = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    locked = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    wanted = {**named["dependencies"], **named["devDependencies"]}

    assert [name for name, bound in wanted.items() if bound[0] not in "^~"] == []
    assert [name for name in wanted if "integrity" not in locked[f"node_modules/{name}"]] == []


def test_packages_are_installed_and_bundles_built_by_one_at_a_time(tmp_path: Path) -> None:
    with (
        alone(tmp_path),
        (tmp_path / ".cache" / "console.lock").open() as other,
        pytest.raises(BlockingIOError),
    ):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)

    with (tmp_path / ".cache" / "console.lock").open() as other:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
