"""Random structured graphs: what a person could draw, and what validation lets through."""

from dataclasses import dataclass, field
from itertools import count

from hypothesis import strategies as st

from flowyard.engine.graph import Edge, Graph, Node
from flowyard.testing.graphs import (
    activity,
    conditional_parallel,
    converge,
    edge,
    exclusive,
    graph,
    parallel,
)

MAX_ROUNDS = 3


@dataclass
class _Drawing:
    """Nodes and edges so far; blocks are appended behind an open end."""

    draw: st.DrawFn
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
        kinds = ["activity"] if depth == 0 else ["activity", "split", "some", "choice", "loop"]
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
def structured_graphs(draw: st.DrawFn) -> Graph:
    """Draw a graph of nested sequences, splits, choices and bounded loops."""
    drawing = _Drawing(draw)
    last = drawing.sequence("start", 2, {})
    drawing.connect(last, "end")
    return graph(*drawing.parts)
