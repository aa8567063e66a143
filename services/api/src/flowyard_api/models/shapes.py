"""What several models share."""

from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator
from pydantic_core import PydanticCustomError

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


class RequestModel(BaseModel):
    """Base of what clients send: unknown fields are their mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)

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
