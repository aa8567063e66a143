"""Terse builders of engine graphs.

The general one is :func:`graph`: paths of node ids as text, and nodes and edges
where a path does not say enough. A node that is only named in a path is a
``noop`` activity; ``start`` and ``end`` are what they are called.

    graph("start split x join end", "split y join", parallel("split"), converge("join"))
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, Unpack

from flowyard.engine.graph import (
    DEFAULT_ATTEMPT_TIMEOUT_SECONDS,
    DEFAULT_LOOP_LIMIT,
    DEFAULT_QUEUE,
    Activity,
    Edge,
    Graph,
    JsonValue,
    MapSpec,
    Node,
    NodeKind,
    Subflow,
    SubflowMode,
)
from flowyard.engine.validation import GraphVariables, complete


def activity(
    node_id: str,
    inputs: Mapping[str, JsonValue] | None = None,
    *,
    plugin: str = "noop",
    version: str = "1.0",
    exports: Mapping[str, str] | None = None,
    queue: str = DEFAULT_QUEUE,
    timeout_seconds: float = DEFAULT_ATTEMPT_TIMEOUT_SECONDS,
    secret_outputs: frozenset[str] = frozenset(),
    name: str = "",
) -> Node:
    """Return an activity, of the plugin ``noop`` unless it is said otherwise."""
    return Node(
        node_id=node_id,
        kind=NodeKind.ACTIVITY,
        name=name,
        activity=Activity(
            plugin=plugin,
            version=version,
            inputs=inputs or {},
            queue=queue,
            timeout_seconds=timeout_seconds,
            secret_outputs=secret_outputs,
        ),
        exports=exports or {},
    )


def optioned(node: Node, **options: Any) -> Node:
    """Return a node with some options that are not the default ones."""
    return replace(node, options=replace(node.options, **options))


def subflow(
    node_id: str,
    template: str = "child",
    version: int | None = 1,
    *,
    inputs: Mapping[str, JsonValue] | None = None,
    exports: Mapping[str, str] | None = None,
) -> Node:
    """Return a node that runs another template."""
    return Node(
        node_id=node_id,
        kind=NodeKind.SUBFLOW,
        subflow=Subflow(template=template, version=version, inputs=inputs or {}),
        exports=exports or {},
    )


def inline(
    node_id: str,
    *,
    inputs: Mapping[str, JsonValue] | None = None,
    exports: Mapping[str, str] | None = None,
    schemes: tuple[str, ...] = (),
) -> Node:
    """Return a node for an inline subflow; :func:`flowyard.engine.inlining.expand` fills it."""
    run = Subflow(
        template="child",
        version=1,
        mode=SubflowMode.INLINE,
        inputs=inputs or {},
        schemes=schemes,
    )
    return Node(node_id=node_id, kind=NodeKind.SUBFLOW, subflow=run, exports=exports or {})


def mapped(
    node_id: str,
    items: JsonValue,
    inputs: Mapping[str, JsonValue] | None = None,
    *,
    runs_child: bool = False,
    exports: Mapping[str, str] | None = None,
    **spec: Any,
) -> Node:
    """Return a map that runs ``noop``, or a child, per item; ``spec`` is more of a MapSpec."""
    work = subflow(node_id, inputs=inputs) if runs_child else activity(node_id, inputs)
    return replace(work, kind=NodeKind.MAP, map=MapSpec(items=items, **spec), exports=exports or {})


def exclusive(node_id: str, *, loop_limit: int = DEFAULT_LOOP_LIMIT) -> Node:
    """Return an exclusive gateway."""
    return Node(node_id=node_id, kind=NodeKind.EXCLUSIVE, loop_limit=loop_limit)


def parallel(node_id: str) -> Node:
    """Return a parallel split; :func:`graph` finds its converge."""
    return Node(node_id=node_id, kind=NodeKind.PARALLEL)


def conditional_parallel(node_id: str) -> Node:
    """Return a conditional parallel split; :func:`graph` finds its converge."""
    return Node(node_id=node_id, kind=NodeKind.CONDITIONAL_PARALLEL)


def converge(node_id: str) -> Node:
    """Return a converge."""
    return Node(node_id=node_id, kind=NodeKind.CONVERGE)


def edge(source: str, target: str, when: str | None = None, *, default: bool = False) -> Edge:
    """Return an edge; ``when`` is its condition, without ``${}``."""
    return Edge(source=source, target=target, condition=when, is_default=default)


def graph(*parts: Node | Edge | str, **variables: Unpack[GraphVariables]) -> Graph:
    """Return a graph made of paths, nodes and edges.

    Parameters
    ----------
    parts
        A text is a path of node ids, each connected to the next one. A node
        replaces the activity that a path would make of its id. An edge adds
        one, or replaces the plain one that a path made between the same nodes.
        Converges of splits and edges that lead back are found by
        :func:`flowyard.engine.validation.complete`.
    variables
        ``inputs``, ``constants``, ``computed`` and ``outputs``, as in a graph.
    """
    given = {part.node_id: part for part in parts if isinstance(part, Node)}
    edges = _edges(parts)
    names = ["start", *(name for pair in edges for name in pair), *given, "end"]
    nodes = {name: given.get(name) or _default_node(name) for name in dict.fromkeys(names)}
    return complete(nodes, edges.values(), "start", "end", **variables)


def chain(length: int = 3, **variables: Unpack[GraphVariables]) -> Graph:
    """Return ``start a1 a2 ... end``."""
    names = (f"a{index}" for index in range(1, length + 1))
    return graph(" ".join(["start", *names, "end"]), **variables)


def split_join(
    branches: int = 2,
    length: int = 1,
    *,
    when: Sequence[str] = (),
    default: bool = False,
    **variables: Unpack[GraphVariables],
) -> Graph:
    """Return a split into branches that a converge collects: ``start split ... join end``.

    Parameters
    ----------
    branches, length
        Number of branches and of activities in each: ``b1-1``, ``b1-2``, ``b2-1``...
    when
        Conditions by branch; given, the split is a conditional parallel one.
    default
        The last branch is the default one.
    """
    split = conditional_parallel if when or default else parallel
    parts: list[Node | Edge | str] = [
        "start split",
        split("split"),
        converge("join"),
    ]
    for branch in range(1, branches + 1):
        names = [f"b{branch}-{index}" for index in range(1, length + 1)]
        is_default = default and branch == branches
        condition = when[branch - 1] if branch <= len(when) and not is_default else None
        path = [*names, "join"]
        parts += [edge("split", path[0], condition, default=is_default), " ".join(path)]
    return graph(*parts, "join end", **variables)


def choice(
    conditions: Sequence[str], *, default: bool = True, **variables: Unpack[GraphVariables]
) -> Graph:
    """Return an exclusive gateway ``choose`` with branches ``b1``, ``b2``... and ``otherwise``."""
    parts: list[Node | Edge | str] = ["start choose", exclusive("choose")]
    for index, condition in enumerate(conditions, 1):
        parts += [edge("choose", f"b{index}", condition), f"b{index} end"]
    if default:
        parts += [edge("choose", "otherwise", default=True), "otherwise end"]
    return graph(*parts, **variables)


def loop(
    again: str, *, loop_limit: int = DEFAULT_LOOP_LIMIT, **variables: Unpack[GraphVariables]
) -> Graph:
    """Return ``start work check end`` where ``check`` goes back to ``work`` while ``again``."""
    return graph(
        "start work check",
        exclusive("check", loop_limit=loop_limit),
        edge("check", "work", again),
        edge("check", "end", default=True),
        **variables,
    )


def _edges(parts: Sequence[Node | Edge | str]) -> dict[tuple[str, str], Edge]:
    found: dict[tuple[str, str], Edge] = {}
    for part in parts:
        if isinstance(part, Edge):
            found[part.source, part.target] = part
        elif isinstance(part, str):
            for source, target in pairwise(part.split()):
                found.setdefault((source, target), edge(source, target))
    return found


def _default_node(name: str) -> Node:
    if name in ("start", "end"):
        return Node(node_id=name, kind=NodeKind(name))
    return activity(name)
