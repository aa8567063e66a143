"""What an instance runs: the immutable graph of a template version and its variables.

A graph is built once per template version by the document room and shared by
all instances of that version. Nothing in it changes while an instance runs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

from flowyard.engine.inputs import InputSpec, Option, VariableType
from flowyard.engine.work import (
    DEFAULT_ATTEMPT_TIMEOUT_SECONDS,
    DEFAULT_OPTIONS,
    DEFAULT_PRIORITY,
    DEFAULT_QUEUE,
    MAX_RETRY_SECONDS,
    Activity,
    Compensation,
    ConcurrencyKey,
    Deadline,
    DeadlineAction,
    JsonValue,
    NodeOptions,
    RetryPolicy,
    Subflow,
    SubflowMode,
)

__all__ = [
    "DEFAULT_ATTEMPT_TIMEOUT_SECONDS",
    "DEFAULT_OPTIONS",
    "DEFAULT_PRIORITY",
    "DEFAULT_QUEUE",
    "MAX_RETRY_SECONDS",
    "Activity",
    "Compensation",
    "ConcurrencyKey",
    "Deadline",
    "DeadlineAction",
    "InputSpec",
    "JsonValue",
    "NodeOptions",
    "Option",
    "RetryPolicy",
    "Subflow",
    "SubflowMode",
    "VariableType",
]

DEFAULT_LOOP_LIMIT = 1000
"""How often an exclusive gateway may send a token back, unless it says otherwise.

High enough for a poll every second over a quarter of an hour, low enough that a
loop without an end is noticed. See docs/decisions/0005-loop-limit.md.
"""


class NodeKind(StrEnum):
    """What kind of vertex a node is."""

    START = "start"
    END = "end"
    ACTIVITY = "activity"
    SUBFLOW = "subflow"
    EXCLUSIVE = "exclusive"
    PARALLEL = "parallel"
    CONDITIONAL_PARALLEL = "conditional_parallel"
    CONVERGE = "converge"
    MAP = "map"


SPLIT_KINDS = frozenset({NodeKind.PARALLEL, NodeKind.CONDITIONAL_PARALLEL})
"""The kinds that start several branches, which one converge collects."""

BRANCHING_KINDS = SPLIT_KINDS | {NodeKind.EXCLUSIVE}
"""The kinds that may have several outgoing edges."""

CONDITIONAL_KINDS = frozenset({NodeKind.EXCLUSIVE, NodeKind.CONDITIONAL_PARALLEL})
"""The kinds whose outgoing edges carry conditions."""

WORK_KINDS = frozenset({NodeKind.ACTIVITY, NodeKind.SUBFLOW, NodeKind.MAP})
"""The kinds that do something outside of the graph; only these take options."""

INNER_SEPARATOR = "."
"""Between the id of an inline subflow and the ids of the nodes in it: ``deploy.build``."""

SATELLITE_SEPARATOR = ":"
"""Between a node's id and what runs on its behalf: ``deploy:3``, ``deploy:rollback``."""

COMPENSATION = "rollback"
"""What a node's compensation is called: ``deploy:rollback``."""

NOTICE = "notify"
"""What the notification about a node's passed deadline is called: ``deploy:notify``."""


DEFAULT_MAP_CONCURRENCY = 20
"""How many items of a map are under way at once, unless it says otherwise."""

