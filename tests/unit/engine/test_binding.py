"""Inputs fit their types, or are refused with what was expected and where."""

import pytest

from flowyard.engine.binding import bind_inputs, visibility_cycle
from flowyard.engine.graph import InputSpec, JsonValue, Option, VariableType

OPTIONS = (Option(value="eu", label="Europe"), Option(value=2), Option(value=True))
COLUMNS = (
    InputSpec(name="host"),
    InputSpec(name="port", type=VariableType.INTEGER, is_required=False, default=22),
)
NAME_OF_A_SECRET: JsonValue = {"secret": "DEPLOY_TOKEN"}
TWO_ROWS: JsonValue = [{"host": "a"}, {"host": "b", "port": 80}]


def spec(kind: VariableType) -> InputSpec:
    return InputSpec(
        name="x",
        type=kind,
        options=OPTIONS if kind in (VariableType.SELECT, VariableType.MULTI_SELECT) else (),
        columns=COLUMNS if kind is VariableType.TABLE else (),
    )


def refusals(one: InputSpec, value: JsonValue) -> list[str]:
    return [problem.message for problem in bind_inputs((one,), {"x": value}).problems]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (VariableType.STRING, "a"),
        (VariableType.TEXT, "a\nb"),
        (VariableType.INTEGER, 3),
        (VariableType.NUMBER, 3),
        (VariableType.NUMBER, 3.5),
        (VariableType.BOOLEAN, False),
        (VariableType.SELECT, "eu"),
        (VariableType.SELECT, 2),
        (VariableType.SELECT, True),
        (VariableType.MULTI_SELECT, []),
        (VariableType.MULTI_SELECT, ["eu", 2]),
        (VariableType.DATE, "2028-02-29"),
        (VariableType.DATETIME, "2026-01-31T08:00:00+01:00"),
        (VariableType.DATETIME, "2026-01-31T08:00Z"),
        (VariableType.TIME, "00:00"),
        (VariableType.TIME, "23:59:59"),
        (VariableType.JSON, None),
        (VariableType.JSON, "a"),
        (VariableType.LIST, [1, "a"]),
        (VariableType.OBJECT, {"a": 1}),
        (VariableType.HOST_LIST, ["web-1.example", "10.0.0.1", "fe80::1", "localhost"]),
        (VariableType.USER_LIST, ["ada", "o.hara@example.com", "\u674e\u56db"]),
    ],
)
def test_a_value_of_its_type_is_taken_as_it_is(kind: VariableType, value: JsonValue) -> None:
    bound = bind_inputs((spec(kind),), {"x": value})

    assert bound.problems == ()
    assert bound.values == {"x": value}


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (VariableType.STRING, 1, "of type string"),
        (VariableType.TEXT, None, "of type text"),
        (VariableType.INTEGER, True, "of type integer"),
        (VariableType.INTEGER, 1.5, "of type integer"),
        (VariableType.NUMBER, "1", "of type number"),
        (VariableType.BOOLEAN, 1, "of type boolean"),
        (VariableType.SELECT, "us", "one of eu, 2, True"),
        (VariableType.SELECT, 1, "one of eu, 2, True"),
        (VariableType.SELECT, ["eu"], "one of its options"),
        (VariableType.MULTI_SELECT, "eu", "of type multi_select"),
        (VariableType.DATE, "2026-02-29", "a date such as 2026-01-31"),
        (VariableType.DATE, "20260131", "a date such as 2026-01-31"),
        (VariableType.DATE, "\u0662026-01-31", "a date such as 2026-01-31"),
        (VariableType.TIME, "24:00", "a time of day such as 08:00"),
        (VariableType.TIME, "08:00+01:00", "a time of day such as 08:00"),
        (VariableType.TABLE, {"host": "a"}, "a table: a list of objects"),
        (VariableType.LIST, {"a": 1}, "of type list"),
        (VariableType.OBJECT, [1], "of type object"),
        (VariableType.HOST_LIST, "a,b", "of type host_list"),
        (VariableType.USER_LIST, "ada", "of type user_list"),
    ],
)
def test_a_value_of_another_type_is_refused(
    kind: VariableType, value: JsonValue, expected: str
) -> None:
    assert refusals(spec(kind), value) == [f"Expected input x to be {expected}, but it is not"]


