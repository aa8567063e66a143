import pytest
from pydantic import ValidationError

from flowyard_api.models.commands import CancelOptions, InstanceSelection, NewPriority, NewTime
from flowyard_api.models.shapes import RequestModel

TAKEN: dict[str, tuple[type[RequestModel], dict[str, object]]] = {
    "an integer": (NewPriority, {"priority": 8}),
    "an integer as JSON may write it": (NewPriority, {"priority": 8.0}),
    "a number without a fraction": (NewTime, {"after_seconds": 600}),
    "a boolean": (CancelOptions, {"rollback": True}),
    "a boolean below": (InstanceSelection, {"filter": {"is_mock": True}}),
}
REFUSED: dict[str, tuple[type[RequestModel], dict[str, object]]] = {
    "text for an integer": (NewPriority, {"priority": "8"}),
    "a boolean for an integer": (NewPriority, {"priority": True}),
    "a fraction for an integer": (NewPriority, {"priority": 8.5}),
    "text for a number": (NewTime, {"after_seconds": "600"}),
    "a boolean for a number": (NewTime, {"after_seconds": False}),
    "a number for a boolean": (CancelOptions, {"rollback": 0}),
    "a number for a boolean below": (InstanceSelection, {"filter": {"is_mock": 0}}),
}


@pytest.mark.parametrize("name", TAKEN)
def test_a_body_takes(name: str) -> None:
    model, body = TAKEN[name]

    assert model.model_validate(body).model_dump(exclude_unset=True) == body


@pytest.mark.parametrize("name", REFUSED)
def test_a_body_does_not_take(name: str) -> None:
    model, body = REFUSED[name]

    with pytest.raises(ValidationError):
        model.model_validate(body)


def test_the_schema_says_integer_as_before() -> None:
    schema = NewPriority.model_json_schema()["properties"]["priority"]

    assert (schema["type"], schema["minimum"], schema["maximum"]) == ("integer", 0, 9)
