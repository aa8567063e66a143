"""Whose turn it is: whoever has the least out goes first, among equals whoever came first.

Names stand in rows by how much they have out, so that an operation takes about the
same time however many of them there are.
"""

import heapq
from collections import OrderedDict


class Turns:
    """Names that wait, in the order in which they are served."""

    __slots__ = ("_heap", "_heaped", "_out", "_rows")

    def __init__(self) -> None:
        self._rows: dict[int, OrderedDict[str, None]] = {}
        self._out: dict[str, int] = {}
        self._heap: list[int] = []
        self._heaped: set[int] = set()
        """What stands in the heap: also numbers of rows that are gone, each once."""

    def __len__(self) -> int:
        return len(self._out)

    def __contains__(self, name: object) -> bool:
        return name in self._out

    def add(self, name: str, out: int) -> None:
        """Let a name wait behind those that have as much out."""
        self._out[name] = out
        self._rows.setdefault(out, OrderedDict())[name] = None
        if out not in self._heaped:
            self._heaped.add(out)
            heapq.heappush(self._heap, out)

    def prefer(self, name: str) -> None:
        """Let a waiting name be the next one of those that have as much out."""
        self._rows[self._out[name]].move_to_end(name, last=False)

    def change(self, name: str, out: int) -> None:
        """Take note of what a name has out now, if it waits."""
        if name in self._out and self._out[name] != out:
            self.remove(name)
            self.add(name, out)

    def remove(self, name: str) -> None:
        """Let a name wait no longer."""
        out = self._out.pop(name)
        row = self._rows[out]
        del row[name]
        if not row:
            del self._rows[out]

    def first(self) -> str:
        """Return whose turn it is; somebody has to wait."""
        while self._heap[0] not in self._rows:
            self._heaped.remove(heapq.heappop(self._heap))
        return next(iter(self._rows[self._heap[0]]))
