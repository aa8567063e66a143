"""Instances, nodes and attempts."""

import uuid
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from flowyard.engine.graph import DEFAULT_PRIORITY
from flowyard.engine.operations import MAX_PRIORITY
from flowyard_api.models.shapes import (
    FailureView,
    JsonObject,
    Label,
    Link,
    Name,
    NodeId,
    RequestModel,
    SchemeName,
    View,
)

MAX_BULK = 1000
"""Most instances in one request; more would hold the database's connection for too long."""


class CreateInstance(RequestModel):
    """An instance to be created."""

    template: str = Field(
        min_length=1,
        max_length=200,
        description="Key, `project/key` of another project's that is visible in this one, or id.",
        examples=["release-service"],
    )
    version: int | None = Field(None, ge=1, description="Null takes the latest.", examples=[2])
    name: str | None = Field(
        None,
        min_length=1,
        max_length=200,
        description="Null takes the template's title.",
        examples=["Release 1.4.2"],
    )
    preset: Name | None = Field(
        None,
        description="A preset of the template, whose values `inputs` completes or replaces.",
        examples=["night"],
    )
    inputs: JsonObject = Field({}, examples=[{"version": "1.4.2"}])
    schemes: list[SchemeName] | None = Field(
        None,
        max_length=50,
        description="Execution schemes, which together keep what any of them keeps; null takes"
        " the template's default ones, an empty list runs the whole flow.",
        examples=[["quick"]],
    )
    excluded: list[NodeId] = Field(
        [],
        max_length=1000,
        description="Optional nodes to leave out besides.",
        examples=[["lint"]],
    )
    labels: dict[Label, Annotated[str, Field(max_length=500)]] = Field(
        {}, max_length=64, examples=[{"team": "shop"}]
    )
    links: list[Link] = Field([], max_length=50)
    priority: int = Field(
        DEFAULT_PRIORITY,
        ge=0,
        le=MAX_PRIORITY,
        description="The higher the sooner its steps are handed out.",
        examples=[8],
    )
    start: bool = Field(default=True, description="False leaves it at `created`.")
    trace: Literal["always", "never"] | None = Field(
        None,
        description="Whether its trace is recorded; null leaves that to the caller's"
        " `traceparent`, or without one to chance.",
        examples=["always"],
    )


class BulkCreate(RequestModel):
    """Instances to be created together, all or none."""

    items: list[CreateInstance] = Field(min_length=1, max_length=MAX_BULK)


class CreatedView(View):
    """A new instance."""

    instance_id: uuid.UUID
    project_id: uuid.UUID
    template_id: uuid.UUID
    version: int = Field(examples=[2])
    name: str = Field(examples=["Release 1.4.2"])
    status: str = Field(
        "created",
        description="`created`, or what the instance has come to where the answer waited for it.",
        examples=["created"],
    )
    command_id: int | None = Field(description="Of its start command.", examples=[42])
    created_at: datetime


class BulkCreatedView(View):
    """New instances, in the order of the request."""

    items: list[CreatedView]


class ParentView(View):
    """Which attempt of which instance started this one."""

    instance_id: uuid.UUID
    node_id: str
    number: int


class OriginView(View):
    """Which instance this one copies."""

    instance_id: uuid.UUID
    kind: str = Field(description="`clone` or `rerun`.", examples=["rerun"])


class CopyView(OriginView):
    """An instance that copies this one."""

    status: str = Field(examples=["running"])


