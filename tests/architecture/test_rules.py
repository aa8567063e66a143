"""The rules that must always hold: each has a test that names it."""

import ast
import re

import pytest

from tests.support.project import modules

RULES = {
    1: "the scheduler alone writes status, guarded by the revision",
    2: "Postgres is the truth, whatever Kafka does",
    3: "whatever waits has a reason and a time, and nothing is stuck",
    4: "a fact about a closed attempt or an older step changes nothing",
    5: "a runner is alive by its lease, and nothing runs twice",
    6: "deciding is pure",
    7: "facts for other instances are commands of the same transaction",
    8: "repair costs what is overdue, and a takeover publishes once",
    9: "finished means clean",
    10: "no queue is unbounded",
    11: "secrets are references",
    12: "one bad thing stops no others",
    13: "an idempotency key stands for one write",
}
NAMED = re.compile(r"test_rule_(\d+)_\w+")


def _tests() -> dict[int, list[str]]:
    """Return the tests that name a rule, by rule."""
    found: dict[int, list[str]] = {}
    for module in modules("tests"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            named = NAMED.fullmatch(node.name)
            if named is not None:
                found.setdefault(int(named[1]), []).append(node.name)
    return found


TESTS = _tests()


@pytest.mark.parametrize("rule", RULES, ids=RULES.get)
def test_a_rule_has_a_test_that_names_it(rule: int) -> None:
    assert TESTS.get(rule), f"rule {rule}, {RULES[rule]}, has no test_rule_{rule}_..."


def test_no_test_names_a_rule_that_there_is_not() -> None:
    assert TESTS.keys() - RULES.keys() == set()
