from typing import Any

import pytest

from flowyard_plugin_gateway.comparison import Operator, PatternError, compare, holds, matches


@pytest.mark.parametrize(
    ("found", "operator", "expected"),
    [
        (1, "==", 1.0),
        ([1, {"a": 2.0}], "==", [1.0, {"a": 2}]),
        (None, "==", None),
        (True, "!=", 1),
        ([True], "!=", [1]),
        ("1", "!=", 1),
        ([1], "!=", [1, 2]),
        ({"a": 1}, "!=", {"b": 1}),
        (2, "<", 2.5),
        (2, "<=", 2),
        (3, ">", 2),
        (3.0, ">=", 3),
        ("2031-05-01", "<", "2031-05-02"),
        ("all is ready", "contains", "ready"),
        ([1, "a"], "contains", 1.0),
        ({"ready": False}, "contains", "ready"),
        ("build-17", "matches", r"^build-\d+$"),
        ("a build", "matches", "build"),
        (None, "exists", None),
        (0, "exists", True),
    ],
)
def test_what_holds(found: Any, operator: Operator, expected: Any) -> None:
    assert holds(operator, found, expected)


@pytest.mark.parametrize(
    ("found", "operator", "expected"),
    [
        (True, "==", 1),
        ("1", "==", 1),
        (1, "!=", 1.0),
        (3, "<", 2),
        ("3", "<", 4),
        (True, "<", 2),
        (1, ">", False),
        (None, "<=", 0),
        ([1], "<", [2]),
        (17, "contains", 1),
        (["ready!"], "contains", "ready"),
        ("1", "contains", 1),
        (17, "matches", "17"),
        ("build", "matches", "^b$"),
        ("there", "exists", False),
    ],
)
def test_what_does_not_hold(found: Any, operator: Operator, expected: Any) -> None:
    assert not holds(operator, found, expected)


@pytest.mark.parametrize("operator", ["==", "!=", "<", "<=", ">", ">="])
def test_what_is_not_a_number_compares_with_nothing(operator: Any) -> None:
    assert not compare(operator, float("nan"), 1)


def test_infinity_compares_as_a_number() -> None:
    assert compare(">", float("inf"), 1e300)


def test_no_pattern_takes_longer_than_the_text_is_long() -> None:
    # A backtracking engine needs 2 ** 50_000 steps for this one.
    assert not matches("a" * 50_000 + "!", "^(a+)+$")


def test_what_is_no_pattern_is_told() -> None:
    with pytest.raises(PatternError, match="Expected a regular expression"):
        holds("matches", "text", "(")
