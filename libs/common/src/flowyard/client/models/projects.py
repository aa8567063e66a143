"""Models of projects.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, JsonValue

from flowyard.client.model import OPEN, Answer
from flowyard.client.models.shared import FailureView


class ArchiveView(Answer):
    """One file of archived instances."""

    archive_id: UUID
    name: str
    """In the archive's folder or bucket."""
    instances: int
    bytes: int
    sha256: str
    written_at: AwareDatetime


class ArchivedInstanceView(Answer):
    """An instance that was moved out of the database."""

    instance_id: UUID
    project_id: UUID
    project: str
    template_id: UUID
    template_key: str
    template_title: str
    version: int
    name: str
    status: str
    labels: dict[str, str]
    actor: str
    is_mock: bool
    parent_instance_id: UUID | None
    created_at: AwareDatetime
    started_at: AwareDatetime | None
    ended_at: AwareDatetime
    archived_at: AwareDatetime
    archive_id: UUID
    file: str
    """Name of the file that it lies in."""


class CategoryView(Answer):
    """One category."""

    name: str
    listed: bool
    """False for one that only templates name."""
    templates: int
    """How many of the project's are in it."""


class CategoriesView(Answer):
    """A project's categories: those that it offers, then those that only templates name."""

    items: list[CategoryView]


class ComponentsView(Answer):
    """A project's table of components, which imports use before Flowyard's own."""

    rules: dict[str, JsonValue]
    actor: str | None
    """Who wrote it last; null where nobody has."""
    updated_at: AwareDatetime | None


class DueView(Answer):
    """How much is old enough and still there."""

    instances: int
    """At most 100,000 are counted; those that others have started go with these."""
    oldest_ended_at: AwareDatetime | None
    estimated_bytes: int
    """What they take in the database: their number times what an instance takes on average."""


class RunView(Answer):
    """One run in a few words."""

    instance_id: UUID
    name: str
    status: str
    created_at: AwareDatetime
    ended_at: AwareDatetime | None


class TemplateRunsView(Answer):
    """The last runs of one template."""

    template_id: UUID
    runs: list[RunView]
    """The newest first."""


class LastRunsView(Answer):
    """The last runs of several templates, in the order of the request."""

    items: list[TemplateRunsView]


class ProjectView(Answer):
    """One project."""

    project_id: UUID
    name: str
    title: str
    created_at: AwareDatetime


class RetentionView(Answer):
    """What becomes of a project's ended instances."""

    mode: Annotated[Literal["keep", "archive", "delete"], OPEN]
    """`keep`: they stay.

    `archive`: they are moved out of the database, and can be read, cloned and run again from there.
    `delete`: nothing is left of them.
    """
    after_seconds: int
    """How long after their end."""
    is_default: bool
    """Whether it is the cluster's."""
    actor: str | None
    """Who wrote the project's own."""
    updated_at: AwareDatetime | None
    due: DueView


class SecretView(Answer):
    """A secret's name; its value is opened in the plugin gateway only."""

    name: str
    actor: str
    """Who wrote it last."""
    updated_at: AwareDatetime


WaitKind = Literal["approval", "failure"]
"""What a person is asked for."""


WaitOrder = Literal["since", "-since"]
"""In which order what waits is listed."""


class WaitingCountView(Answer):
    """How much waits for a person, counted up to a bound."""

    approvals: int
    failures: int
    bound: int
    """Counting stops there, for each of them."""


class WaitingView(Answer):
    """A node that waits for a person, or an instance that failed as a whole."""

    kind: Annotated[WaitKind, OPEN]
    instance_id: UUID
    instance_name: str
    instance_status: str
    project: str
    template_id: UUID
    template: str
    """Key of the template; `project/key` for another project's."""
    template_title: str
    version: int
    labels: dict[str, str]
    actor: str
    """Who started the instance."""
    is_mock: bool
    parent_instance_id: UUID | None
    node_id: str | None
    """Null where the instance has failed as a whole."""
    node_name: str
    node_kind: str | None
    plugin: str | None
    attempt: int | None
    """Number of its latest attempt."""
    since_at: AwareDatetime
    """When it began to wait, or failed."""
    until_at: AwareDatetime | None
    """When it goes on or fails by itself: the end of the wait, or its deadline."""
    message: str
    """What is asked; empty for failures."""
    approvers: list[str]
    """Who is meant to decide; empty for anybody. It is not enforced."""
    is_for_you: bool
    """As the parameter `mine` has it."""
    failure: FailureView | None
    allowed: list[str]
    """Operations that the node, or else the instance, allows."""


class WebhookChangeView(Answer):
    """Something that was done to a webhook."""

    change_id: int
    webhook_id: UUID
    kind: str
    """`created`, `updated`, `enabled`, `disabled`, `secret_rotated`, `pinged`.

    `redelivered` or `deleted`.
    """
    detail: dict[str, JsonValue]
    actor: str
    """`flowyard` for what no person has done."""
    created_at: AwareDatetime
