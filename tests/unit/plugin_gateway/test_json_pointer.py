import pytest
from pydantic import JsonValue

from flowyard_plugin_gateway.json_pointer import PointerError, look_up

VALUE: JsonValue = {"items": [{"name": "a"}], "a/b": 1, "m~n": 2, "": 3}


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [("", VALUE), ("/items/0/name", "a"), ("/a~1b", 1), ("/m~0n", 2), ("/", 3)],
)
def test_a_pointer_leads_to_its_value(pointer: str, expected: JsonValue) -> None:
    assert look_up(VALUE, pointer) == expected


@pytest.mark.parametrize("pointer", ["/x", "/items/1", "/items/-1", "/items/name", "/a~1b/c"])
def test_a_pointer_to_nothing_is_an_error(pointer: str) -> None:
    with pytest.raises(PointerError):
        look_up(VALUE, pointer)
