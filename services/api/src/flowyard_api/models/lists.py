"""What narrows lists: parameters of addresses, and of the filters that are saved of them."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from flowyard.engine.lifecycle import InstanceStatus
from flowyard.engine.snapshot import WaitReason
from flowyard.storage.template_lists import TemplateOrder, TemplateScope

LabelQuery = Annotated[
    list[str] | None,
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
        examples=["mine"],
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
    created_after: datetime | None = Field(None, description="Keeps those that were created later.")
    created_before: datetime | None = Field(
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
