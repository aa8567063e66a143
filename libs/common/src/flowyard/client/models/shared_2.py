"""Models of shared 2.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime

from flowyard.client.model import OPEN, Answer
from flowyard.client.models.shared import UpdatedView


class UpdatedListView(Answer):
    """What became of each template that uses it."""

    items: list[UpdatedView]
    next_after: UUID | None
    """Null when these were all; else send it as `after`."""


class UseView(Answer):
    """One node that runs a plugin or a template."""

    project: str
    template_id: UUID
    template: str
    """Key of the template that it is in."""
    title: str
    where: Annotated[Literal["draft", "latest", "older"], OPEN]
    """`older`: a version that open instances still run."""
    version: int | None
    """Null for the draft."""
    node_id: str
    """`a.b` is node b of the inline subflow a."""
    pinned: str | None
    """Version of the plugin or subflow; null for whatever is the latest."""
    outdated: bool | None
    """For subflows: whether there is a later version than the pinned one."""
    open_instances: int
    """Instances of that version that have not ended."""


class VersionSummaryView(Answer):
    """One published version, without its content."""

    template_id: UUID
    number: int
    content_hash: str
    """SHA-256 in hexadecimal."""
    note: str
    actor: str
    published_at: AwareDatetime


WebhookEvent = Literal[
    "instance.started",
    "instance.paused",
    "instance.resumed",
    "instance.failed",
    "instance.recovered",
    "instance.rollback_started",
    "instance.succeeded",
    "instance.cancelled",
    "node.started",
    "node.waiting_for_approval",
    "node.waiting_for_callback",
    "node.retrying",
    "node.failed",
    "node.succeeded",
    "node.skipped",
    "node.cancelled",
]
"""What may be subscribed to."""
