"""Random structured graphs: what a person could draw, and what validation lets through."""

from dataclasses import dataclass, field, replace
from itertools import count

from hypothesis import strategies as st

from flowyard.engine.graph import Edge, Graph, JsonValue, Node, RetryPolicy
from flowyard.engine.inlining import expand
from flowyard.engine.validation import complete
from flowyard.testing.graphs import (
    activity,
    conditional_parallel,
    converge,
    edge,
    exclusive,
    graph,
    inline,
    mapped,
    optioned,
    parallel,
)

MAX_ROUNDS = 3


BLOCKS = ("activity", "split", "some", "choice", "loop")
"""What a graph may be made of; a loop counts its rounds, so its place in a flow matters."""


@dataclass
class _Drawing:
    """Nodes and edges so far; blocks are appended behind an open end."""

    draw: st.DrawFn
    blocks: tuple[str, ...] = BLOCKS
    parts: list[Node | Edge | str] = field(default_factory=list)
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    def name(self, kind: str) -> str:
        return f"{kind}{next(self.numbers)}"

    def connect(self, source: str, target: str, when: str | None = None, **kind: bool) -> None:
        self.parts.append(edge(source, target, when, **kind))

    def sequence(self, source: str, depth: int, entry: dict[str, object]) -> str:
        """Append blocks behind ``source`` and return the last node's id."""
        for _ in range(self.draw(st.integers(1, 3))):
            source = self.block(source, depth, entry)
            entry = {}
        return source

    def block(self, source: str, depth: int, entry: dict[str, object]) -> str:
        kinds = ("activity",) if depth == 0 else self.blocks
        kind = self.draw(st.sampled_from(kinds))
        match kind:
            case "split" | "some":
                return self.split(source, depth, entry, is_conditional=kind == "some")
            case "choice":
                return self.choice(source, depth, entry)
            case "loop":
                return self.loop(source, depth, entry)
            case _:
                node_id = self.name("a")
                self.parts.append(activity(node_id))
                self.enter(source, node_id, entry)
                return node_id

    def enter(self, source: str, target: str, entry: dict[str, object]) -> None:
        when = entry.get("when")
        self.connect(
            source,
            target,
            when if isinstance(when, str) else None,
            default=bool(entry.get("default")),
        )

    def split(
        self, source: str, depth: int, entry: dict[str, object], *, is_conditional: bool
    ) -> str:
        split, join = self.name("p"), self.name("j")
        kind = conditional_parallel if is_conditional else parallel
        self.parts += [kind(split), converge(join)]
        self.enter(source, split, entry)
        for branch in range(self.draw(st.integers(2, 3))):
            when: dict[str, object] = {}
            if is_conditional:
                holds = branch == 0 or self.draw(st.booleans())
                when = {"when": str(holds)}
            last = self.sequence(split, depth - 1, when)
            self.connect(last, join)
        return join

    def choice(self, source: str, depth: int, entry: dict[str, object]) -> str:
        gateway, after = self.name("x"), self.name("a")
        self.parts += [exclusive(gateway), activity(after)]
        self.enter(source, gateway, entry)
        holds = self.draw(st.booleans())
        self.connect(self.sequence(gateway, depth - 1, {"when": str(holds)}), after)
        self.connect(self.sequence(gateway, depth - 1, {"default": True}), after)
        return after

    def loop(self, source: str, depth: int, entry: dict[str, object]) -> str:
        first, gateway = self.name("a"), self.name("x")
        self.parts += [activity(first), exclusive(gateway)]
        self.enter(source, first, entry)
        self.connect(self.sequence(first, depth - 1, {}), gateway)
        rounds = self.draw(st.integers(1, MAX_ROUNDS))
        self.parts.append(edge(gateway, first, f"loop < {rounds}"))
        after = self.name("a")
        self.parts.append(activity(after))
        self.connect(gateway, after, default=True)
        return after


@st.composite
def structured_graphs(
    draw: st.DrawFn, *, depth: int = 2, blocks: tuple[str, ...] = BLOCKS
) -> Graph:
    """Draw a graph of nested sequences, splits, choices and bounded loops."""
    drawing = _Drawing(draw, blocks)
    last = drawing.sequence("start", depth, {})
    drawing.connect(last, "end")
    return graph(*drawing.parts)


@st.composite
def inlined_graphs(draw: st.DrawFn) -> tuple[Graph, Graph]:
    """Draw a graph with inline subflows in it, and the same nodes written flat.

    In the flat one the inner nodes have a ``-`` where the others have a ``.``.
    """
    flow = draw(structured_graphs())
    children: dict[str, Graph] = {}
    for node_id in _some_activities(draw, flow):
        children[node_id] = draw(structured_graphs(depth=1, blocks=BLOCKS[:-1]))
    flat = flow
    for node_id, child in children.items():
        flat = _spliced(flat, node_id, child)
    flow = _with(flow, [inline(node_id) for node_id in children])
    return expand(flow, children), complete(flat.nodes, flat.edges, "start", "end")


@st.composite
def busy_graphs(draw: st.DrawFn, *, depth: int = 2) -> Graph:
    """Draw a graph with inline subflows, also within each other, and with maps."""
    flow = draw(structured_graphs(depth=depth))
    children: dict[str, Graph] = {}
    nodes: list[Node] = []
    for node_id in _some_activities(draw, flow):
        if depth and draw(st.booleans()):
            children[node_id] = draw(busy_graphs(depth=depth - 1))
            nodes.append(inline(node_id))
        else:
            items: list[JsonValue] = list(range(draw(st.integers(0, 4))))
            tolerated, concurrency = draw(st.integers(0, 1)), draw(st.integers(1, 2))
            nodes.append(mapped(node_id, items, concurrency=concurrency, tolerated=tolerated))
    policy = RetryPolicy(times=1, interval_seconds=5)
    nodes = [
        optioned(
            node, ignores_failure=draw(st.booleans()), retry=draw(st.sampled_from([None, policy]))
        )
        for node in nodes
    ]
    return expand(_with(flow, nodes), children)


def _some_activities(draw: st.DrawFn, flow: Graph) -> list[str]:
    found = [one.node_id for one in flow.nodes.values() if one.activity is not None]
    return draw(st.lists(st.sampled_from(found), unique=True, max_size=3))


def _with(flow: Graph, nodes: list[Node]) -> Graph:
    return replace(flow, nodes={**flow.nodes, **{node.node_id: node for node in nodes}})


def _spliced(flow: Graph, place: str, child: Graph) -> Graph:
    """Return a graph with a child's nodes where one of its own is: that passes tokens only."""
    names = {node_id: f"{place}-{node_id}" for node_id in child.nodes}
    passing = (place, names["start"], names["end"])
    inner = [replace(node, node_id=names[node.node_id]) for node in child.nodes.values()]
    flow = _with(flow, [*inner, *(converge(one) for one in passing)])
    edges = [
        replace(one, source=names["end"]) if one.source == place else one for one in flow.edges
    ]
    edges.append(edge(place, names["start"]))
    edges += [
        replace(one, source=names[one.source], target=names[one.target]) for one in child.edges
    ]
    return replace(flow, edges=tuple(edges))
