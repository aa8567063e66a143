"""The whole state of one instance, as the engine sees it.

Node and attempt states are immutable values; the snapshot itself is the one
mutable thing, changed only by :func:`flowyard.engine.apply.apply_changes`.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from flowyard.engine.graph import Graph, JsonValue
from flowyard.engine.lifecycle import OPEN_NODE_STATUSES, InstanceStatus, NodeStatus


class WaitReason(StrEnum):
    """Why a reached node that is not final does not go on by itself right now."""

    QUEUED = "queued"
    """Its attempt waits for room in the queue's window, or is on its way to a worker."""
    RUNNING = "running"
    """Its plugin works."""
    TIMER = "timer"
    """The next step is due at a time."""
    CALLBACK = "callback"
    """An outside system has to call back."""
    APPROVAL = "approval"
    """A person has to say yes or no."""
    CHILD = "child"
    """A child instance has to end."""
    BRANCHES = "branches"
    """A converge waits for the other branches."""
    PAUSED = "paused"
    """The instance is paused."""
    INCIDENT = "incident"
    """It failed and waits for a person."""


class ResumeKind(StrEnum):
    """What ended a wait."""

    TIMER = "timer"
    CALLBACK = "callback"
    APPROVAL = "approval"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """What the next step of an attempt is told about the end of its wait."""

    kind: ResumeKind
    data: JsonValue = None
    """Body of the callback, or ``{approved, comment, actor}``; None after a timer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a node or an instance stopped, as a person reads it."""

    code: str
    """Stable name of the cause."""
    message: str
    """One sentence, without secrets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptState:
    """One attempt of a node."""

    number: int
    """Counted from 1 per node, over retries and loop visits alike."""
    status: NodeStatus
    step: int = 0
    """0 at first, one more after every wait."""
    inputs: Mapping[str, JsonValue] | None = None
    """Rendered inputs; None once the attempt has succeeded and nobody needs them here."""
    state: JsonValue = None
    """What the plugin keeps between its steps; sealed by the plugin gateway."""
    resume: Resume | None = None
    """What ended the wait before the present step."""
    wait_until: datetime | None = None
    """When the present wait ends by itself; None outside waits and for those without a bound."""
    opened_at: datetime
    started_at: datetime | None = None
    """When its plugin was first known to work."""
    closed_at: datetime | None = None
    outputs: Mapping[str, JsonValue] | None = None
    failure: Failure | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether a result of this attempt still counts."""
        return self.closed_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeState:
    """One reached node."""

    node_id: str
    status: NodeStatus
    visits: int = 0
    """How often a token has entered it; ``${loop}`` in its expressions."""
    reason: WaitReason | None = None
    """Set exactly while the node is reached and not final."""
    check_at: datetime | None = None
    """When the reason must be looked at again; set exactly when the reason is."""
    arrived: int = 0
    """For a converge: branches that have arrived since its split."""
    expected: int = 0
    """For a parallel split: branches that it has started at its last visit."""
    attempt: AttemptState | None = None
    """The latest attempt."""
    outputs: Mapping[str, JsonValue] = field(default_factory=dict)
    """Outputs of its last success; they stay visible while it runs again."""
    failure: Failure | None = None
    """Why it failed; set exactly while the status is failed or skipped."""
    reached_at: datetime | None = None
    """When a token last entered it."""
    ended_at: datetime | None = None
    """When it last became succeeded, failed, skipped or cancelled."""

    @property
    def is_open(self) -> bool:
        """Tell whether it holds a token that has neither moved on nor failed."""
        return self.status in OPEN_NODE_STATUSES

    @property
    def is_active(self) -> bool:
        """Tell whether something will bring it on: all open nodes but a converge that waits."""
        return self.is_open and self.reason is not WaitReason.BRANCHES


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentLink:
    """Which attempt of which instance started this one."""

    instance_id: uuid.UUID
    node_id: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceFacts:
    """What is known of an instance from its creation on."""

    instance_id: uuid.UUID
    project: str
    """Name of the project, for ``${instance.project}``."""
    name: str
    actor: str
    """Who created it."""
    callback_secret: str
    """Key that its callback tokens derive from."""
    parent: ParentLink | None = None


@dataclass(slots=True, kw_only=True)
class Snapshot:
    """One instance at one revision."""

    facts: InstanceFacts
    graph: Graph
    status: InstanceStatus = InstanceStatus.CREATED
    given: Mapping[str, JsonValue] = field(default_factory=dict)
    """Inputs as they were given at creation."""
    variables: Mapping[str, JsonValue] = field(default_factory=dict)
    """Inputs with defaults, constants, computed and exported variables, by name."""
    nodes: dict[str, NodeState] = field(default_factory=dict)
    """Reached nodes by id; a node that is not here is pending."""
    outputs: Mapping[str, JsonValue] | None = None
    failure: Failure | None = None
    """Set when the instance as a whole could not be advanced."""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    revision: int = 0
    """Counts the stored batches of changes; every write is guarded by it."""
    active_count: int = 0
    """Number of active nodes; kept so that settling costs no scan."""
    failed_count: int = 0
    """Number of failed nodes."""
