"""The shape of a graph: its loops, where its splits meet, and which branch holds what.

Theory of operation: a depth-first walk from the start tells which edges return to
a node that the walk is still inside of. Every cycle has such an edge, and all of
the cycle lies below that node in the walk; so cutting, for each returning edge,
the exclusive gateways' edges on the ways to it within that part of the walk cuts
every cycle. The node where the branches of a split meet is its immediate
post-dominator. A *stream* is what one token walks on: the main one, or one branch
of one split within another stream. In a sound graph every node lies in exactly
one stream and only splits and their converges change it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property

from flowyard.engine.dominance import immediate_dominators
from flowyard.engine.graph import SPLIT_KINDS, Edge, Node, NodeKind


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """What one token walks on; two streams are the same only if they are one object."""

    split_id: str = ""
    """The split that starts it; empty for the main stream."""
    branch: int = 0
    """Which outgoing edge of the split it begins with."""
    outer: "Stream | None" = None
    """The stream that the split lies in; None for the main one."""
    depth: int = 0

    def is_within(self, other: "Stream") -> bool:
        """Tell whether this stream is the other one or lies inside of it."""
        stream: Stream | None = self
        while stream is not None and stream.depth > other.depth:
            stream = stream.outer
        return stream is other


@dataclass(frozen=True, slots=True)
class Streams:
    """Who walks where."""

    of_node: Mapping[str, Stream]
    """The stream of each reached node; at a converge, the one after it."""
    of_edge: Mapping[int, Stream]
    """The stream on each edge, by the edge's number; to a converge, the one before it."""


@dataclass(frozen=True, slots=True)
class Walk:
    """A depth-first walk from the start."""

    order: tuple[str, ...]
    """Reached nodes; the source of an edge that does not return stands before its target."""
    returning: tuple[int, ...]
    """Numbers of the edges that lead back into what the walk is still inside of."""
    entered: Mapping[str, int]
    left: Mapping[str, int]

    def is_below(self, node_id: str, other_id: str) -> bool:
        """Tell whether a node is the other one or was reached from within it."""
        return (
            self.entered[other_id] <= self.entered[node_id]
            and self.left[node_id] <= self.left[other_id]
        )


@dataclass(frozen=True, slots=True)
class Loops:
    """How the cycles of a graph are closed."""

    back: frozenset[int]
    """Numbers of the exclusive gateways' edges without which there is no guarded cycle."""
    unguarded: tuple[int, ...]
    """Numbers of edges that close a cycle without any exclusive gateway."""


