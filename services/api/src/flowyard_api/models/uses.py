"""Where plugins and templates are used, and what becomes of these uses."""

import uuid
from typing import Annotated, Literal

from pydantic import Field

from flowyard_api.models.problem import FaultView
from flowyard_api.models.shapes import Name, RequestModel, View

MAX_STOPPED = 1000
"""Most instances that one request stops."""

MAX_UPDATED = 100
"""Most templates that one request updates: all their rows stay locked until it ends."""


class UseView(View):
    """One node that runs a plugin or a template."""

    project: str = Field(examples=["shop"])
    template_id: uuid.UUID
    template: str = Field(description="Key of the template that it is in.", examples=["release"])
    title: str = Field(examples=["Release a service"])
    where: Literal["draft", "latest", "older"] = Field(
        description="`older`: a version that open instances still run."
    )
    version: int | None = Field(description="Null for the draft.", examples=[2])
    node_id: str = Field(
        description="`a.b` is node b of the inline subflow a.", examples=["backup"]
    )
    pinned: str | None = Field(
        description="Version of the plugin or subflow; null for whatever is the latest.",
        examples=["3"],
    )
    outdated: bool | None = Field(
        description="For subflows: whether there is a later version than the pinned one."
    )
    open_instances: int = Field(
        description="Instances of that version that have not ended.", examples=[4]
    )


class OutdatedView(View):
    """One subflow, and what it would be pinned to now."""

    node_id: str = Field(examples=["backup"])
    template: str = Field(examples=["platform/backup"])
    pinned: int = Field(examples=[2])
    latest: int = Field(examples=[3])


class OutdatedListView(View):
    """The subflows of a template's latest version that are pinned to an older one."""

    version: int | None = Field(description="Null until something is published.", examples=[5])
    items: list[OutdatedView]


class StopUses(RequestModel):
    """Which uses are stopped."""

    project: Name | None = Field(None, description="Only instances of this project.")
    limit: int = Field(MAX_STOPPED, ge=1, le=MAX_STOPPED, description="Most instances.")


class StopTemplateUses(StopUses):
    """Which uses of a template are stopped."""

    version: int | None = Field(
        None, ge=1, description="Only uses of this version; null for all.", examples=[2]
    )


class StoppedView(View):
    """The command that asks one instance to end."""

    instance_id: uuid.UUID
    command_id: int = Field(examples=[42])


class StoppedListView(View):
    """What was asked to end, the oldest instances first."""

    items: list[StoppedView]
    has_more: bool = Field(description="True when the limit was reached: ask again.")


class UpdateUses(RequestModel):
    """To which version all uses are brought."""

    project: Name | None = Field(None, description="Only templates of this project.")
    note: str = Field("", max_length=2000, description="Of the publications.")
    after: uuid.UUID | None = Field(None, description="`next_after` of the answer before.")
    limit: int = Field(MAX_UPDATED, ge=1, le=MAX_UPDATED, description="Most templates.")


class UpdatePluginUses(UpdateUses):
    """To which version of a plugin all uses are brought."""

    to_version: Annotated[str, Field(min_length=1, max_length=50, examples=["1.1"])]


class UpdateTemplateUses(UpdateUses):
    """To which version of a template all uses are brought."""

    to_version: int | None = Field(None, ge=1, description="Null for the latest one.", examples=[3])


class UpdateSubflows(RequestModel):
    """What is said about the publication that brings subflows up to date."""

    note: str = Field("", max_length=2000, examples=["Takes the new backup"])


class UpdatedView(View):
    """What became of one template."""

    project: str = Field(examples=["shop"])
    template_id: uuid.UUID
    template: str = Field(examples=["release"])
    outcome: Literal["published", "draft", "unchanged", "refused"] = Field(
        description="`draft`: only the draft names it, and was changed; `refused`: nothing of this"
        " template was changed, for the reason given."
    )
    version: int | None = Field(description="Latest version now.", examples=[6])
    draft_revision: int = Field(examples=[9])
    code: str | None = Field(description="Why it was refused.", examples=["invalid_document"])
    detail: str | None = None
    errors: list[FaultView] = Field(description="What is wrong at which place of its document.")


class UpdatedListView(View):
    """What became of each template that uses it."""

    items: list[UpdatedView]
    next_after: uuid.UUID | None = Field(
        description="Null when these were all; else send it as `after`."
    )
