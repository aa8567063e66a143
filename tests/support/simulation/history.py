"""What happened in a simulation, in order; equal for equal seeds."""

import hashlib
from collections.abc import Callable
from typing import Any

from tests.support.simulation.postgres.tables import Row


class History:
    """Lines with the virtual time at which each was written."""

    def __init__(self, time: Callable[[], float]) -> None:
        self._time = time
        self._lines: list[tuple[float, str]] = []
        self.broken: list[str] = []
        """Rules that did not hold, in the order in which that was seen."""

    def add(self, text: str) -> None:
        self._lines.append((self._time(), text))

    def breaks(self, text: str) -> None:
        """Take note that a rule does not hold."""
        self.add(f"BROKEN {text}")
        self.broken.append(text)

    def watch_row(self, table: str, before: Row | None, after: Row | None) -> None:
        """Write down what a commit changes of an instance or a node."""
        row = after or before
        if row is None or table not in _SHOWN:
            return
        facts = {name: row[name] for name in _SHOWN[table]}
        was = "" if before is None else f" was {before.get('status') or before.get('outcome')}"
        self.add(f"{table} {'gone ' if after is None else ''}{_line(facts)}{was}")

    def digest(self) -> str:
        text = "\n".join(f"{at:.6f} {line}" for at, line in self._lines)
        return hashlib.sha256(text.encode()).hexdigest()

    def tail(self, count: int) -> list[str]:
        return [f"{at:10.4f}  {line}" for at, line in self._lines[-count:]]

    def __len__(self) -> int:
        return len(self._lines)


_SHOWN = {
    "instance": ("instance_id", "status", "revision"),
    "node": ("instance_id", "node_id", "visits", "status", "reason", "number"),
    "attempt": ("instance_id", "node_id", "number", "step", "status", "claimed_step"),
    "command": ("instance_id", "command_id", "kind", "node_id", "outcome", "code"),
    "concurrency_slot": ("instance_id", "node_id", "number", "position"),
}


def _line(facts: dict[str, Any]) -> str:
    values = (short(value) for value in facts.values() if value is not None)
    return " ".join(values)


def short(value: object) -> str:
    """Return a value for people: of an id, what tells it from its neighbours."""
    text = str(value)
    return text[-6:] if len(text) == 36 and text.count("-") == 4 else text
