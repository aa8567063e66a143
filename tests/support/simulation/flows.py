"""Small random flows, and what must have become of them in the end."""

import random
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import count
from typing import Any

from flowyard.engine.graph import (
    ConcurrencyKey,
    Edge,
    Graph,
    JsonValue,
    MapSpec,
    Node,
    NodeKind,
    RetryPolicy,
)
from flowyard.testing.graphs import (
    activity,
    converge,
    edge,
    exclusive,
    graph,
    optioned,
    parallel,
    subflow,
)
from tests.support.simulation.seeding import seeded
from tests.support.simulation.witness import Kind

MAX_BLOCKS = 4
"""Most blocks of one flow: long ones show nothing that short ones do not, and take their time."""

POOL = 600
"""How many flows there are: building one takes as long as running it for a second."""

CHILD_KEY = "child"
"""Key of the template that subflows run."""

_BLOCKS = (
    "do", "do", "do", "timer", "poll", "callback", "callback", "approval", "retry", "person",
    "split", "choice", "child", "line", "repeatable", "map", "loop",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow, and its oracle."""

    graph: Graph
    succeeded: frozenset[str]
    """The nodes that succeed; no other one is reached."""
    outputs: dict[str, JsonValue]
    has_child: bool


@dataclass(slots=True)
class _Builder:
    random: random.Random
    allows_children: bool
    parts: list[Node | Edge | str] = field(default_factory=list)
    reached: list[str] = field(default_factory=lambda: ["start", "end"])
    tail: str = "start"
    total: int = 0
    has_child: bool = False
    names: Any = field(default_factory=lambda: count(1))
    last: str | None = None

    def name(self, kind: str) -> str:
        return f"{kind}{next(self.names)}"

    def work(self, node_id: str, kind: Kind = "do", **inputs: Any) -> Node:
        chance = self.random.random()
        if chance < 0.6:
            inputs["seconds"] = round(self.random.uniform(0.01, 1.5), 3)
        elif chance < 0.65:
            inputs["seconds"] = 8.0
        if self.random.random() < 0.15:
            inputs["logs"] = True
        plugin = inputs.pop("plugin", "work")
        return activity(node_id, {"kind": kind, **inputs}, plugin=plugin, timeout_seconds=20)

    def follow(self, node: Node) -> None:
        """Add a node in line; it makes one more than the one before it."""
        self.total += 1
        value: JsonValue = self.total if self.last is None else f"${{nodes.{self.last}.value + 1}}"
        if node.activity is not None:
            inputs = {**node.activity.inputs, "value": value}
            node = replace(node, activity=replace(node.activity, inputs=inputs))
        self.parts += [node, f"{self.tail} {node.node_id}"]
        self.reached.append(node.node_id)
        self.tail = self.last = node.node_id

    def add(self, kind: str) -> None:
        node_id = self.name(kind)
        match kind:
            case "do" | "timer" | "poll" | "callback" | "approval":
                self.follow(self.work(node_id, kind))
            case "repeatable":
                self.follow(self.work(node_id, plugin="repeatable"))
            case "retry":
                policy = RetryPolicy(
                    times=5, interval_seconds=1, codes=("not_yet", "outcome_unknown")
                )
                self.follow(optioned(self.work(node_id, fails_until=1), retry=policy))
            case "person":
                self.follow(self.work(node_id, fails_until=1))
            case "line":
                key = ConcurrencyKey(limit=1, key="db")
                self.follow(optioned(self.work(node_id), concurrency=key))
            case "split":
                self._split(node_id)
            case "choice":
                self._choice(node_id)
            case "map":
                self._map(node_id)
            case "loop":
                self._loop(node_id)
            case _:
                self._child(node_id)

    def _split(self, node_id: str) -> None:
        join = self.name("join")
        self.parts += [parallel(node_id), converge(join), f"{self.tail} {node_id}"]
        kinds: tuple[Kind, ...] = ("do", "do", "timer", "callback")
        for _ in range(self.random.randint(2, 3)):
            branch = self.name("branch")
            node = self.work(branch, self.random.choice(kinds), value=1)
            if self.random.random() < 0.3:
                node = optioned(node, concurrency=ConcurrencyKey(limit=1, key="db"))
            self.parts += [node, f"{node_id} {branch} {join}"]
            self.reached.append(branch)
        self.reached += [node_id, join]
        self.tail = join

    def _choice(self, node_id: str) -> None:
        join = self.name("join")
        taken, other = self.name("taken"), self.name("other")
        self.parts += [
            exclusive(node_id),
            converge(join),
            f"{self.tail} {node_id}",
            edge(node_id, taken, "route == 1"),
            edge(node_id, other, default=True),
            self.work(taken, value=1),
            self.work(other, value=1),
            f"{taken} {join}",
            f"{other} {join}",
        ]
        self.reached += [node_id, taken, join]
        self.tail = join

    def _map(self, node_id: str) -> None:
        size = self.random.randint(1, 3)
        node = replace(
            self.work(node_id, value=1),
            kind=NodeKind.MAP,
            map=MapSpec(items=list(range(size)), concurrency=2),
        )
        self.parts += [node, f"{self.tail} {node_id}"]
        self.reached += [node_id, *(f"{node_id}:{index}" for index in range(size))]
        self.tail = node_id

    def _loop(self, node_id: str) -> None:
        body, join, turn = self.name("body"), self.name("join"), self.name("turn")
        self.parts += [
            replace(self.work(body, value=1), exports={turn: "_loop"}),
            exclusive(node_id),
            converge(join),
            f"{self.tail} {body} {node_id}",
            edge(node_id, body, f"{turn} < 2"),
            edge(node_id, join, default=True),
        ]
        self.reached += [body, node_id, join]
        self.tail = join

    def _child(self, node_id: str) -> None:
        if not self.allows_children:
            self.follow(self.work(node_id))
            return
        self.parts += [subflow(node_id, CHILD_KEY), f"{self.tail} {node_id}"]
        self.reached.append(node_id)
        self.tail = node_id
        self.has_child = True

    def finish(self) -> Flow:
        outputs: dict[str, JsonValue] = {}
        expected: dict[str, JsonValue] = {}
        if self.last is not None:
            outputs["total"] = f"${{nodes.{self.last}.value}}"
            expected["total"] = self.total
        self.parts.append(f"{self.tail} end")
        made = graph(*self.parts, constants={"route": 1}, outputs=outputs)
        return Flow(made, frozenset(self.reached), expected, self.has_child)


def _build(seed: str, *, most: int, allows_children: bool) -> Flow:
    source = seeded(seed)
    builder = _Builder(source, allows_children)
    for _ in range(source.randint(1, most)):
        builder.add(source.choice(_BLOCKS))
    return builder.finish()


@lru_cache(maxsize=POOL)
def flow(number: int) -> Flow:
    """Return one of the flows of the pool, by a number from 0."""
    return _build(f"flow {number % POOL}", most=MAX_BLOCKS, allows_children=True)


@lru_cache(maxsize=POOL)
def child(number: int) -> Flow:
    """Return one of the flows that subflows run."""
    return _build(f"child {number % POOL}", most=2, allows_children=False)
