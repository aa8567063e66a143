"""Models of instances.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, JsonValue

from flowyard.client.model import OPEN, Answer, Argument
from flowyard.client.models.shared import FailureView, NodeView


class CreatedView(Answer):
    """A new instance."""

    instance_id: UUID
    project_id: UUID
    template_id: UUID
    version: int
    name: str
    status: str = "created"
    """`created`, or what the instance has come to where the answer waited for it."""
    command_id: int | None
    """Of its start command."""
    created_at: AwareDatetime


class BulkCreatedView(Answer):
    """New instances, in the order of the request."""

    items: list[CreatedView]


class CopyView(Answer):
    """An instance that copies this one."""

    instance_id: UUID
    kind: str
    """`clone` or `rerun`."""
    status: str


class Link(Answer):
    """A reference to something outside Flowyard."""

    kind: Annotated[Literal["ticket", "commit", "artifact", "other"], OPEN]
    url: str
    title: str = ""


class CreateInstance(Argument):
    """An instance to be created."""

    template: str
    """Key, `project/key` of another project's that is visible in this one, or id."""
    version: int | None = None
    """Null takes the latest."""
    name: str | None = None
    """Null takes the template's title."""
    preset: str | None = None
    """A preset of the template, whose values `inputs` completes or replaces."""
    inputs: dict[str, JsonValue] = Field(default_factory=dict)
    schemes: list[str] | None = None
    """Execution schemes, which together keep what any of them keeps.

    Null takes the template's default ones, an empty list runs the whole flow.
    """
    excluded: list[str] = Field(default_factory=list)
    """Optional nodes to leave out besides."""
    labels: dict[str, str] = Field(default_factory=dict)
    links: list[Link] = Field(default_factory=list)
    priority: int = 5
    """The higher the sooner its steps are handed out."""
    start: bool = True
    """False leaves it at `created`."""
    trace: Annotated[Literal["always", "never"], OPEN] | None = None
    """Whether its trace is recorded.

    Null leaves that to the caller's `traceparent`, or without one to chance.
    """


class DefinitionView(Answer):
    """What an instance runs: the version that it was created with."""

    instance_id: UUID
    template_id: UUID
    version: int
    """Negative for what was tried out before it was published."""
    document: dict[str, JsonValue]
    """In canonical form."""
    graph: dict[str, JsonValue]
    """Compiled.

    Every node and edge, those of inline subflows and those that this instance leaves out included.
    """


class HoldView(Answer):
    """Why an instance stays, however long ago it has ended."""

    instance_id: UUID
    reason: str
    actor: str
    """Who holds it."""
    created_at: AwareDatetime


InstanceStatus = Literal["created", "running", "paused", "failed", "succeeded", "cancelled"]
"""What an instance is doing."""


WaitReason = Literal[
    "queued",
    "running",
    "timer",
    "callback",
    "approval",
    "child",
    "branches",
    "paused",
    "breakpoint",
    "retry",
    "concurrency_key",
    "items",
    "inner",
    "incident",
]
"""Why a reached node that is not final does not go on by itself right now."""


class InstanceFilter(Argument):
    """What the list of instances takes in its address, as JSON."""

    label: list[str] | None = None
    """`name:value`; may be repeated, then all have to be there."""
    text: str | None = None
    """Contained in the name, in any case of letters."""
    filter: str | None = None
    """Name of a saved filter, your own or else the project's.

    What is given beside it takes the place of the filter's own parameter.
    """
    status: list[Annotated[InstanceStatus, OPEN]] | None = None
    """One of these; may be repeated."""
    template: str | None = None
    """Key of the template, `project/key` of another project's, or id."""
    actor: str | None = None
    """Keeps those that this one created."""
    created_after: AwareDatetime | None = None
    """Keeps those that were created later."""
    created_before: AwareDatetime | None = None
    """Keeps those that were created earlier."""
    reason: list[Annotated[WaitReason, OPEN]] | None = None
    """Keeps those in which a node waits for one of these; may be repeated."""
    is_mock: bool | None = None
    """True keeps mocked runs alone, false all others."""


class InstanceSummaryView(Answer):
    """An instance in a list."""

    instance_id: UUID
    project_id: UUID
    project: str
    template_id: UUID
    template: str
    """Key of the template; `project/key` for another project's."""
    template_title: str
    version: int
    """Negative for what was tried out before it was published."""
    name: str
    status: str
    revision: int
    """Counts its stored changes."""
    allowed: list[str]
    """Operations that the status allows."""
    labels: dict[str, str]
    links: list[Link]
    actor: str
    """Who created it."""
    parent_instance_id: UUID | None
    is_mock: bool
    """Its nodes were given results instead of being run."""
    created_at: AwareDatetime
    started_at: AwareDatetime | None
    ended_at: AwareDatetime | None


class OriginView(Answer):
    """Which instance this one copies."""

    instance_id: UUID
    kind: str
    """`clone` or `rerun`."""


class ParentView(Answer):
    """Which attempt of which instance started this one."""

    instance_id: UUID
    node_id: str
    number: int


class InstanceView(Answer):
    """One instance with every node of its graph."""

    instance_id: UUID
    project_id: UUID
    project: str
    template_id: UUID
    template: str
    """Key of the template; `project/key` for another project's."""
    template_title: str
    version: int
    """Negative for what was tried out before it was published."""
    name: str
    status: str
    revision: int
    """Counts its stored changes."""
    allowed: list[str]
    """Operations that the status allows."""
    labels: dict[str, str]
    links: list[Link]
    actor: str
    """Who created it."""
    parent_instance_id: UUID | None
    is_mock: bool
    """Its nodes were given results instead of being run."""
    created_at: AwareDatetime
    started_at: AwareDatetime | None
    ended_at: AwareDatetime | None
    inputs: dict[str, JsonValue]
    """As given."""
    schemes: list[str]
    """Execution schemes that it runs with."""
    excluded: list[str]
    """Optional nodes that were asked to be left out besides."""
    left_out: list[str]
    """Nodes of the version that are no part of this instance."""
    variables: dict[str, JsonValue] | None
    outputs: dict[str, JsonValue] | None
    failure: FailureView | None
    parent: ParentView | None
    origin: OriginView | None
    """The instance that it copies."""
    copies: list[CopyView]
    """Its latest 50 clones and reruns."""
    phase: str
    """`rollback` while what has succeeded is being undone."""
    priority: int
    """0 to 9, the higher the sooner."""
    breakpoints: list[str]
    """Nodes at which the next token stops."""
    trace_id: str | None
    trace_url: str | None
    """Where people see the trace, if it is recorded and the API was told where traces are."""
    archived_at: AwareDatetime | None
    """When it was moved to an archive: it can be read, cloned and run again, and nothing else."""
    maps: dict[str, dict[str, int]]
    """Of each map, how many of its items have begun, by status.

    A failure that the map tolerates counts as `failed`.
    """
    nodes: list[NodeView]
