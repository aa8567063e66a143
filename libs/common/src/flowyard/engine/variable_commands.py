"""Giving variables other values while an instance runs."""

from dataclasses import replace

from flowyard.engine.binding import bind_inputs, has_reserved_key
from flowyard.engine.draft import Draft
from flowyard.engine.effects import Decision, Rejection
from flowyard.engine.events import SetVariables
from flowyard.engine.graph import Graph, JsonValue, scope_of
from flowyard.engine.snapshot import Snapshot
from flowyard.engine.usage import used_by


def set_variables(snapshot: Snapshot, command: SetVariables) -> Decision:
    """Give variables other values, all or none; what a node has used already stays.

    Computed variables that were rendered from the old values are not rendered again.
    """
    known = _known(snapshot)
    values: dict[str, JsonValue] = {}
    for name, given in command.values.items():
        if name not in known:
            return _reject(
                "unknown_variable",
                f"Expected one of {', '.join(sorted(known)) or 'no variables'},"
                f" but {name} is none of them",
            )
        taken = _taken(snapshot.graph, name, given)
        if isinstance(taken, Rejection):
            return Decision(rejection=taken)
        users = used_by(snapshot, name)
        if users:
            return _reject(
                "variable_used",
                f"Expected a variable that no node has used yet,"
                f" but {name} was used by {', '.join(users)}",
            )
        values[name] = taken[name]
    draft = Draft(snapshot, command.at)
    draft.set_variables({**draft.variables, **values})
    return draft.decide()


def _reject(code: str, message: str) -> Decision:
    return Decision(rejection=Rejection(code=code, message=message))


def _known(snapshot: Snapshot) -> frozenset[str]:
    """Return the names of the instance's own variables, those without a value yet included."""
    graph = snapshot.graph
    exported = (
        name for node in graph.nodes.values() if not scope_of(node.node_id) for name in node.exports
    )
    return frozenset(snapshot.variables).union(graph.lazy, exported)


def _taken(graph: Graph, name: str, value: JsonValue) -> dict[str, JsonValue] | Rejection:
    """Return a value as expressions are to see it, by name, or why it does not fit."""
    spec = next((one for one in graph.inputs if one.name == name), None)
    if spec is None:
        if has_reserved_key(value):
            return Rejection(
                code="reserved_key",
                message=f"Expected no key that begins with $, but variable {name} has one",
            )
        return {name: value}
    binding = bind_inputs((replace(spec, visible_when=None),), {name: value})
    if binding.problems:
        first = binding.problems[0]
        return Rejection(code=first.code, message=first.message)
    return dict(binding.values)
