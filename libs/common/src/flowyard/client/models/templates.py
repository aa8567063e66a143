"""Models of templates.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, JsonValue

from flowyard.client.model import Answer, Argument
from flowyard.client.models.shared import FaultView, FormFieldView, NodePreviewView
from flowyard.client.models.shared_2 import VersionSummaryView


class TemplateView(Answer):
    """One template."""

    template_id: UUID
    project_id: UUID
    project: str
    """Its home."""
    key: str
    reference: str
    """What other projects call it, where it is visible."""
    title: str
    description: str
    category: str
    labels: dict[str, str]
    favourite: bool | None = None
    """Of the one who asks; null in answers to writes."""
    is_common: bool
    """Visible to all projects."""
    deleted_at: AwareDatetime | None
    """Its history stays, and so does its key."""
    draft_revision: int
    """Counts the writes of the draft."""
    latest_version: int | None
    """What new instances take; null until something is published."""
    created_at: AwareDatetime
    updated_at: AwareDatetime


class AppliedView(Answer):
    """What applying a document has led to."""

    template: TemplateView
    version: VersionSummaryView
    changed: bool
    """False when the latest version had the same content."""


class DraftPreviewView(Answer):
    """What the nodes of a draft would be given at the start of an instance."""

    form: list[FormFieldView]
    """What is asked for at the start, as a form."""
    problems: list[FaultView]
    """Why the example inputs do not fit."""
    nodes: list[NodePreviewView]
    """All nodes with inputs."""


class DraftView(Answer):
    """What is written and not published yet."""

    source: str | None
    revision: int
    etag: str
    """Send it as `If-Match` with the next write."""
    actor: str | None
    """Who wrote it last; null where nobody knows."""
    updated_at: AwareDatetime | None
    """When; null where nobody knows."""
    problems: list[FaultView]
    """Why it could not be published as it is."""


class FavouriteView(Answer):
    """Whether a template is one of your favourites."""

    template: str
    favourite: bool


class MockFailure(Argument):
    """The failure that a node is given."""

    code: str
    message: str = "It was to fail"


class MockResult(Argument):
    """What becomes of a node: outputs, a failure, or that it is run after all."""

    outputs: dict[str, JsonValue] = Field(default_factory=dict)
    failure: MockFailure | None = None
    run: bool = False
    """Run it for real."""


class OutdatedView(Answer):
    """One subflow, and what it would be pinned to now."""

    node_id: str
    template: str
    pinned: int
    latest: int


class OutdatedListView(Answer):
    """The subflows of a template's latest version that are pinned to an older one."""

    version: int | None
    """Null until something is published."""
    items: list[OutdatedView]


class PublicationView(Answer):
    """What a publication has led to."""

    version: VersionSummaryView
    changed: bool
    """False when the latest version had the same content."""


class TemplateChangeView(Answer):
    """Who has changed what about a template."""

    change_id: int
    kind: str
    detail: dict[str, JsonValue]
    actor: str
    created_at: AwareDatetime


TemplateOrder = Literal[
    "key", "-key", "title", "-title", "created_at", "-created_at", "updated_at", "-updated_at"
]
"""In which order templates are listed; a minus turns it round."""


TemplateScope = Literal["own", "common", "all"]
"""Whose templates are listed."""


class TriedView(Answer):
    """An instance that tries something out."""

    instance_id: UUID
    template_id: UUID
    version: int
    """Negative for what is not published; the same content has the same number."""
    name: str
    command_id: int | None
    """Of its start command."""
    warnings: list[FaultView]
    """Canned outputs that the node's plugin would not give."""


class ValidationView(Answer):
    """What is wrong with a document; nothing when it could be published."""

    problems: list[FaultView]


class VisibilityView(Answer):
    """Which other projects may use a template."""

    all: bool
    """Every project, also later ones."""
    projects: list[str]
    """Names."""
    reference: str
    """What these projects call it."""