MAX_MAP_ITEMS = 10_000
"""Most items of one map: each costs a row, and all results stand in one outputs object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MapSpec:
    """Over what a map runs its activity or subflow."""

    items: JsonValue
    """A list, or text with ``${...}`` that renders to one."""
    concurrency: int = DEFAULT_MAP_CONCURRENCY
    """Most items under way at once."""
    tolerated: int = 0
    """How many items may fail without the map failing."""
    tolerated_percent: float | None = None
    """The same as a share of all items, 0 to 100; the larger of both counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One vertex."""

    node_id: str
    """Unique within the graph; letters, digits, ``_`` and ``-``."""
    kind: NodeKind
    name: str = ""
    """What a person reads on the canvas; may be empty."""
    activity: Activity | None = None
    """Set exactly for activities, and for maps that run one per item."""
    subflow: Subflow | None = None
    """Set exactly for subflows, and for maps that run one per item."""
    map: MapSpec | None = None
    """Set exactly for maps."""
    options: NodeOptions = DEFAULT_OPTIONS
    exports: Mapping[str, str] = field(default_factory=dict)
    """Variable name to the output of this node that it takes its value from."""
    converge_id: str | None = None
    """For a parallel split: the converge that collects its branches."""
    loop_limit: int = DEFAULT_LOOP_LIMIT
    """For an exclusive gateway: how often it may send a token back."""
    takes_first: bool = False
    """For an exclusive gateway: of several branches that match, the first one is taken."""

    @property
    def is_inline(self) -> bool:
        """Tell whether it runs a subflow within its own instance."""
        return (
            self.kind is NodeKind.SUBFLOW
            and self.subflow is not None
            and self.subflow.mode is SubflowMode.INLINE
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A directed connection."""

    source: str
    target: str
    condition: str | None = None
    """Expression text without ``${}``; None for an edge that is always followed."""
    boolrule: str | None = None
    """The same in the condition language of bk-sops; at most one of both is set."""
    is_default: bool = False
    """Followed when no condition of its siblings holds."""
    is_back: bool = False
    """Leads back to a node that lies before its source."""
    name: str = ""
    """What a person reads on the canvas; may be empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variables:
    """What an inline subflow declares: the variables of its own."""

    inputs: tuple[InputSpec, ...] = ()
    constants: Mapping[str, JsonValue] = field(default_factory=dict)
    computed: Mapping[str, JsonValue] = field(default_factory=dict)
    lazy: Mapping[str, JsonValue] = field(default_factory=dict)
    outputs: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """A named choice among the optional nodes."""

    name: str
    keeps: frozenset[str] = frozenset()
    """Optional nodes that run; several schemes together keep what any of them keeps."""
    is_default: bool = False
    """Taken where nobody chooses."""
    description: str = ""


class FailurePolicy(StrEnum):
    """What happens when nothing can go on without a person."""

    STOP = "stop"
    """The instance waits as failed."""
    ROLLBACK = "rollback"
    """What succeeded is undone in reverse order, then the instance ends as cancelled."""


@dataclass(frozen=True, kw_only=True)
class Graph:
    """One template version, ready to run."""

    nodes: Mapping[str, Node]
    """Nodes by id, in the order of the document."""
    edges: tuple[Edge, ...]
    """All edges; the order of those that leave one node is the order of evaluation."""
    start_id: str
    end_id: str
    inputs: tuple[InputSpec, ...] = ()
    constants: Mapping[str, JsonValue] = field(default_factory=dict)
    """Variables by name whose text is taken as it is."""
    computed: Mapping[str, JsonValue] = field(default_factory=dict)
    """Variables by name, rendered once at the start, in this order."""
    lazy: Mapping[str, JsonValue] = field(default_factory=dict)
    """Variables by name, rendered at each use."""
    outputs: Mapping[str, JsonValue] = field(default_factory=dict)
    """What the instance yields, rendered when its end is reached."""
    scopes: Mapping[str, Variables] = field(default_factory=dict)
    """What inline subflows declare, by the id of their node."""
    schemes: tuple[Scheme, ...] = ()
    on_failure: FailurePolicy = FailurePolicy.STOP

    @cached_property
    def outgoing(self) -> Mapping[str, tuple[Edge, ...]]:
        """Edges that leave each node, keyed by node id, in order of evaluation."""
        found: dict[str, list[Edge]] = {node_id: [] for node_id in self.nodes}
        for edge in self.edges:
            found[edge.source].append(edge)
        return {node_id: tuple(edges) for node_id, edges in found.items()}

    @cached_property
    def incoming(self) -> Mapping[str, tuple[Edge, ...]]:
        """Edges that reach each node, keyed by node id."""
        found: dict[str, list[Edge]] = {node_id: [] for node_id in self.nodes}
        for edge in self.edges:
            found[edge.target].append(edge)
        return {node_id: tuple(edges) for node_id, edges in found.items()}

    @cached_property
    def split_of(self) -> Mapping[str, str]:
        """Split id by the id of the converge that collects its branches."""
        return {
            node.converge_id: node.node_id
            for node in self.nodes.values()
            if node.converge_id is not None
        }

    @cached_property
    def has_notices(self) -> bool:
        """Tell whether somebody may be told about a passed deadline."""
        deadlines = (node.options.deadline for node in self.nodes.values())
        return any(one is not None and one.notice is not None for one in deadlines)

    @cached_property
    def queues(self) -> frozenset[str]:
        """Queues of all activities; those of its children are not known here."""
        return frozenset(
            node.activity.queue for node in self.nodes.values() if node.activity is not None
        )

    @cached_property
    def first_queues(self) -> tuple[str, ...]:
        """Queues of what it begins with, sorted: whatever no other work lies before.

        A subflow counts as work of its own, so nothing behind it is looked at.
        """
        found: set[str] = set()
        seen = {self.start_id}
        ahead = [self.start_id]
        while ahead:
            for edge in self.outgoing.get(ahead.pop(), ()):
                if edge.target in seen:
                    continue
                seen.add(edge.target)
                node = self.nodes[edge.target]
                if node.activity is not None:
                    found.add(node.activity.queue)
                elif node.subflow is None or node.is_inline:
                    ahead.append(edge.target)
        return tuple(sorted(found))

    def lazy_of(self, scope_id: str) -> Mapping[str, JsonValue]:
        """Return the lazy variables of an inline subflow; those of the flow for an empty id."""
        return self.scopes[scope_id].lazy if scope_id else self.lazy

    def find(self, node_id: str) -> Node | None:
        """Return a node of the graph, or what runs on behalf of one; None for neither."""
        return self.nodes.get(node_id) or self._satellites.get(node_id)

    @cached_property
    def _satellites(self) -> "Satellites":
        return Satellites(self.nodes)


class Satellites:
    """What runs on behalf of nodes: items of maps, compensations and notifications.

    Each is a node without edges, made when it is first asked for.

    Parameters
    ----------
    nodes
        The graph's, by id.
    """

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self._nodes = nodes
        self._made: dict[str, Node] = {}
        self._item_options: dict[str, NodeOptions] = {}

    def get(self, node_id: str) -> Node | None:
        """Return the node with an id such as ``deploy:3``, or None if there is no such thing."""
        made = self._made.get(node_id) or self._make(node_id)
        if made is not None:
            # What is none is not kept: people may ask for any id.
            self._made[node_id] = made
        return made

    def _make(self, node_id: str) -> Node | None:
        owner_id, separator, role = node_id.rpartition(SATELLITE_SEPARATOR)
        if not separator:
            return None
        owner = self._nodes.get(owner_id) or self.get(owner_id)
        if owner is None:
            return None
        if role == COMPENSATION and owner.options.compensation is not None:
            undo = owner.options.compensation
            return _satellite(node_id, undo.activity, undo.subflow, DEFAULT_OPTIONS)
        if role == NOTICE and owner.options.deadline is not None:
            return _satellite(node_id, owner.options.deadline.notice, None, DEFAULT_OPTIONS)
        if owner.map is not None and _is_index(role):
            options = self._item_options.setdefault(owner_id, _of_items(owner.options))
            return _satellite(node_id, owner.activity, owner.subflow, options)
        return None


def _is_index(role: str) -> bool:
    """Tell whether a text is the index of an item as it is written in its id."""
    is_number = role.isascii() and role.isdecimal() and len(role) <= len(str(MAX_MAP_ITEMS))
    return is_number and role == str(int(role)) and int(role) < MAX_MAP_ITEMS


def _of_items(options: NodeOptions) -> NodeOptions:
    """Return the options that hold for each item of a map rather than for the map."""
    return replace(
        options,
        is_optional=False,
        ignores_failure=False,
        run_when=None,
        compensation=None,
    )


def _satellite(
    node_id: str, activity: Activity | None, subflow: Subflow | None, options: NodeOptions
) -> Node:
    kind = NodeKind.SUBFLOW if activity is None else NodeKind.ACTIVITY
    return Node(node_id=node_id, kind=kind, activity=activity, subflow=subflow, options=options)


def owner_of(node_id: str) -> str | None:
    """Return the id of the node that something runs on behalf of; None for a node of the graph."""
    owner_id, separator, _ = node_id.rpartition(SATELLITE_SEPARATOR)
    return owner_id if separator else None


def scope_of(node_id: str) -> str:
    """Return the id of the inline subflow that a node lies in; empty for the flow itself."""
    owner_id, _, _ = node_id.partition(SATELLITE_SEPARATOR)
    return owner_id.rpartition(INNER_SEPARATOR)[0]
