import base64
from typing import Any

import pytest
from pydantic import JsonValue

from flowyard.errors import PermanentError
from flowyard.storage.sealing import Sealer, new_key
from flowyard.telemetry.masking import MASK
from flowyard_plugin_gateway.references import (
    Disclosed,
    Resolver,
    seal_disclosed,
    sealed,
    secret_names,
)

SEALER = Sealer(new_key())
SECRET = "correct horse"  # noqa: S105 - made up


def resolve(value: JsonValue, disclosed: Disclosed | None = None) -> JsonValue:
    told = Disclosed() if disclosed is None else disclosed
    return Resolver({"A": SECRET, "PIN": "17"}, SEALER, told).resolve(value)


def opened() -> Disclosed:
    disclosed = Disclosed()
    resolve([{"$secret": "A"}, {"$secret": "PIN"}], disclosed)
    return disclosed


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"$secret": "A"}, SECRET),
        ({"deep": [{"$secret": "A"}, 1]}, {"deep": [SECRET, 1]}),
        ({"$concat": ["Bearer ", {"$secret": "A"}]}, f"Bearer {SECRET}"),
        ({"$concat": [{"$sealed": SEALER.seal({"a": 1})}, "!"]}, '{"a":1}!'),
        ({"$sealed": SEALER.seal([1, "two"])}, [1, "two"]),
        ({"plain": None}, {"plain": None}),
    ],
)
def test_rule_11_references_are_replaced_by_what_they_stand_for(
    value: JsonValue, expected: JsonValue
) -> None:
    assert resolve(value) == expected


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({"$secret": "B"}, "unknown_secret"),
        ({"$secret": 1}, "invalid_reference"),
        ({"$sealed": "x"}, "invalid_reference"),
        ({"$sealed": None}, "invalid_reference"),
        ({"$concat": "x"}, "invalid_reference"),
        ({"$secret": "A", "other": 1}, "reserved_key"),
        ({"$ref": "#/x"}, "reserved_key"),
    ],
)
def test_malformed_references_are_refused(value: JsonValue, code: str) -> None:
    with pytest.raises(PermanentError) as caught:
        resolve(value)

    assert caught.value.code == code


def test_the_names_of_all_secrets_are_found_wherever_they_stand() -> None:
    value = {"a": {"$secret": "A"}, "b": [{"$concat": ["x", {"$secret": "B"}]}], "c": "$secret"}

    assert secret_names(value) == {"A", "B"}


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        f"say {SECRET}!",
        "say correct%20horse!",
        base64.b64encode(SECRET.encode()).decode(),
    ],
)
def test_rule_11_a_disclosed_secret_is_found_in_its_common_forms(text: str) -> None:
    disclosed = opened()

    assert disclosed.is_in(text)
    assert MASK in disclosed.mask(text)
    assert "horse" not in disclosed.mask(text)


def test_a_short_secret_is_found_only_where_it_is_the_whole_value() -> None:
    disclosed = opened()

    assert disclosed.is_in("17")
    assert not disclosed.is_in("page 17 of 20")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": SECRET, "b": "else"}, {"a": {"$sealed": SECRET}, "b": "else"}),
        (["x", f"<{SECRET}>"], ["x", {"$sealed": f"<{SECRET}>"}]),
        ({"headers": {SECRET: 1}}, {"headers": {"$sealed": {SECRET: 1}}}),
        ({"count": 3, "ok": True}, {"count": 3, "ok": True}),
    ],
)
def test_rule_11_places_where_a_secret_came_out_are_sealed(value: Any, expected: Any) -> None:
    def unsealed(found: Any) -> Any:
        if isinstance(found, dict) and found.keys() == {"$sealed"}:
            return {"$sealed": SEALER.unseal(found["$sealed"])}
        if isinstance(found, dict):
            return {key: unsealed(item) for key, item in found.items()}
        return [unsealed(item) for item in found] if isinstance(found, list) else found

    assert unsealed(seal_disclosed(value, opened(), SEALER)) == expected


def test_numbers_inside_a_sealed_structure_count_as_secrets_too() -> None:
    disclosed = Disclosed()
    resolve(sealed(SEALER, {"pin": 4711, "ok": True}), disclosed)

    assert disclosed.is_in(4711)
    assert not disclosed.is_in(True)  # noqa: FBT003 - the value in question
