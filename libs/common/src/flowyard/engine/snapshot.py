"""The whole state of one instance, as the engine sees it.

Node and attempt states are immutable values; the snapshot itself is the one
mutable thing, changed only by :func:`flowyard.engine.apply.apply_changes`.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct, field

from flowyard.engine.graph import DEFAULT_PRIORITY, SATELLITE_SEPARATOR, Graph, JsonValue
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
    BREAKPOINT = "breakpoint"
    """A person has asked for a stop at this node."""
    RETRY = "retry"
    """The next automatic attempt is due at a time."""
    CONCURRENCY = "concurrency_key"
    """Too many attempts with its concurrency key work already."""
    ITEMS = "items"
    """A map waits for its items."""
    INNER = "inner"
    """An inline subflow waits for its own end."""
    INCIDENT = "incident"
    """It failed and waits for a person."""


class ResumeKind(StrEnum):
    """What ended a wait."""

    TIMER = "timer"
    CALLBACK = "callback"
    APPROVAL = "approval"


class Resume(Struct, frozen=True, kw_only=True):
    """What the next step of an attempt is told about the end of its wait."""

    kind: ResumeKind
    data: JsonValue = None
    """Body of the callback, or ``{approved, comment, actor}``; None after a timer."""


class Failure(Struct, frozen=True, kw_only=True):
    """Why a node or an instance stopped, as a person reads it."""

    code: str
    """Stable name of the cause."""
    message: str
    """One sentence, without secrets."""


class NodeMark(StrEnum):
    """What is peculiar about how a node ended."""

    IGNORED = "ignored"
    """It failed, and its options let that count as success."""
    CONDITION = "condition"
    """Its run condition did not hold."""
    DEADLINE = "deadline"
    """It took too long and was passed over."""
    FORCED = "forced"
    """A person said how it ended."""
    MOCKED = "mocked"
    """Nothing was run: its result was given with the instance."""
    REUSED = "reused"
    """Nothing was run: its result is that of the instance that this one reruns."""


class AttemptState(Struct, frozen=True, kw_only=True):
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
    actor: str | None = None
    """Who the plugin is told to act as; None for who started the instance."""
    visit: int = 0
    """Which visit of its node it belongs to, counted from 1; automatic retries share one."""

    @property
    def is_open(self) -> bool:
        """Tell whether a result of this attempt still counts."""
        return self.closed_at is None


class NodeState(Struct, frozen=True, kw_only=True):
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
    mark: NodeMark | None = None
    """Set where its end is not what its plugin made it."""
    retries: int = 0
    """Automatic retries of the present visit so far."""
    resume_at: datetime | None = None
    """When the next automatic attempt is due; set exactly while the reason is ``retry``."""
    deadline_at: datetime | None = None
    """When its present attempt has taken too long."""
    since: datetime | None = None
    """When its present wait began; None without one, and while a plugin is at work for it."""
    variables: Mapping[str, JsonValue] = field(default_factory=dict)
    """For an inline subflow: its own variables by name."""

    @property
    def is_open(self) -> bool:
        """Tell whether it holds a token that has neither moved on nor failed."""
        return self.status in OPEN_NODE_STATUSES

    @property
    def is_active(self) -> bool:
        """Tell whether it keeps its instance going by itself.

        All open nodes do, but a converge that waits for branches, an inline subflow that
        waits for its nodes, and what runs on behalf of another node.
        """
        return (
            self.status in OPEN_NODE_STATUSES
            and self.reason not in _PASSIVE
            and SATELLITE_SEPARATOR not in self.node_id
        )

    @property
    def is_stopped(self) -> bool:
        """Tell whether it is a failed node of the graph, not one on behalf of another."""
        return self.status is NodeStatus.FAILED and SATELLITE_SEPARATOR not in self.node_id


_PASSIVE = frozenset({WaitReason.BRANCHES, WaitReason.INNER})
"""Reasons to wait for other nodes of the same instance."""

AT_WORK = frozenset({WaitReason.QUEUED, WaitReason.RUNNING})
"""Reasons that are no waits: a step is on its way to its plugin, or with it."""


class ParentLink(Struct, frozen=True, kw_only=True):
    """Which attempt of which instance started this one."""

    instance_id: uuid.UUID
    node_id: str
    number: int


class Mock(Struct, frozen=True, kw_only=True):
    """The result that a node is given instead of being run."""

    outputs: Mapping[str, JsonValue] = field(default_factory=dict)
    failure: Failure | None = None
    """Set where it is to fail."""
    is_run: bool = False
    """Run it after all: for instances in which everything else is mocked."""


class Seed(Struct, frozen=True, kw_only=True):
    """What a rerun takes over from the instance that it reruns."""

    instance_id: str
    """Which one that was; empty for a node that is run alone."""
    start_id: str
    """Node to begin at."""
    variables: Mapping[str, JsonValue] = field(default_factory=dict)
    """Its variables then, by name."""
    outputs: Mapping[str, Mapping[str, JsonValue]] = field(default_factory=dict)
    """Outputs of the nodes that had succeeded, by node id."""
    inputs: Mapping[str, JsonValue] | None = None
    """Rendered inputs for the node to begin at, where a person has edited them."""


class Plan(Struct, frozen=True, kw_only=True):
    """How an instance was asked to run; fixed at its creation."""

    schemes: tuple[str, ...] = ()
    excluded: frozenset[str] = frozenset()
    """Optional nodes left out at the start, beside what the schemes leave out."""
    mocks: Mapping[str, Mock] = field(default_factory=dict)
    """Canned results by node id."""
    is_mocked: bool = False
    """Nodes without a canned result succeed without outputs instead of being run."""
    seed: Seed | None = None
    depth: int = 0
    """How many instances lie above this one."""
    project_variables: Mapping[str, JsonValue] = field(default_factory=dict)
    """The project's variables when the instance was created, for ``${project.<name>}``."""

    @property
    def is_node_test(self) -> bool:
        """Tell whether one node is run alone, with what was given to it."""
        return self.seed is not None and not self.seed.instance_id


NO_PLAN = Plan()
"""The whole graph, from its start, for real."""


class Phase(StrEnum):
    """Which way an instance goes."""

    FORWARD = "forward"
    ROLLBACK = "rollback"
    """What succeeded is being undone."""


class InstanceFacts(Struct, frozen=True, kw_only=True):
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
    template: str = ""
    """Key of its template, for ``${instance.template}``."""
    url: str = ""
    """Where people look at it, for ``${instance.url}``."""
    plan: Plan = NO_PLAN


class Snapshot(Struct, kw_only=True):
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
    """Number of failed nodes of the graph."""
    phase: Phase = Phase.FORWARD
    breakpoints: frozenset[str] = frozenset()
    """Nodes that a token stops at until a person lets it in."""
    priority: int = DEFAULT_PRIORITY
    """0 to 9, the higher the sooner its steps are dispatched."""
