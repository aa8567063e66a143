"""Expressions pass secrets on and learn nothing of them."""

import pytest

from flowyard.engine.expressions import (
    ExpressionError,
    render,
)
from flowyard.engine.graph import JsonValue
from tests.unit.engine.expression_names import NAMES, refused


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("${secrets.KEY}", {"$secret": "KEY"}),
        ('${secrets["KEY"]}', {"$secret": "KEY"}),
        ("Bearer ${secrets.KEY}", {"$concat": ["Bearer ", {"$secret": "KEY"}]}),
        ("${secrets.A}${secrets.B}", {"$concat": [{"$secret": "A"}, {"$secret": "B"}]}),
        ("a${count}${secrets.A}b${count}", {"$concat": ["a3", {"$secret": "A"}, "b3"]}),
        ("${secrets.A if flag else secrets.B}", {"$secret": "A"}),
        ("${[secrets.A, {'k': secrets.B}]}", [{"$secret": "A"}, {"k": {"$secret": "B"}}]),
        ("${token}", {"$secret": "TOKEN"}),
        ("x ${header}", {"$concat": ["x Bearer ", {"$secret": "TOKEN"}]}),
        ("x ${sealed}", {"$concat": ["x ", {"$sealed": "gAAAA"}]}),
        ("${header}", {"$concat": ["Bearer ", {"$secret": "TOKEN"}]}),
    ],
)
def test_secrets_are_passed_on_as_references(text: str, result: JsonValue) -> None:
    assert render(text, NAMES) == result


@pytest.mark.parametrize(
    "expression",
    [
        "secrets.A + 'x'",
        "'x' + secrets.A",
        "secrets.A == 'x'",
        "'x' == token",
        "secrets.A or 'x'",
        "not secrets.A",
        "1 if token else 2",
        "len(token)",
        "str(secrets.A)",
        "str([secrets.A])",
        "json({'k': token})",
        "secrets.A.upper()",
        "secrets.A[0]",
        "token['$secret']",
        "token.get('$secret')",
        "[c for c in token]",
        "', '.join([secrets.A])",
        "secrets.A in 'abc'",
        "secrets.A in ['x']",
        "secrets.A is None",
        "secrets.A < secrets.B",
        "sorted([secrets.A, secrets.B])",
        "bool(token)",
        "any([token])",
        "{token: 1}",
        "{**token}",
        "-token",
        "version[token]",
        "['x'].index(token)",
        "[1 for x in hosts if token]",
        "secrets[version]",
        "secrets['K' + 'EY']",
        "secrets.get('KEY')",
        "secrets._hidden",
    ],
)
def test_nothing_may_look_at_a_secret_or_choose_one_by_data(expression: str) -> None:
    refused(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "{'$secret': 'X'}",
        "dict([['$secret', 'X']])",
        'parse_json(\'{"$secret": "X"}\')',
        "{k: 1 for k in ['$x']}",
        "{'a': {'$' + 'secret': 'X'}}",
    ],
)
def test_a_reference_cannot_be_forged(expression: str) -> None:
    assert "reserved" in refused(expression).reason


@pytest.mark.parametrize("text", ["all: ${[secrets.A]}", "all: ${ {'k': token} }"])
def test_what_holds_a_secret_does_not_become_text(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        render(text, NAMES)

    assert "secret" in caught.value.reason
