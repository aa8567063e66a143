"""docs/failures.md: every row is shown by tests that exist, and no part is left out."""

import ast
import re
from dataclasses import dataclass
from functools import cache

import pytest

from tests.support.project import ROOT

PAGE = ROOT / "docs" / "failures.md"
PROCESSES = ("API", "Scheduler", "Worker", "Plugin gateway")
HAPPENS_TO_PROCESSES = ("killed", "stopped", "restarted", "slow")
SERVERS = {
    "Kafka": ("down", "rebuilt", "disk"),
    "Postgres": ("down", "restarted", "disk", "fails over", "restored"),
}
PARTS = (
    *PROCESSES,
    *SERVERS,
    "Links and clocks",
    "Records, templates and rows",
    "Plugins",
    "Third parties and callbacks",
    "Load",
    "Upgrades",
    "Secrets",
    "People",
)
COLUMNS = 4
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


@dataclass(frozen=True)
class Row:
    part: str
    fails: str
    tests: tuple[tuple[str, str], ...]


def _rows() -> list[Row]:
    rows: list[Row] = []
    part = ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            part = line.removeprefix("## ")
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        is_row = line.startswith("| ") and not cells[0].startswith(("---", "what fails"))
        if is_row:
            assert len(cells) == COLUMNS, line
            rows.append(Row(part, cells[0], tuple(NAMED.findall(cells[-1]))))
    return rows


ROWS = _rows()


@cache
def _tests_of(path: str) -> frozenset[str]:
    module = ROOT / path
    if not module.exists():
        return frozenset()
    found = ast.walk(ast.parse(module.read_text(encoding="utf-8")))
    return frozenset(
        node.name for node in found if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def _fails(part: str) -> list[str]:
    return [row.fails for row in ROWS if row.part == part]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.part}: {row.fails}")
def test_a_row_names_tests_that_exist(row: Row) -> None:
    assert row.tests, f"no test shows {row.fails}"
    assert [f"{path}::{name}" for path, name in row.tests if name not in _tests_of(path)] == []


def test_every_part_has_rows_and_no_other_has() -> None:
    assert {row.part for row in ROWS} == set(PARTS)


@pytest.mark.parametrize("process", PROCESSES)
@pytest.mark.parametrize("what", HAPPENS_TO_PROCESSES)
def test_every_process_is_killed_stopped_restarted_and_slow(process: str, what: str) -> None:
    assert any(what in fails for fails in _fails(process))


@pytest.mark.parametrize(
    ("server", "what"), [(server, what) for server, all_of in SERVERS.items() for what in all_of]
)
def test_every_server_fails_in_each_of_its_ways(server: str, what: str) -> None:
    assert any(what in fails for fails in _fails(server))


def test_what_is_said_to_fail_is_said_once() -> None:
    named = [(row.part, row.fails) for row in ROWS]

    assert len(named) == len(set(named))
