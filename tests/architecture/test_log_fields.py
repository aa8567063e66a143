"""Whoever logs says only what the closed list of fields knows."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowyard.telemetry.log_fields import FIELDS

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path for folder in ("libs", "services") for path in (ROOT / folder).glob("*/src/**/*.py")
)
MEANWHILE = {"TRACEPARENT"}
"""Facts that become others before a line is written."""


def _given(path: Path) -> Iterator[tuple[str, int]]:
    """Yield the names that a module adds to log lines, with their lines of code."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        is_log = isinstance(node, ast.keyword) and node.arg == "extra"
        is_facts = isinstance(node, ast.FunctionDef) and node.name in ("log_facts", "facts_of")
        if is_log or is_facts:
            for one in ast.walk(node):
                for key in one.keys if isinstance(one, ast.Dict) else ():
                    if isinstance(key, ast.Constant):
                        yield str(key.value), key.lineno
                    elif isinstance(key, ast.Name) and key.id not in MEANWHILE:
                        yield key.id, key.lineno


def test_every_fact_in_a_log_line_is_on_the_closed_list() -> None:
    given = {
        f"{path.relative_to(ROOT)}:{line}": name
        for path in SOURCES
        for name, line in _given(path)
        if name not in FIELDS
    }

    assert given == {}


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_every_field_of_the_closed_list_is_used(name: str) -> None:
    quoted = f'"{name}"'
    users = [path for path in SOURCES if quoted in path.read_text(encoding="utf-8")]

    assert [path for path in users if path.name != "log_fields.py"]
