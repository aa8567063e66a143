from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowyard.engine.boolrule import QUIRKS, BoolRuleError, evaluate_boolrule, quirks

HOLDS = [
    "*",
    "7 == 7",
    "7 == '7'",
    "'7.25' == 7.25",
    "7.9 == 7",
    "7 == 7.9",
    "+7 != -7",
    "2. < 2.5e1",
    "True == 1",
    "FALSE == 0",
    "'0' == false",
    "name == 'name'",
    "${left_over} == '${left_over}'",
    "a.b == 'a.b'",
    "'b' in 'abc'",
    "'b' in('a', \"b\")",
    "3 in ('3', 'x')",
    "'3' in (3, 4)",
    "3 NOTIN ('4', 'x')",
    "true in (1, 2)",
    "('a', 'b') issuperset 'a'",
    "'abc' issuperset ('abc')",
    "('a', 'b') notissuperset ('a', 'c')",
    "(1, 2) == (1, 2)",
    "(7) == '[7]'",
    "('1'=='1')and('2'=='2')",
    "1 == 2 or 2 == 2",
    "1 == 1 or 1 == 2 and 1 == 2",
    "((1 == 1) AND (2 == 2)) Or 1 == 2",
    "1 == 1\n\tand 2 == 2",
    r"'a\tb' == 'a\tb'",
]

HOLDS_NOT = [
    "1.5 > 1",
    "'10' > '9'",
    "'True' == True",
    "True == 'true'",
    "7 == '7a'",
    "1 == 2 and 1 == 1 or 1 == 1",
    "1.5 in (1, 2)",
    "'a' in ('ab')",
    "(7) == 7",
    "(a) in (a)",
]

FAILS = [
    "",
    " *",
    "true",
    "7",
    "not 1 == 1",
    "1 + 1 == 2",
    "1 = 1",
    "1 <> 1",
    "1 == 1 and",
    "1 == 1and 2 == 2",
    "1 == 1 or rest",
    "(1 == 1",
    "1 == 1)",
    "() == ()",
    "((1, 2)) == 1",
    "len(x) == 1",
    "['a'] == 'a'",
    "truest == 1",
    "a. == 'a'",
    "__a == 1",
    "1e3 == 1000",
    "'it''s' == 'x'",
    "'two\nlines' == 'x'",
    "\u4e2d == 1",
    "'1.5' > 1",
    "'a' < 1",
    "1 in 1",
    "1 in 'abc'",
    "1 issuperset (1)",
    "(1, 'a') < (1, 2)",
    "9" * 5000 + " == 1",
    "(" * 60 + "1 == 1" + ")" * 60,
    "1 == 1 or " * 1000 + "1 == 1",
]


@pytest.mark.parametrize("condition", HOLDS)
def test_it_holds(condition: str) -> None:
    assert evaluate_boolrule(condition, {"left_over": "${left_over}"}) is True


@pytest.mark.parametrize("condition", HOLDS_NOT)
def test_it_does_not_hold(condition: str) -> None:
    assert evaluate_boolrule(condition, {}) is False


@pytest.mark.parametrize("condition", FAILS)
def test_what_cannot_be_read_or_compared_fails(condition: str) -> None:
    with pytest.raises(BoolRuleError):
        evaluate_boolrule(condition, {})


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        ("${x} == True", True),
        ("'${x}' == 'None'", None),
        ("${x} == 3", 3),
        ("'${x}' == '2.5'", 2.5),
        ('"${x}" == "[\'a\', True]"', ["a", True]),
        ('"${x}" == "{\'a\': None}"', {"a": None}),
        ("${int(x) + 1} == 6", "5"),
        ("'${ x }' == 'two\\nlines'", "two\nlines"),
        ("'${x}' == 'C:\\temp\\new'", r"C:\temp\new"),
        ("${x}", "1 == 1"),
        ("${x}", "*"),
    ],
)
def test_values_are_put_in_as_python_writes_them(condition: str, value: Any) -> None:
    assert evaluate_boolrule(condition, {"x": value}) is True


def test_a_name_that_is_not_known_fails_with_its_place() -> None:
    with pytest.raises(BoolRuleError) as caught:
        evaluate_boolrule("1 == ${absent}", {"present": 1})

    assert caught.value.code == "condition_failed"
    assert caught.value.position == 7


def test_what_bamboos_templates_do_not_take_for_an_expression_stays_as_it_is() -> None:
    assert evaluate_boolrule("'${}' == '${}'", {}) is True


def test_a_secret_cannot_be_looked_at() -> None:
    reference = {"deep": [{"$secret": "TOKEN"}]}

    with pytest.raises(BoolRuleError, match="secret"):
        evaluate_boolrule("'${x}' == ''", {"x": reference})


def test_what_follows_a_settled_chain_is_not_compared() -> None:
    assert evaluate_boolrule("1 == 1 or 'a' < 1", {}) is True
    assert evaluate_boolrule("1 == 2 and 'a' < 1", {}) is False


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("*", ()),
        ('"${key}" == "text"', ()),
        ("${count} >= 3", ()),
        ("${done} == True", ()),
        ("${key} in (1, 2)", ()),
        ("(1 == 1 and 2 == 2) or 3 == 3", ()),
        ("1 == 1 and 2 == 2 or 3 == 3", ("mixed_and_or",)),
        ("${load} > 1.5", ("number_cut",)),
        ("'${count}' > 3", ("text_as_number",)),
        ("'${count}' > '3'", ("text_order",)),
        ("True == 1", ("truth_as_number",)),
        ("word == 1", ("bare_word",)),
        ("${key} == 'text'", ("bare_reference",)),
        ("'a' in '${text}'", ("part_of_text",)),
        ("(1, 2) == 1", ("list_as_text",)),
        (r"'${path}' == 'C:\temp'", ("escape_in_text",)),
        ("${len(items)}0 == 10", ("shape_depends_on_values",)),
    ],
)
def test_quirky_forms_are_named(condition: str, expected: tuple[str, ...]) -> None:
    assert quirks(condition) == expected
    assert set(expected) <= set(QUIRKS)


def test_what_can_never_be_read_has_no_quirks_but_an_error() -> None:
    with pytest.raises(BoolRuleError):
        quirks("1 =< 2")


@given(st.text(alphabet="01a'\"()=<>in. andortrue,${}\\t*", max_size=60))
def test_whatever_is_written_gives_an_answer_or_the_rooms_own_error(condition: str) -> None:
    for ask in (lambda: evaluate_boolrule(condition, {"a": 1}), lambda: quirks(condition)):
        with suppress(BoolRuleError):
            ask()
