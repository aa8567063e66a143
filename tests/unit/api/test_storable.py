import pytest

from flowyard.engine.graph import JsonValue
from flowyard_api.storable import unstorable_part


@pytest.mark.parametrize(
    "value", [None, True, 0, 2**63 - 1, -(2**63), 1.5, "text", "žluťoučký 🐴", [], {}, {"a": [{}]}]
)
def test_plain_json_is_storable(value: JsonValue) -> None:
    assert unstorable_part(value) is None


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("a\x00b", "a NUL character"),
        ({"a\x00": 1}, "a NUL character"),
        ([{"a": ["\ud800"]}], "half of a surrogate pair"),
        (2**63, "an integer of more than 64 bits"),
        (float("nan"), "a number that is not finite"),
        ([float("inf")], "a number that is not finite"),
    ],
)
def test_what_the_database_would_refuse_is_named(value: JsonValue, found: str) -> None:
    assert unstorable_part(value) == found
