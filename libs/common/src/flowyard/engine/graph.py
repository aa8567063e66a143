"""What an instance runs: the immutable graph of a template version and its variables.

A graph is built once per template version by the document room and shared by
all instances of that version. Nothing in it changes while an instance runs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]
"""Anything that JSON can hold."""

DEFAULT_QUEUE = "default"
"""Where an activity is dispatched that names no queue."""

DEFAULT_LOOP_LIMIT = 1000
"""How often an exclusive gateway may send a token back, unless it says otherwise.

High enough for a poll every second over a quarter of an hour, low enough that a
loop without an end is noticed. See docs/decisions/0005-loop-limit.md.
"""

DEFAULT_ATTEMPT_TIMEOUT_SECONDS = 60.0
"""How long one step of a plugin may take; what takes longer does it as a wait."""


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


SPLIT_KINDS = frozenset({NodeKind.PARALLEL, NodeKind.CONDITIONAL_PARALLEL})
"""The kinds that start several branches, which one converge collects."""

BRANCHING_KINDS = SPLIT_KINDS | {NodeKind.EXCLUSIVE}
"""The kinds that may have several outgoing edges."""

CONDITIONAL_KINDS = frozenset({NodeKind.EXCLUSIVE, NodeKind.CONDITIONAL_PARALLEL})
"""The kinds whose outgoing edges carry conditions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """What an activity runs."""

    plugin: str
    """Name of the plugin."""
    version: str
    """Exact version of the plugin."""
    inputs: Mapping[str, JsonValue] = field(default_factory=dict)
    """Values by input name; text in them may hold ``${...}`` expressions."""
    queue: str = DEFAULT_QUEUE
    """Which workers may take it."""
    timeout_seconds: float = DEFAULT_ATTEMPT_TIMEOUT_SECONDS
    """How long one step may run in the plugin gateway."""
    secret_outputs: frozenset[str] = frozenset()
    """Names of outputs that are stored sealed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subflow:
    """What a subflow node starts."""

    template: str
    """Key of the template in the same project."""
    version: int | None = None
    """Number of the template version; None until the version is pinned at publication."""
    inputs: Mapping[str, JsonValue] = field(default_factory=dict)
    """Values for the child's inputs, with expressions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One vertex."""

    node_id: str
    """Unique within the graph; letters, digits, ``_`` and ``-``."""
    kind: NodeKind
    name: str = ""
    """What a person reads on the canvas; may be empty."""
    activity: Activity | None = None
    """Set exactly for activities."""
    subflow: Subflow | None = None
    """Set exactly for subflows."""
    exports: Mapping[str, str] = field(default_factory=dict)
    """Variable name to the output of this node that it takes its value from."""
    converge_id: str | None = None
    """For a parallel split: the converge that collects its branches."""
    loop_limit: int = DEFAULT_LOOP_LIMIT
    """For an exclusive gateway: how often it may send a token back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A directed connection."""

    source: str
    target: str
    condition: str | None = None
    """Expression text without ``${}``; None for an edge that is always followed."""
    is_default: bool = False
    """Followed when no condition of its siblings holds."""
    is_back: bool = False
    """Leads back to a node that lies before its source."""
    name: str = ""
    """What a person reads on the canvas; may be empty."""


class VariableType(StrEnum):
    """The types that an input may have."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    LIST = "list"
    OBJECT = "object"
    JSON = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSpec:
    """One typed input of a template."""

    name: str
    type: VariableType = VariableType.STRING
    is_required: bool = True
    """Must be given at the start; False when there is a default."""
    default: JsonValue = None
    description: str = ""
    choices: tuple[JsonValue, ...] = ()
    """Allowed values; empty allows all."""
    pattern: str | None = None
    """Regular expression that a string must match as a whole."""
    minimum: float | None = None
    maximum: float | None = None


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
    outputs: Mapping[str, JsonValue] = field(default_factory=dict)
    """What the instance yields, rendered when its end is reached."""

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
