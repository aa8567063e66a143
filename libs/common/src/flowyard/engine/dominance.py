"""Immediate dominators of a directed graph.

The algorithm is that of Lengauer and Tarjan ("A fast algorithm for finding
dominators in a flowgraph", TOPLAS 1979) in its simple form with path
compression: O(m log n) on every graph, also on the crooked ones that people draw.
Nothing recurses, so a chain of any length is fine.
"""

from collections.abc import Mapping, Sequence


def immediate_dominators(successors: Mapping[str, Sequence[str]], root: str) -> dict[str, str]:
    """Return the immediate dominator of every node that can be reached from the root.

    Given the edges turned round and the end as root, the answer is each node's
    immediate post-dominator: the first node that all its ways to the end share.

    Parameters
    ----------
    successors
        Targets by node id; every target is a key too.
    root
        Where all ways begin; it has no dominator and is no key of the answer.
    """
    order, parents = _preorder(successors, root)
    number = {name: index for index, name in enumerate(order)}
    predecessors: list[list[int]] = [[] for _ in order]
    for index, name in enumerate(order):
        for target in successors[name]:
            predecessors[number[target]].append(index)
    dominators = _Forest(parents, predecessors).dominators()
    return {order[index]: order[dominators[index]] for index in range(1, len(order))}


def _preorder(successors: Mapping[str, Sequence[str]], root: str) -> tuple[list[str], list[int]]:
    """Return the nodes in the order of a depth-first walk, and the number of each one's parent."""
    order: list[str] = []
    parents: list[int] = []
    seen: set[str] = set()
    stack = [(root, 0)]
    while stack:
        name, parent = stack.pop()
        if name in seen:
            continue
        seen.add(name)
        index = len(order)
        order.append(name)
        parents.append(parent)
        stack.extend((target, index) for target in reversed(successors[name]))
    return order, parents


class _Forest:
    """The working state: nodes are numbers in preorder, trees are linked from the leaves up."""

    def __init__(self, parents: list[int], predecessors: list[list[int]]) -> None:
        size = len(parents)
        self._parents = parents
        self._predecessors = predecessors
        self._semi = list(range(size))
        self._label = list(range(size))
        self._ancestor = [-1] * size

    def dominators(self) -> list[int]:
        """Return the number of each node's immediate dominator; the root's is itself."""
        size = len(self._parents)
        semi, parents = self._semi, self._parents
        found = [0] * size
        waiting: list[list[int]] = [[] for _ in range(size)]
        for node in range(size - 1, 0, -1):
            semi[node] = min(semi[self._best(source)] for source in self._predecessors[node])
            waiting[semi[node]].append(node)
            parent = parents[node]
            self._ancestor[node] = parent
            for other in waiting[parent]:
                best = self._best(other)
                found[other] = best if semi[best] < semi[other] else parent
            waiting[parent].clear()
        for node in range(1, size):
            if found[node] != semi[node]:
                found[node] = found[found[node]]
        return found

    def _best(self, node: int) -> int:
        """Return the node with the least semidominator between a node and its tree's root."""
        ancestor, label, semi = self._ancestor, self._label, self._semi
        if ancestor[node] < 0:
            return node
        path: list[int] = []
        at = node
        while ancestor[ancestor[at]] >= 0:
            path.append(at)
            at = ancestor[at]
        for step in reversed(path):
            above = ancestor[step]
            if semi[label[above]] < semi[label[step]]:
                label[step] = label[above]
            ancestor[step] = ancestor[above]
        return label[node]
