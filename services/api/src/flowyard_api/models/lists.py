"""What narrows lists: parameters of addresses, and of the filters that are saved of them."""

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from flowyard.engine.lifecycle import InstanceStatus
from flowyard.engine.snapshot import WaitReason
from flowyard.storage.template_lists import TemplateOrder, TemplateScope

_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


def _written_out(value: object) -> object:
    # Numbers and bare dates would pass as well, and mean something that nobody can see in them.
    is_read = isinstance(value, datetime)  # what a saved filter holds is checked once more
    if not is_read and not (isinstance(value, str) and _INSTANT.fullmatch(value)):
        raise PydanticCustomError(
            "instant", "Expected a date and a time with its offset, as in 2026-11-22T08:00:00Z"
        )
    return value


def _within_years(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise PydanticCustomError(
            "instant_range", "Expected an instant of the years 1 to 9999 in UTC"
        ) from error


Instant = Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(_within_years)]
"""A moment as RFC 3339 writes it: its offset from UTC has to be there."""

LabelQuery = Annotated[
    list[Annotated[str, WithJsonSchema({"type": "string", "pattern": r"^[^:\u0000]+:[^\u0000]*$"})]]
    | None,
    Field(
        max_length=16,
        description="`name:value`; may be repeated, then all have to be there.",
        examples=[["team:shop"]],
    ),
]
"""Labels that are asked for."""

FilterQuery = Annotated[
    str | None,
    Field(
        max_length=63,
        description="Name of a saved filter, your own or else the project's. What is given beside"
        " it takes the place of the filter's own parameter.",
        examples=["ours"],
    ),
]
"""The filter that is asked for."""


class ListQuery(BaseModel):
    """Root of what narrows a list."""

    model_config = ConfigDict(frozen=True)

    label: LabelQuery = None
    text: str | None = Field(
        None, max_length=200, description="Contained in the name, in any case of letters."
    )
    filter: FilterQuery = None


class InstanceQuery(ListQuery):
    """Which instances are listed; all that is given has to hold."""

    status: list[InstanceStatus] | None = Field(
        None, max_length=16, description="One of these; may be repeated."
    )
    template: str | None = Field(
        None,
        max_length=200,
        description="Key of the template, `project/key` of another project's, or id.",
    )
    actor: str | None = Field(
        None, max_length=200, description="Keeps those that this one created.", examples=["ops"]
    )
    created_after: Instant | None = Field(None, description="Keeps those that were created later.")
    created_before: Instant | None = Field(
        None, description="Keeps those that were created earlier."
    )
    reason: list[WaitReason] | None = Field(
        None,
        max_length=16,
        description="Keeps those in which a node waits for one of these; may be repeated.",
        examples=[["approval"]],
    )
    is_mock: bool | None = Field(
        None, description="True keeps mocked runs alone, false all others."
    )


class TemplateQuery(ListQuery):
    """Which templates are listed, and in which order; all that is given has to hold."""

    text: str | None = Field(
        None, max_length=200, description="Contained in key or title, in any case of letters."
    )
    scope: TemplateScope = Field(
        TemplateScope.OWN,
        description="`own`: the project's own; `common`: those of other projects that are visible"
        " in it; `all`: both.",
    )
    category: str | None = Field(None, max_length=63, description="Keeps those of this category.")
    favourite: bool = Field(default=False, description="True keeps your favourites.")
    deleted: bool = Field(default=False, description="True lists deleted ones, and only these.")
    sort: TemplateOrder = Field(TemplateOrder.KEY, description="A minus turns the order round.")
