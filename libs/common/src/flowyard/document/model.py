"""A definition as it was written: nodes in order, converges possibly left out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flowyard.document.canonical import (
    map_form,
    put,
    put_activity,
    put_options,
    put_subflow,
    scheme_form,
)
from flowyard.document.inputs import canonical_input
from flowyard.document.source import Places
from flowyard.engine.graph import (
    DEFAULT_LOOP_LIMIT,
    DEFAULT_OPTIONS,
    Activity,
    FailurePolicy,
    InputSpec,
    JsonValue,
    MapSpec,
    NodeKind,
    NodeOptions,
    Scheme,
    Subflow,
)

FORMAT_VERSION = 1
"""The only version of the format so far; the value of the key ``flowyard``."""

START_ID = "start"
"""Id of the implied first node."""

END_ID = "end"
"""Id of the implied last node; ``next: end`` leads there."""


Position = tuple[int, int]
"""Left and upper edge of a node on the canvas, in pixels; down and to the right is more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """One way out of a branching node."""

    target: str
    condition: str | None = None
    """Expression without ``${}``; None for a default and for parallel branches."""
    boolrule: str | None = None
    """The same in the condition language of bk-sops; at most one of both is set."""
    is_default: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentNode:
    """One node as it was written."""

    node_id: str
    kind: NodeKind
    name: str = ""
    activity: Activity | None = None
    """Set exactly for activities, and for maps that run one per item."""
    subflow: Subflow | None = None
    """Set exactly for subflows, and for maps that run one per item."""
    map: MapSpec | None = None
    """Set exactly for maps."""
    options: NodeOptions = DEFAULT_OPTIONS
    render: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Verbatim inputs that are rendered all the same, by ``plugin``, ``rollback``, ``notify``."""
    exports: Mapping[str, str] = field(default_factory=dict)
    """Variable name to output name."""
    branches: tuple[Branch, ...] = ()
    """For branching nodes, in order."""
    takes_first: bool = False
    """For exclusive gateways: of several branches that match, the first is taken."""
    loop_limit: int = DEFAULT_LOOP_LIMIT
    """For exclusive gateways."""
    next_id: str | None = None
    """The next node, ``end`` included; None exactly for branching nodes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A definition that was read without problems; its graph may still be unsound."""

    key: str
    title: str = ""
    description: str = ""
    inputs: tuple[InputSpec, ...] = ()
    constants: Mapping[str, JsonValue] = field(default_factory=dict)
    computed: Mapping[str, JsonValue] = field(default_factory=dict)
    lazy: Mapping[str, JsonValue] = field(default_factory=dict)
    nodes: tuple[DocumentNode, ...]
    outputs: Mapping[str, JsonValue] = field(default_factory=dict)
    schemes: tuple[Scheme, ...] = ()
    on_failure: FailurePolicy = FailurePolicy.STOP
    layout: Mapping[str, Position] = field(default_factory=dict)
    """Where nodes stand that a person has placed, by id, in the order of the nodes."""
    places: Places = field(default_factory=Places, compare=False, repr=False)
    """Where everything stands in the text that it was read from."""

    def canonical(self) -> dict[str, JsonValue]:
        """Return the document as JSON in its one canonical form.

        Reading it again gives an equal document with the same canonical form. How
        something was written makes no difference to it: what has its default value is
        left out, and so is a ``next`` that names the following node.
        """
        document: dict[str, JsonValue] = {"flowyard": FORMAT_VERSION, "key": self.key}
        put(document, "title", self.title)
        put(document, "description", self.description)
        put(document, "inputs", {spec.name: canonical_input(spec) for spec in self.inputs})
        put(document, "constants", dict(self.constants))
        put(document, "computed", dict(self.computed))
        put(document, "lazy", dict(self.lazy))
        following = [*(node.node_id for node in self.nodes), END_ID][1:]
        document["nodes"] = [
            _node(node, next_id) for node, next_id in zip(self.nodes, following, strict=True)
        ]
        put(document, "outputs", dict(self.outputs))
        put(document, "schemes", {one.name: scheme_form(one) for one in self.schemes})
        if self.on_failure is not FailurePolicy.STOP:
            document["on_failure"] = self.on_failure.value
        put(document, "layout", {node_id: list(at) for node_id, at in self.layout.items()})
        return document


def _node(node: DocumentNode, following: str) -> JsonValue:
    value: dict[str, JsonValue] = {"id": node.node_id}
    put(value, "name", node.name)
    if node.map is not None:
        value["map"] = map_form(node.map)
    if node.activity is not None:
        render = node.render.get("plugin", frozenset())
        put_activity(value, node.activity, render, node.exports)
    elif node.subflow is not None:
        put_subflow(value, node.subflow, node.exports)
    elif node.branches:
        value[node.kind.value] = [_branch(branch, node.kind) for branch in node.branches]
    else:
        value[node.kind.value] = True
    put_options(value, node.options, node.render)
    if node.takes_first:
        value["first_match"] = True
    if node.loop_limit != DEFAULT_LOOP_LIMIT:
        value["loop_limit"] = node.loop_limit
    if node.next_id is not None and node.next_id != following:
        value["next"] = node.next_id
    return value


def _branch(branch: Branch, kind: NodeKind) -> JsonValue:
    if kind is NodeKind.PARALLEL and not branch.name:
        return branch.target
    value: dict[str, JsonValue] = {}
    if branch.is_default:
        value["default"] = True
    if branch.condition is not None:
        value["when"] = branch.condition
    if branch.boolrule is not None:
        value["boolrule"] = branch.boolrule
    value["next"] = branch.target
    put(value, "name", branch.name)
    return value
