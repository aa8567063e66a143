from pathlib import Path

import pytest

from flowyard.engine.graph import InputSpec, JsonValue, Option, VariableType
from flowyard_cli.errors import UsageError
from flowyard_cli.variables import (
    holds_reference,
    parse_loose,
    parse_object,
    parse_pairs,
    parse_variables,
    typed,
)


def spec(kind: VariableType, *, is_required: bool = False) -> InputSpec:
    return InputSpec(name="x", type=kind, is_required=is_required)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (VariableType.STRING, "12", "12"),
        (VariableType.STRING, "", ""),
        (VariableType.INTEGER, "12", 12),
        (VariableType.INTEGER, "-3", -3),
        (VariableType.NUMBER, "12", 12),
        (VariableType.NUMBER, "0.5", 0.5),
        (VariableType.BOOLEAN, "true", True),
        (VariableType.BOOLEAN, "No", False),
        (VariableType.LIST, '["a", 1]', ["a", 1]),
        (VariableType.OBJECT, '{"a": 1}', {"a": 1}),
        (VariableType.JSON, "null", None),
    ],
)
def test_a_value_gets_the_type_of_its_input(
    kind: VariableType, text: str, value: JsonValue
) -> None:
    assert typed(spec(kind), text) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (VariableType.INTEGER, "1.5"),
        (VariableType.INTEGER, "many"),
        (VariableType.NUMBER, "nan"),
        (VariableType.NUMBER, "a lot"),
        (VariableType.BOOLEAN, "maybe"),
        (VariableType.LIST, '{"a": 1}'),
        (VariableType.OBJECT, "[1]"),
        (VariableType.JSON, "{"),
    ],
)
def test_a_value_that_does_not_fit_its_input_is_refused(kind: VariableType, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        typed(spec(kind), text)

    assert "'x'" in str(caught.value)
    assert kind in str(caught.value) or kind is VariableType.JSON


def test_a_value_after_an_at_sign_is_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "value.txt"
    file.write_text("from a file")

    found = parse_variables([f"x=@{file}"], [spec(VariableType.STRING)])

    assert found == {"x": "from a file"}


def test_two_at_signs_stand_for_one() -> None:
    assert parse_variables(["x=@@home"], [spec(VariableType.STRING)]) == {"x": "@home"}


def test_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match="no-such-file"):
        parse_variables(["x=@/no-such-file"], [spec(VariableType.STRING)])


def test_an_unknown_input_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"'y'.*x \(string\)"):
        parse_variables(["y=1"], [spec(VariableType.STRING)])


def test_a_missing_required_input_is_refused() -> None:
    with pytest.raises(UsageError, match="--var x="):
        parse_variables([], [spec(VariableType.STRING, is_required=True)])


@pytest.mark.parametrize("pair", ["novalue", "=1", " =1"])
def test_what_is_no_pair_is_refused(pair: str) -> None:
    with pytest.raises(UsageError, match="--label key=value"):
        parse_pairs([pair], "--label")


def test_the_first_equals_sign_divides_a_pair() -> None:
    assert parse_pairs(["a=b=c"], "--label") == {"a": "b=c"}


def test_loose_values_are_json_where_they_can_be() -> None:
    assert parse_loose(["a=1", "b=text", "c=[1]"]) == {"a": 1, "b": "text", "c": [1]}


def test_an_object_is_taken_as_json_or_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "inputs.json"
    file.write_text('{"a": 1}')

    assert parse_object('{"a": 1}', "--inputs") == parse_object(f"@{file}", "--inputs") == {"a": 1}


@pytest.mark.parametrize("text", ["[1]", "{", "word"])
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--inputs"):
        parse_object(text, "--inputs")


def test_references_to_secrets_are_seen_at_any_depth() -> None:
    assert holds_reference({"auth": [{"token": {"$secret": "X"}}]})
    assert not holds_reference({"auth": [{"token": "$secret"}]})


OPTIONS = (Option(value="eu", label="Europe"), Option(value=2), Option(value=True))


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (VariableType.TEXT, "a\nb\n", "a\nb\n"),
        (VariableType.DATE, " 2026-01-31 ", "2026-01-31"),
        (VariableType.SELECT, "eu", "eu"),
        (VariableType.SELECT, "Europe", "eu"),
        (VariableType.SELECT, "2", 2),
        (VariableType.SELECT, "true", True),
        (VariableType.SELECT, "us", "us"),
        (VariableType.MULTI_SELECT, "eu, 2", ["eu", 2]),
        (VariableType.MULTI_SELECT, '["Europe", true]', ["eu", True]),
        (VariableType.MULTI_SELECT, "", []),
        (VariableType.HOST_LIST, "web-1 10.0.0.1,\nweb-2", ["web-1", "10.0.0.1", "web-2"]),
        (VariableType.USER_LIST, '["ada", "bob"]', ["ada", "bob"]),
        (VariableType.PASSWORD, "secret:DEPLOY_TOKEN", {"secret": "DEPLOY_TOKEN"}),
        (VariableType.TABLE, '[{"port": 80}]', [{"port": 80}]),
    ],
)
def test_a_value_is_read_as_its_form_would_give_it(
    kind: VariableType, text: str, value: JsonValue
) -> None:
    one = InputSpec(name="x", type=kind, options=OPTIONS)

    assert typed(one, text) == value
    assert type(typed(one, text)) is type(value)


@pytest.mark.parametrize("text", ["hunter2", "secret:", "password:X"])
def test_a_password_that_is_no_secrets_name_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(UsageError, match="Expected secret:NAME") as caught:
        typed(spec(VariableType.PASSWORD), text)

    assert "hunter2" not in str(caught.value)


def test_what_may_be_out_of_sight_need_not_be_given() -> None:
    hidden = InputSpec(name="x", is_shown=False)
    perhaps = InputSpec(name="y", visible_when="z == 1")

    assert parse_variables([], [hidden, perhaps]) == {}
