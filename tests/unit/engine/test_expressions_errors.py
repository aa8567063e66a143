"""What is told of an expression that fails, and which results are failures."""

import pytest

from flowyard.engine.expressions import (
    ExpressionError,
    check,
    check_expression,
    render,
)
from flowyard.engine.graph import JsonValue
from tests.unit.engine.expression_names import NAMES, refused


@pytest.mark.parametrize(
    ("expression", "position", "part"),
    [
        ("count + nope", 8, "known name"),
        ("  'é' + versoin", 8, "perhaps 'version' is meant"),
        ("nodes.buidl.image", 6, "perhaps 'build' is meant"),
        ("1 + (hosts + 1)", 5, "a list and a number"),
        ("1 / 0", 0, "divisor"),
        ("hosts[9]", 0, "index"),
        ("count +", 7, "syntax"),
        ("count count", 6, "syntax"),
        ("(count", 6, "closing )"),
        ("count)", 5, "pairs"),
        ("'open", 0, "string to end"),
        ("", 0, "there is none"),
        ("   ", 0, "there is none"),
        ("len(count)", 0, "a number"),
        ("version.nope()", 0, "known method"),
        ("nope(1)", 0, "known function"),
        ("len()", 0, "arguments"),
        ("'a\\d'", 2, "escape"),
        ("count.x", 6, "an object before .x"),
        ("hosts['a']", 0, "a list and a text"),
        ("{1: 2}", 0, "text as the key"),
        ("int('x')", 0, "integer"),
        ("[a for a, b in [[1]]]", 0, "unpack"),
    ],
)
def test_errors_say_where_and_why(expression: str, position: int, part: str) -> None:
    error = refused(expression)

    assert error.code == "expression_failed"
    assert error.expression == expression
    assert part in error.reason
    assert error.position == position
    assert error.known_names == tuple(sorted(NAMES))


def test_errors_in_text_name_the_expression_alone() -> None:
    with pytest.raises(ExpressionError) as caught:
        render({"a": ["x ${ nope } y"]}, {"b": 1, "a": 2})

    assert caught.value.expression == " nope "
    assert caught.value.position == 1
    assert caught.value.known_names == ("a", "b")


def test_errors_show_no_data() -> None:
    names = {"password": "hunter2", "data": {"k": 1}}

    for expression in ("int(password)", "data[password]", "password + 1", "[1].index(password)"):
        assert "hunter2" not in refused(expression, names).reason


@pytest.mark.parametrize(
    "value",
    [
        2**64,
        -(2**63) - 1,
        "\0",
        "\ud800",
        [[2**70]],
        {"a": "\ud800"},
        {"\0": 1},
        {1: 2},
        float("nan"),
        float("inf"),
        {"$a": 1, "b": 2},
        b"x",
        {1, 2},
        pytest.param(object(), id="object"),
        len,
    ],
    ids=str,
)
def test_results_that_json_or_the_database_cannot_hold_are_refused(value: object) -> None:
    refused("x", {"x": value})


def test_check_finds_every_problem_with_its_place() -> None:
    value: JsonValue = {
        "good": "${a}",
        "list": ["x", "a ${1 +} b ${lambda: 1}"],
        "open": "text ${a",
        "escaped": "$${1 +}",
    }

    problems = check(value)

    assert [(p.path, p.offset, p.position, p.expression) for p in problems] == [
        (("list", 1), 4, 3, "1 +"),
        (("list", 1), 13, 0, "lambda: 1"),
        (("open",), 7, 1, "a"),
    ]
    assert check(["${a.b}", 1, None]) == ()
    assert check_expression("a.b > 1") == ()
    assert check_expression("a._b")[0].reason.endswith("underscore")
