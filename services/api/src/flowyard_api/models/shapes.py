"""What several models share."""

from collections.abc import Sequence
from typing import Annotated, Any, Generic, Literal, TypeVar, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    JsonValue,
    model_validator,
)
from pydantic.config import JsonDict
from pydantic_core import CoreSchema, PydanticCustomError, PydanticKnownError
from pydantic_core.core_schema import no_info_before_validator_function
from typing_extensions import override

from flowyard_api.storable import unstorable_part

ItemT = TypeVar("ItemT")

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,62}$", examples=["release-service"])]
"""Short name in addresses: lower-case letters, digits, ``-`` and ``_``."""

NodeId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,1000}$", examples=["lint"])]
"""Id of a node; with dots for one within an inline subflow."""

SchemeName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$", examples=["quick"])]
"""Name of an execution scheme."""

Label = Annotated[str, Field(min_length=1, max_length=100)]
"""Name of a label."""


def _strict(schema: Any) -> Any:
    """Return a schema whose numbers and booleans are not read from anything else."""
    if isinstance(schema, list | tuple):
        return type(schema)(_strict(part) for part in schema)
    if not isinstance(schema, dict):
        return schema
    parts = {name: _strict(part) for name, part in schema.items()}
    match parts.get("type"):
        case "bool" | "float":
            return {**parts, "strict": True}
        case "int":
            # Not strict: 8.0 is an integer in JSON.
            return no_info_before_validator_function(_number, cast("CoreSchema", parts))
        case _:
            return parts


def _number(value: object) -> object:
    if isinstance(value, bool | str):
        raise PydanticKnownError("int_type")
    return value


class RequestModel(BaseModel):
    """Base of what clients send: unknown fields are their mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    @override
    def __get_pydantic_core_schema__(
        cls, source: type[BaseModel], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Take numbers for numbers alone, as OpenAPI says: ``"8"`` is none, nor is ``true``."""
        schema: CoreSchema = _strict(handler(source))
        return schema

    @model_validator(mode="before")
    @classmethod
    def _storable(cls, data: JsonValue) -> JsonValue:
        found = unstorable_part(data)
        if found is not None:
            raise PydanticCustomError(
                "unstorable_value",
                "Expected nothing but storable values, but found {found}",
                {"found": found},
            )
        return data


def never_all_left_out(*names: str) -> JsonDict:
    """Return what JSON Schema says of fields of which at least one has to be there, not null."""
    return {"not": _all_left_out(names)}


def exactly_one(first: str, second: str) -> JsonDict:
    """Return what JSON Schema says of two fields of which one has to be there, not null."""
    names = (first, second)
    return {"not": {"anyOf": [_all_left_out(names), _all_given(names)]}}


def never_both(first: str, second: str) -> JsonDict:
    """Return what JSON Schema says of two fields of which at most one may be there, not null."""
    return {"not": _all_given((first, second))}


def _all_left_out(names: Sequence[str]) -> JsonDict:
    return {"properties": {name: {"type": "null"} for name in names}}


def _all_given(names: Sequence[str]) -> JsonDict:
    return {
        "required": [*names],
        "properties": {name: {"not": {"type": "null"}} for name in names},
    }


class View(BaseModel):
    """Base of what clients get."""

    model_config = ConfigDict(frozen=True)


class Page(View, Generic[ItemT]):
    """One page of a list."""

    items: list[ItemT]
    next_cursor: str | None = Field(
        description="Pass it as `cursor` for the next page; null on the last one.",
        examples=["WyJyZWxlYXNlIl0"],
    )


class Link(RequestModel):
    """A reference to something outside Flowyard."""

    kind: Literal["ticket", "commit", "artifact", "other"] = Field(examples=["ticket"])
    url: str = Field(
        max_length=2000, pattern=r"^https?://\S+$", examples=["https://tracker.example/OPS-1204"]
    )
    title: str = Field("", max_length=200, examples=["OPS-1204"])


class FailureView(View):
    """Why something stopped."""

    code: str = Field(examples=["http_status"])
    message: str = Field(examples=["Expected status 200, but got 503"])


JsonObject = dict[str, JsonValue]
"""An object of JSON values."""