class InstanceSummaryView(View):
    """An instance in a list."""

    instance_id: uuid.UUID
    project_id: uuid.UUID
    project: str = Field(examples=["shop"])
    template_id: uuid.UUID
    template: str = Field(
        description="Key of the template; `project/key` for another project's.",
        examples=["release-service"],
    )
    template_title: str = Field(examples=["Release a service"])
    version: int = Field(
        description="Negative for what was tried out before it was published.", examples=[2]
    )
    name: str = Field(examples=["Release 1.4.2"])
    status: str = Field(examples=["running"])
    revision: int = Field(description="Counts its stored changes.", examples=[7])
    allowed: list[str] = Field(
        description="Operations that the status allows.", examples=[["pause", "cancel"]]
    )
    labels: dict[str, str] = Field(examples=[{"team": "shop"}])
    links: list[Link]
    actor: str = Field(description="Who created it.", examples=["ops"])
    parent_instance_id: uuid.UUID | None
    is_mock: bool = Field(
        description="Its nodes were given results instead of being run.", examples=[False]
    )
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class ClaimView(View):
    """The plugin gateway's record that a step has begun."""

    runner: uuid.UUID = Field(description="The gateway process that claimed it.")
    step: int
    claimed_at: datetime | None
    outcome: Literal["open", "known", "unknown"] = Field(
        description="`unknown`: the gateway died in between."
    )


class ChildView(View):
    """The instance that an attempt of a subflow has started."""

    instance_id: uuid.UUID
    status: str = Field(examples=["running"])


class AttemptView(View):
    """One attempt of a node."""

    number: int = Field(description="Counted from 1.", examples=[1])
    attempt_id: uuid.UUID = Field(description="Receivers of its effects may deduplicate on it.")
    step: int = Field(description="0 at first, one more after every wait.", examples=[0])
    status: str = Field(examples=["failed"])
    inputs: JsonObject | None = Field(examples=[{"url": "http://127.0.0.1:9000/prepare"}])
    outputs: JsonObject | None
    failure: FailureView | None
    opened_at: datetime
    dispatched_at: datetime | None
    visit: int = Field(description="Which visit of its node it belongs to.", examples=[1])
    actor: str | None = Field(description="Who it acts as, if another than the instance's.")
    wait_until: datetime | None = Field(
        description="When its present wait ends by itself; null where it waits without a bound."
    )
    started_at: datetime | None
    closed_at: datetime | None
    claim: ClaimView | None
    has_late_outcome: bool = Field(description="A result came after its claim was given up.")
    cancel_requested_at: datetime | None = Field(
        description="When it was closed from outside, so that its plugin has to stop."
    )
    cancel_confirmed_at: datetime | None = Field(
        description="When nothing of it went on any more; null while that is not known."
    )
    child_instance_id: uuid.UUID | None = Field(description="For subflows.")
    child: ChildView | None = Field(
        description="The same with its status: while a child is `failed`, its node waits."
    )


class NodeView(View):
    """One node of the graph; pending until it is reached."""

    node_id: str = Field(examples=["prepare"])
    kind: str = Field(examples=["activity"])
    name: str = Field(examples=["Prepare the bundle"])
    plugin: str | None = Field(examples=["http_request@1.0"])
    subflow: str | None = Field(examples=[None])
    parent: str | None = Field(
        description="The node that this one runs on behalf of (`deploy` of `deploy:3`), or the"
        " inline subflow that it lies in (`deploy` of `deploy.build`).",
        examples=[None],
    )
    status: str = Field(examples=["failed"])
    mark: str | None = Field(
        description="What is peculiar about its end: `ignored`, `condition`, `deadline`, `forced`,"
        " `mocked` or `reused`.",
        examples=[None],
    )
    reason: str | None = Field(
        description="Why it does not go on by itself right now.", examples=["incident"]
    )
    check_at: datetime | None = Field(description="When the reason is looked at again.")
    visits: int = Field(description="How often a token has entered it.", examples=[1])
    outputs: JsonObject | None = Field(description="Of its last success.")
    variables: JsonObject | None = Field(
        description="For an inline subflow: what its nodes see.", examples=[None]
    )
    failure: FailureView | None
    reached_at: datetime | None
    ended_at: datetime | None
    retries: int = Field(description="Automatic retries of the present visit.", examples=[0])
    resume_at: datetime | None = Field(description="When the next automatic attempt is due.")
    deadline_at: datetime | None = Field(description="When its attempt has taken too long.")
    has_breakpoint: bool = Field(description="The next token that reaches it stops there.")
    allowed: list[str] = Field(
        description="Operations that its status allows.", examples=[["retry", "skip"]]
    )
    attempts: list[AttemptView]