@dataclass(frozen=True)
class Structure:
    """Answers about one graph whose edges name existing nodes; all answers are kept."""

    nodes: Mapping[str, Node]
    edges: Sequence[Edge]
    start_id: str
    end_id: str

    @cached_property
    def outgoing(self) -> Mapping[str, list[int]]:
        """Numbers of the edges that leave each node, in order of evaluation."""
        found: dict[str, list[int]] = {node_id: [] for node_id in self.nodes}
        for number, edge in enumerate(self.edges):
            found[edge.source].append(number)
        return found

    @cached_property
    def incoming(self) -> Mapping[str, list[int]]:
        """Numbers of the edges that reach each node."""
        found: dict[str, list[int]] = {node_id: [] for node_id in self.nodes}
        for number, edge in enumerate(self.edges):
            found[edge.target].append(number)
        return found

    def targets(self, node_id: str) -> list[str]:
        """Return where the edges of a node lead."""
        return [self.edges[number].target for number in self.outgoing[node_id]]

    def sources(self, node_id: str) -> list[str]:
        """Return where the edges to a node come from."""
        return [self.edges[number].source for number in self.incoming[node_id]]

    def is_split(self, node_id: str) -> bool:
        """Tell whether a node starts several branches."""
        return self.nodes[node_id].kind in SPLIT_KINDS

    @cached_property
    def walk(self) -> Walk:
        """The walk from the start, taking edges in order."""
        return _walk(self)

    @cached_property
    def reaching(self) -> frozenset[str]:
        """Nodes from which the end can be reached."""
        return closure([self.end_id], self.sources)

    @cached_property
    def loops(self) -> Loops:
        """How the cycles of the reachable part are closed."""
        back: set[int] = set()
        unguarded = tuple(number for number in self.walk.returning if not self._cut(number, back))
        return Loops(back=frozenset(back), unguarded=unguarded)

    @cached_property
    def post_dominators(self) -> Mapping[str, str]:
        """For each node, the first node that all its ways to the end share."""
        live = self.reaching.intersection(self.walk.entered)
        reverse = {
            node_id: [source for source in self.sources(node_id) if source in live]
            for node_id in live
        }
        return immediate_dominators(reverse, self.end_id) if self.end_id in live else {}

    @cached_property
    def meetings(self) -> Mapping[str, str]:
        """For each split that can be reached, the node where its branches meet.

        The only branch of a split meets nothing: it ends at the next converge, or where
        the branches of a split around it meet, or at the end.
        """
        splits = [
            node_id
            for node_id in reversed(self.walk.order)
            if self.is_split(node_id) and node_id in self.post_dominators
        ]
        found: dict[str, str] = {}
        claims: dict[str, set[str]] = {}
        for is_single in (False, True):
            for node_id in splits:
                if (len(set(self.targets(node_id))) == 1) is is_single:
                    place = self.post_dominators[node_id]
                    place = self._next_meeting(place, claims) if is_single else place
                    found[node_id] = place
                    claims.setdefault(place, set()).add(node_id)
        return {node_id: found[node_id] for node_id in splits}

    def _next_meeting(self, node_id: str, claims: Mapping[str, set[str]]) -> str:
        """Return the first node from here on where a branch may end."""
        inside: set[str] = set()
        while node_id != self.end_id:
            if self.is_split(node_id):
                inside.add(node_id)
            claimants: AbstractSet[str] = claims.get(node_id, frozenset())
            is_converge = self.nodes[node_id].kind is NodeKind.CONVERGE
            if (is_converge and not claimants) or not claimants <= inside:
                return node_id
            node_id = self.post_dominators[node_id]
        return node_id

    def streams(self, meetings: Mapping[str, str]) -> Streams:
        """Find the streams of all reached nodes and edges.

        Where ways of different depth lead to a node, the deepest wins: a way
        from outside is then seen as a jump into the branch.

        Parameters
        ----------
        meetings
            For each split, the node where its branches end.
        """
        of_node = {self.start_id: Stream()}
        of_edge: dict[int, Stream] = {}
        returning = frozenset(self.walk.returning)
        for node_id in self.walk.order:
            stream = of_node[node_id]
            begun: dict[str, Stream] = {}
            for branch, number in enumerate(self.outgoing[node_id]):
                target = self.edges[number].target
                is_split = self.is_split(node_id)
                inner = Stream(node_id, branch, stream, stream.depth + 1) if is_split else stream
                if target in begun and self._has_default(node_id, target):
                    # Of a default way and another one to the same node, at most one is started.
                    inner = begun[target]
                begun[target] = of_edge[number] = inner
                after = leave_streams(inner, target, meetings)
                if number in returning:
                    continue
                if target not in of_node or of_node[target].depth < after.depth:
                    of_node[target] = after
        return Streams(of_node=of_node, of_edge=of_edge)

    def _has_default(self, node_id: str, target: str) -> bool:
        """Tell whether exactly two ways lead from one node to another, and one is a default."""
        ways = self._ways[node_id, target]
        return ways in ([False, True], [True, False])

    @cached_property
    def _ways(self) -> Mapping[tuple[str, str], list[bool]]:
        """Whether each way from one node to another is a default one."""
        found: dict[tuple[str, str], list[bool]] = {}
        for edge in self.edges:
            found.setdefault((edge.source, edge.target), []).append(edge.is_default)
        return found

    def _cut(self, number: int, back: set[int]) -> bool:
        """Cut all cycles through a returning edge; False if one has no exclusive gateway."""
        edge = self.edges[number]
        if self.nodes[edge.source].kind is NodeKind.EXCLUSIVE:
            back.add(number)
            return True
        seen = {edge.source}
        todo = [edge.source]
        is_guarded = edge.source != edge.target
        while todo:
            for other in self.incoming[todo.pop()]:
                source = self.edges[other].source
                if source not in self.walk.entered or not self.walk.is_below(source, edge.target):
                    continue
                if self.nodes[source].kind is NodeKind.EXCLUSIVE:
                    back.add(other)
                elif source == edge.target:
                    is_guarded = False
                elif source not in seen:
                    seen.add(source)
                    todo.append(source)
        return is_guarded


def leave_streams(stream: Stream, target: str, meetings: Mapping[str, str]) -> Stream:
    """Return the stream after an edge to ``target``, where branches may end."""
    while stream.outer is not None and meetings.get(stream.split_id) == target:
        stream = stream.outer
    return stream


def closure(roots: Iterable[str], neighbours: Callable[[str], Iterable[str]]) -> frozenset[str]:
    """Return everything that can be reached from the roots, themselves included."""
    seen = set(roots)
    todo = list(seen)
    while todo:
        for name in neighbours(todo.pop()):
            if name not in seen:
                seen.add(name)
                todo.append(name)
    return frozenset(seen)


def _walk(structure: Structure) -> Walk:
    entered: dict[str, int] = {structure.start_id: 0}
    left: dict[str, int] = {}
    finished: list[str] = []
    returning: list[int] = []
    stack = [(structure.start_id, iter(structure.outgoing[structure.start_id]))]
    while stack:
        node_id, numbers = stack[-1]
        for number in numbers:
            target = structure.edges[number].target
            if target not in entered:
                entered[target] = len(entered)
                stack.append((target, iter(structure.outgoing[target])))
                break
            if target not in left:
                returning.append(number)
        else:
            stack.pop()
            left[node_id] = len(finished)
            finished.append(node_id)
    return Walk(
        order=tuple(reversed(finished)), returning=tuple(returning), entered=entered, left=left
    )
