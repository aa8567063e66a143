"""What the inputs of a node would be if a token entered it now."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from msgspec.structs import replace

from flowyard.engine.binding import bind_inputs
from flowyard.engine.draft import Draft
from flowyard.engine.expressions import ExpressionError, paths_in, render
from flowyard.engine.graph import Graph, JsonValue, Node, owner_of, scope_of
from flowyard.engine.lifecycle import NodeStatus
from flowyard.engine.scope import RESULT, Scope
from flowyard.engine.snapshot import NodeState, Snapshot

NOT_KNOWN_YET = "not_known_yet"
"""Code of an input that needs a value which is still to be given, or made by a node."""

_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""When a draft counts that decides nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewProblem:
    """Why an input cannot be rendered."""

    code: str
    """:data:`NOT_KNOWN_YET`, or the code of the failure that the node would stop with."""
    message: str
    expression: str
    """Without its ``${`` and ``}``."""
    position: int
    """In the expression, in characters from 0."""
    known_names: tuple[str, ...]
    missing: tuple[str, ...] = ()
    """Names that are not known yet: of variables, or ``nodes.<id>``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InputPreview:
    """One input of a node."""

    name: str
    value: JsonValue = None
    """As rendered; None where there is a problem."""
    problem: PreviewProblem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePreview:
    """What a node would be given."""

    node_id: str
    inputs: tuple[InputPreview, ...]
    """In the order of the definition."""


def preview(snapshot: Snapshot, node_id: str) -> NodePreview:
    """Return a node's inputs as they would be rendered with what is known now.

    An instance that was not started yet is taken as if it were: with its inputs as given
    as far as they fit, and its computed variables as far as these can be rendered.

    Parameters
    ----------
    snapshot
        The instance; stays as it is.
    node_id
        A node of its graph, or what runs on behalf of one.

    Raises
    ------
    LookupError
        Raised if there is no such node.
    """
    node = snapshot.graph.find(node_id)
    if node is None:
        raise LookupError(node_id)
    return _preview(_begun(snapshot), node)


def preview_all(snapshot: Snapshot) -> Iterator[NodePreview]:
    """Yield the previews of all nodes of the graph that have inputs, in its order."""
    draft = _begun(snapshot)
    for node in snapshot.graph.nodes.values():
        inputs, _ = _inputs(node)
        if inputs:
            yield _preview(draft, node)


def _preview(draft: Draft, node: Node) -> NodePreview:
    scope = draft.scope(_next_visit(draft, node.node_id))
    known = _Declared(draft.graph, node)
    inputs, verbatim = _inputs(node)
    return NodePreview(
        node_id=node.node_id,
        inputs=tuple(
            InputPreview(name=name, value=value)
            if name in verbatim
            else _rendered(name, value, scope, known)
            for name, value in inputs.items()
        ),
    )


def _begun(snapshot: Snapshot) -> Draft:
    """Return an instance as it is, or as its start would leave it."""
    draft = Draft(snapshot, _NO_TIME)
    if not snapshot.variables:
        _begin(draft)
    return draft


def _begin(draft: Draft) -> None:
    """Give an instance the variables that its start would give it."""
    graph = draft.graph
    bound = bind_inputs(graph.inputs, draft.snapshot.given).values
    variables = {**bound, **graph.constants}
    state = NodeState(node_id=graph.start_id, status=NodeStatus.READY, visits=1)
    for name, value in graph.computed.items():
        draft.set_variables(variables)
        try:
            variables = {**variables, name: render(value, draft.scope(state))}
        except ExpressionError:
            continue
    draft.set_variables(variables)


def _next_visit(draft: Draft, node_id: str) -> NodeState:
    state = draft.find(node_id)
    if state is None:
        return NodeState(node_id=node_id, status=NodeStatus.READY, visits=1)
    # A failed node is tried again within the same visit.
    return state if state.status is NodeStatus.FAILED else replace(state, visits=state.visits + 1)


def _inputs(node: Node) -> tuple[Mapping[str, JsonValue], frozenset[str]]:
    """Return a node's inputs, and the names of those that are taken as they are."""
    if node.map is not None:
        # What each item is given is the input of a node of its own: deploy:0.
        return {"items": node.map.items}, frozenset()
    if node.activity is not None:
        return node.activity.inputs, node.activity.verbatim
    return ({} if node.subflow is None else node.subflow.inputs), frozenset()


class _Declared:
    """The variables that are there once everything has run.

    Parameters
    ----------
    graph
        Where they are declared.
    node
        Whose variables are meant: those of the flow, or of the inline subflow that it lies in.
    """

    def __init__(self, graph: Graph, node: Node) -> None:
        scope_id = scope_of(node.node_id)
        declared = graph.scopes[scope_id] if scope_id else graph
        exported = (
            name
            for node_id, one in graph.nodes.items()
            if scope_of(node_id) == scope_id
            for name in one.exports
        )
        inputs = (spec.name for spec in declared.inputs)
        item = () if owner_of(node.node_id) is None else ("item", "index")
        self._names = frozenset(exported).union(inputs, declared.constants, declared.computed, item)
        self._lazy = declared.lazy

    def missing(self, value: JsonValue, scope: Scope) -> Iterator[str]:
        """Yield what a value reads that is not there yet, through lazy variables too."""
        seen: set[str] = set()
        pending = [value]
        while pending:
            for first, *below in paths_in(pending.pop()):
                if first == "nodes" and below:
                    if _has_still_to_end(scope, below[0]):
                        yield f"nodes.{below[0]}"
                elif first in seen:
                    continue
                elif first in self._lazy:
                    seen.add(first)
                    pending.append(self._lazy[first])
                elif first in self._names and first not in scope:
                    yield first


def _has_still_to_end(scope: Scope, node_id: str) -> bool:
    outputs = scope["nodes"].get(node_id)
    return outputs is None or RESULT not in outputs


def _rendered(name: str, value: JsonValue, scope: Scope, known: _Declared) -> InputPreview:
    try:
        return InputPreview(name=name, value=render(value, scope))
    except ExpressionError as error:
        missing = tuple(sorted(set(known.missing(value, scope))))
        return InputPreview(
            name=name,
            problem=PreviewProblem(
                code=NOT_KNOWN_YET if missing else error.code,
                message=f"Expected values that are not known yet: {', '.join(missing)}"
                if missing
                else error.reason,
                expression=error.expression,
                position=error.position,
                known_names=error.known_names,
                missing=missing,
            ),
        )