class ItemView(View):
    """One item of a map, in few words; its own address shows all of it."""

    index: int = Field(examples=[3])
    node_id: str = Field(examples=["deploy:3"])
    status: str = Field(examples=["failed"])
    mark: str | None = Field(
        description="`ignored` where the map tolerates its failure.", examples=[None]
    )
    reason: str | None = Field(
        description="Why it does not go on by itself right now.", examples=["incident"]
    )
    failure: FailureView | None
    reached_at: datetime
    ended_at: datetime | None
    allowed: list[str] = Field(
        description="Operations that its status allows.", examples=[["retry", "skip"]]
    )


Maps = Annotated[
    dict[str, dict[str, int]],
    Field(
        description="Of each map, how many of its items have begun, by status; a failure that the"
        " map tolerates counts as `failed`.",
        examples=[{"deploy": {"failed": 1, "succeeded": 41}}],
    ),
]
"""How many items of each map have begun, by status."""


class InstanceHead(View):
    """What changes of an instance besides its nodes."""

    revision: int = Field(examples=[7])
    phase: str = Field(examples=["forward"])
    priority: int = Field(examples=[5])
    breakpoints: list[str] = Field(
        description="Nodes at which the next token stops.", examples=[["deploy"]]
    )
    status: str = Field(examples=["failed"])
    allowed: list[str] = Field(examples=[["cancel"]])
    outputs: JsonObject | None
    failure: FailureView | None
    started_at: datetime | None
    ended_at: datetime | None
    maps: Maps


class InstanceView(InstanceSummaryView):
    """One instance with every node of its graph."""

    inputs: JsonObject = Field(description="As given.", examples=[{"version": "1.4.2"}])
    schemes: list[str] = Field(
        description="Execution schemes that it runs with.", examples=[["quick"]]
    )
    excluded: list[str] = Field(
        description="Optional nodes that were asked to be left out besides.", examples=[["lint"]]
    )
    left_out: list[str] = Field(
        description="Nodes of the version that are no part of this instance.", examples=[["lint"]]
    )
    variables: JsonObject | None
    outputs: JsonObject | None
    failure: FailureView | None
    parent: ParentView | None
    origin: OriginView | None = Field(description="The instance that it copies.")
    copies: list[CopyView] = Field(description="Its latest 50 clones and reruns.")
    phase: str = Field(
        description="`rollback` while what has succeeded is being undone.", examples=["forward"]
    )
    priority: int = Field(description="0 to 9, the higher the sooner.", examples=[5])
    breakpoints: list[str] = Field(
        description="Nodes at which the next token stops.", examples=[["deploy"]]
    )
    trace_id: str | None = Field(examples=["4bf92f3577b34da6a3ce929d0e0e4736"])
    trace_url: str | None = Field(
        description="Where people see the trace, if it is recorded and the API was told where"
        " traces are.",
        examples=["https://jaeger.example.com/trace/4bf92f3577b34da6a3ce929d0e0e4736"],
    )
    archived_at: datetime | None = Field(
        description="When it was moved to an archive: it can be read, cloned and run again, and"
        " nothing else.",
        examples=[None],
    )
    maps: Maps
    nodes: list[NodeView]


class DefinitionView(View):
    """What an instance runs: the version that it was created with."""

    instance_id: uuid.UUID
    template_id: uuid.UUID
    version: int = Field(
        description="Negative for what was tried out before it was published.", examples=[2]
    )
    document: JsonObject = Field(description="In canonical form.")
    graph: JsonObject = Field(
        description="Compiled: every node and edge, those of inline subflows and those that this"
        " instance leaves out included."
    )


class InstanceChangeView(InstanceHead):
    """What has changed since the last event."""

    nodes: list[NodeView] = Field(description="The changed ones only, each whole.")


class ProjectChangeView(View):
    """Which instances of a project have changed since the last event."""

    instance_ids: list[uuid.UUID]
    complete: bool = Field(description="False where others may have changed, too.", examples=[True])