@pytest.mark.parametrize("value", ["2026-01-31T08:00:00", "2026-01-31", "2026-01-31T25:00:00Z"])
def test_a_datetime_needs_its_offset(value: str) -> None:
    (message,) = refusals(spec(VariableType.DATETIME), value)

    assert "with its offset from UTC" in message


@pytest.mark.parametrize(
    ("kind", "value", "place"),
    [
        (VariableType.MULTI_SELECT, ["eu", "us"], "item 2 of input x"),
        (VariableType.MULTI_SELECT, ["eu", "eu"], "item 2 of input x"),
        (VariableType.HOST_LIST, ["a", "-b"], "item 2 of input x"),
        (VariableType.HOST_LIST, ["10.0.0.256"], "item 1 of input x"),
        (VariableType.HOST_LIST, ["a b"], "item 1 of input x"),
        (VariableType.HOST_LIST, [1], "item 1 of input x"),
        (VariableType.USER_LIST, ["ada, bob"], "item 1 of input x"),
        (VariableType.TABLE, ["a"], "row 1 of input x"),
        (VariableType.TABLE, [{"host": "a"}, {"host": 1}], "column host in row 2 of input x"),
        (VariableType.TABLE, [{"port": 1}], "column host in row 1 of input x"),
        (VariableType.TABLE, [{"host": "a", "user": "b"}], "column user in row 1 of input x"),
    ],
)
def test_a_wrong_item_is_told_with_its_place(
    kind: VariableType, value: JsonValue, place: str
) -> None:
    (problem,) = bind_inputs((spec(kind),), {"x": value}).problems

    assert problem.code == "invalid_input"
    assert problem.message.startswith(f"Expected {place} to be ")
    assert problem.path


def test_rows_get_the_defaults_of_columns_that_they_leave_out() -> None:
    bound = bind_inputs((spec(VariableType.TABLE),), {"x": TWO_ROWS})

    assert bound.values == {"x": [{"host": "a", "port": 22}, {"host": "b", "port": 80}]}


def test_only_the_first_mistakes_of_a_long_table_are_told() -> None:
    bound = bind_inputs((spec(VariableType.TABLE),), {"x": [{}] * 1000})

    assert len(bound.problems) == 20


@pytest.mark.parametrize(
    ("one", "value", "expected"),
    [
        (InputSpec(name="x", min_length=2), "a", "at least 2 characters long"),
        (InputSpec(name="x", max_length=1), "ab", "at most 1 character long"),
        (InputSpec(name="x", pattern="a+"), "b", "text that matches a+"),
        (InputSpec(name="x", pattern="a+", pattern_message="some a"), "b", "some a"),
        (InputSpec(name="x", type=VariableType.NUMBER, minimum=2), 1, "at least 2"),
        (InputSpec(name="x", type=VariableType.JSON, maximum=2), 3, "at most 2"),
        (InputSpec(name="x", choices=("a", "b")), "c", "one of a, b"),
        (
            InputSpec(name="x", type=VariableType.LIST, min_items=1),
            [],
            "a list of at least 1 item",
        ),
        (
            InputSpec(name="x", type=VariableType.HOST_LIST, max_items=1),
            ["a", "b"],
            "a list of at most 1 item",
        ),
    ],
)
def test_a_value_out_of_bounds_is_refused(one: InputSpec, value: JsonValue, expected: str) -> None:
    assert refusals(one, value) == [f"Expected input x to be {expected}, but it is not"]


def test_a_password_is_the_name_of_a_secret_and_becomes_a_reference() -> None:
    bound = bind_inputs((spec(VariableType.PASSWORD),), {"x": NAME_OF_A_SECRET})

    assert bound.values == {"x": {"$secret": "DEPLOY_TOKEN"}}


@pytest.mark.parametrize(
    "value", ["hunter2", {"secret": 1}, {"secret": "a b"}, {"secret": "A", "more": 1}, {}]
)
def test_a_password_is_never_the_secret_itself(value: JsonValue) -> None:
    (message,) = refusals(spec(VariableType.PASSWORD), value)

    assert "the name of a stored secret" in message
    assert "hunter2" not in message


