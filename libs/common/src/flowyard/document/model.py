"""A definition as it was written: nodes in order, converges possibly left out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flowyard.document.source import Places
from flowyard.engine.graph import (
    DEFAULT_ATTEMPT_TIMEOUT_SECONDS,
    DEFAULT_LOOP_LIMIT,
    DEFAULT_QUEUE,
    Activity,
    InputSpec,
    JsonValue,
    NodeKind,
    Subflow,
)

FORMAT_VERSION = 1
"""The only version of the format so far; the value of the key ``flowyard``."""

START_ID = "start"
"""Id of the implied first node."""

END_ID = "end"
"""Id of the implied last node; ``next: end`` leads there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """One way out of a branching node."""

    target: str
    condition: str | None = None
    """Expression without ``${}``; None for a default and for parallel branches."""
    is_default: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentNode:
    """One node as it was written."""

    node_id: str
    kind: NodeKind
    name: str = ""
    activity: Activity | None = None
    """Set exactly for activities."""
    subflow: Subflow | None = None
    """Set exactly for subflows."""
    exports: Mapping[str, str] = field(default_factory=dict)
    """Variable name to output name."""
    branches: tuple[Branch, ...] = ()
    """For branching nodes, in order."""
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
    nodes: tuple[DocumentNode, ...]
    outputs: Mapping[str, JsonValue] = field(default_factory=dict)
    places: Places = field(default_factory=Places, compare=False, repr=False)
    """Where everything stands in the text that it was read from."""

    def canonical(self) -> dict[str, JsonValue]:
        """Return the document as JSON in its one canonical form.

        Reading it again gives an equal document with the same canonical form. How
        something was written makes no difference to it: what has its default value is
        left out, and so is a ``next`` that names the following node.
        """
        document: dict[str, JsonValue] = {"flowyard": FORMAT_VERSION, "key": self.key}
        _put(document, "title", self.title)
        _put(document, "description", self.description)
        _put(document, "inputs", {spec.name: _input(spec) for spec in self.inputs})
        _put(document, "constants", dict(self.constants))
        _put(document, "computed", dict(self.computed))
        following = [*(node.node_id for node in self.nodes), END_ID][1:]
        document["nodes"] = [
            _node(node, next_id) for node, next_id in zip(self.nodes, following, strict=True)
        ]
        _put(document, "outputs", dict(self.outputs))
        return document


def _put(target: dict[str, JsonValue], key: str, value: JsonValue) -> None:
    """Set a key unless the value is empty."""
    if value not in (None, "", {}, []):
        target[key] = value


def _number(amount: float) -> int | float:
    return int(amount) if amount == int(amount) else amount


def _input(spec: InputSpec) -> JsonValue:
    value: dict[str, JsonValue] = {"type": spec.type.value}
    if spec.is_required == (spec.default is not None):
        value["required"] = spec.is_required
    if spec.default is not None:
        value["default"] = spec.default
    _put(value, "description", spec.description)
    _put(value, "choices", list(spec.choices))
    _put(value, "pattern", spec.pattern)
    for key, bound in (("minimum", spec.minimum), ("maximum", spec.maximum)):
        if bound is not None:
            value[key] = _number(bound)
    return value


def _node(node: DocumentNode, following: str) -> JsonValue:
    value: dict[str, JsonValue] = {"id": node.node_id}
    _put(value, "name", node.name)
    if node.activity is not None:
        _put_activity(value, node.activity, node.exports)
    elif node.subflow is not None:
        version = "" if node.subflow.version is None else f"@{node.subflow.version}"
        value["subflow"] = f"{node.subflow.template}{version}"
        _put(value, "inputs", dict(node.subflow.inputs))
        _put(value, "export", dict(node.exports))
    elif node.branches:
        value[node.kind.value] = [_branch(branch, node.kind) for branch in node.branches]
    else:
        value[node.kind.value] = True
    if node.loop_limit != DEFAULT_LOOP_LIMIT:
        value["loop_limit"] = node.loop_limit
    if node.next_id is not None and node.next_id != following:
        value["next"] = node.next_id
    return value


def _put_activity(
    value: dict[str, JsonValue], activity: Activity, exports: Mapping[str, str]
) -> None:
    value["plugin"] = f"{activity.plugin}@{activity.version}"
    _put(value, "inputs", dict(activity.inputs))
    _put(value, "export", dict(exports))
    if activity.queue != DEFAULT_QUEUE:
        value["queue"] = activity.queue
    if activity.timeout_seconds != DEFAULT_ATTEMPT_TIMEOUT_SECONDS:
        value["timeout"] = _number(activity.timeout_seconds)
    _put(value, "secret_outputs", list[JsonValue](sorted(activity.secret_outputs)))


def _branch(branch: Branch, kind: NodeKind) -> JsonValue:
    if kind is NodeKind.PARALLEL and not branch.name:
        return branch.target
    value: dict[str, JsonValue] = {}
    if branch.is_default:
        value["default"] = True
    if branch.condition is not None:
        value["when"] = branch.condition
    value["next"] = branch.target
    _put(value, "name", branch.name)
    return value