REFERENCES: list[JsonValue] = [
    {"$secret": "A"},
    {"$sealed": "token"},
    {"$concat": ["a", {"$secret": "A"}]},
]


@pytest.mark.parametrize("value", REFERENCES)
def test_a_reference_is_taken_from_an_expression_and_never_from_a_person(value: JsonValue) -> None:
    one = (spec(VariableType.PASSWORD),)

    by_person = bind_inputs(one, {"x": value})
    by_expression = bind_inputs(one, {"x": value}, are_references_trusted=True)

    assert [problem.code for problem in by_person.problems] == ["reserved_key"]
    assert (by_expression.values, by_expression.problems) == ({"x": value}, ())


def test_only_a_password_takes_a_reference() -> None:
    bound = bind_inputs(
        (spec(VariableType.JSON),), {"x": {"$secret": "A"}}, are_references_trusted=True
    )

    assert [problem.code for problem in bound.problems] == ["reserved_key"]


def test_the_default_of_a_password_becomes_a_reference_too() -> None:
    one = InputSpec(
        name="x", type=VariableType.PASSWORD, is_required=False, default=NAME_OF_A_SECRET
    )

    assert bind_inputs((one,), {}).values == {"x": {"$secret": "DEPLOY_TOKEN"}}


def test_an_input_that_is_not_shown_has_its_default_and_takes_nothing() -> None:
    one = InputSpec(name="x", is_required=False, default="fixed", is_shown=False)

    assert bind_inputs((one,), {}).values == {"x": "fixed"}
    (problem,) = bind_inputs((one,), {"x": "other"}).problems
    assert problem.code == "hidden_input"


MODE = InputSpec(name="mode", is_required=False, default="simple")
DETAIL = InputSpec(name="detail", visible_when="mode == 'expert'")


def test_an_input_out_of_sight_is_not_required_and_has_its_default() -> None:
    bound = bind_inputs((DETAIL, MODE), {})

    assert bound.problems == ()
    assert bound.values == {"detail": None, "mode": "simple"}


def test_an_input_in_sight_is_required() -> None:
    (problem,) = bind_inputs((DETAIL, MODE), {"mode": "expert"}).problems

    assert (problem.name, problem.code) == ("detail", "missing_input")


def test_what_was_given_for_an_input_out_of_sight_is_passed_over() -> None:
    bound = bind_inputs((DETAIL, MODE), {"detail": 17})

    assert bound.problems == ()
    assert bound.values["detail"] is None


def test_visibility_follows_from_visibility() -> None:
    deeper = InputSpec(name="deeper", default="d", is_required=False, visible_when="detail == 'x'")

    shown = bind_inputs((deeper, DETAIL, MODE), {"mode": "expert", "detail": "x", "deeper": "y"})
    hidden = bind_inputs((deeper, DETAIL, MODE), {"detail": "x", "deeper": "y"})

    assert shown.values == {"deeper": "y", "detail": "x", "mode": "expert"}
    assert hidden.values == {"deeper": "d", "detail": None, "mode": "simple"}


def test_a_condition_that_fails_is_told_with_expression_position_and_names() -> None:
    one = InputSpec(name="x", visible_when="mode > 3")

    (problem,) = bind_inputs((MODE, one), {}).problems

    assert problem.code == "invalid_visibility"
    assert "of ${mode > 3}; known names: mode)" in problem.message


def test_a_mistake_is_not_told_again_for_what_depends_on_it() -> None:
    bound = bind_inputs((DETAIL, MODE), {"mode": 3})

    assert [problem.name for problem in bound.problems] == ["mode"]


def test_problems_come_in_the_order_of_the_inputs() -> None:
    bound = bind_inputs((DETAIL, MODE, InputSpec(name="z")), {"mode": "expert"})

    assert [problem.name for problem in bound.problems] == ["detail", "z"]


def test_a_circle_of_visibility_is_found_and_never_bound() -> None:
    one = InputSpec(name="a", visible_when="b == 1")
    other = InputSpec(name="b", visible_when="a == 1")

    assert set(visibility_cycle((one, other))) == {"a", "b"}
    assert visibility_cycle((MODE, DETAIL)) == ()
    assert bind_inputs((one, other), {"a": "1", "b": "1"}).problems
