"""Instances as they lie in archives, read into the same rows as those in the database."""

import asyncio
import re
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from flowyard.archive.errors import ArchiveDamagedError, ArchiveUnavailableError
from flowyard.archive.file_format import read_part
from flowyard.archive.places import ArchivePlace
from flowyard.engine.graph import SATELLITE_SEPARATOR
from flowyard.storage.archives import ArchivedInstance
from flowyard.storage.commands import CommandRow
from flowyard.storage.errors import NotFoundError
from flowyard.storage.instances import ChildInstance, InstanceDetail
from flowyard.storage.log_lines import LOG_LEVELS, AttemptLogState, LogLine
from flowyard.storage.nodes import AttemptRow, NodeRow

_INSTANCE = TypeAdapter(InstanceDetail)
_NODE = TypeAdapter(NodeRow)
_ATTEMPT = TypeAdapter(AttemptRow)
_COMMAND = TypeAdapter(CommandRow)
_LOG_LINE = TypeAdapter(LogLine)

# As in the database: behind the id of its map stands an item's index, and behind that what runs
# on the item's behalf.
_ITEM = re.compile(r":([0-9]+)$")
_ITEM_OR_OWNED = re.compile(r":([0-9]+)(?::|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedRows:
    """All that an archive holds of one instance."""

    row: InstanceDetail
    archived_at: datetime
    node_rows: list[NodeRow] = field(default_factory=list)
    attempt_rows: list[AttemptRow] = field(default_factory=list)
    command_rows: list[CommandRow] = field(default_factory=list)
    lines: Mapping[tuple[str, int], list[LogLine]] = field(default_factory=dict)
    """By node and number of the attempt."""
    child_rows: Mapping[tuple[str, int], ChildInstance] = field(default_factory=dict)

    async def nodes(
        self, *, node_id: str | None = None, items_below: int | None = None
    ) -> list[NodeRow]:
        """Return its reached nodes, in the order they were reached."""
        return [
            one
            for one in self.node_rows
            if node_id in (None, one.node_id) and _is_shown(one.node_id, items_below)
        ]

    async def attempts(self, *, items_below: int | None = None) -> list[AttemptRow]:
        """Return its attempts, by node and number."""
        return [one for one in self.attempt_rows if _is_shown(one.node_id, items_below)]

    async def node_attempts(self, node_id: str, *, limit: int) -> list[AttemptRow]:
        """Return attempts of a node, the latest first."""
        return [one for one in reversed(self.attempt_rows) if one.node_id == node_id][:limit]

    async def children(self) -> Mapping[tuple[str, int], ChildInstance]:
        """Return the instances that it has started."""
        return self.child_rows

    async def item_counts(self) -> Mapping[str, Mapping[str, int]]:
        """Return how many items of each map have begun, by status."""
        counted = Counter((owner_id, _shown_status(one)) for owner_id, _, one in self._items())
        found: dict[str, dict[str, int]] = {}
        for (owner_id, status), count in sorted(counted.items()):
            found.setdefault(owner_id, {})[status] = count
        return found

    async def items(
        self, node_id: str, *, status: str | None, after: int | None, limit: int
    ) -> list[NodeRow]:
        """Return items of a map that have begun, by their index."""
        found = sorted(
            (index, one.node_id, one)
            for owner_id, index, one in self._items()
            if owner_id == node_id
            and index > (-1 if after is None else after)
            and status in (None, _shown_status(one))
        )
        return [one for _, _, one in found[:limit]]

    def _items(self) -> Iterable[tuple[str, int, NodeRow]]:
        """Yield items of the latest visits of maps, with their maps and indexes."""
        visits = {one.node_id: one.visits for one in self.node_rows}
        for one in self.node_rows:
            found = _ITEM.search(one.node_id)
            owner_id = one.node_id.partition(SATELLITE_SEPARATOR)[0]
            if found is not None and visits.get(owner_id) == one.visits:
                yield owner_id, int(found[1]), one

    async def commands(self, *, before: int | None, limit: int) -> list[CommandRow]:
        """Return its commands, the latest first."""
        below = [one for one in self.command_rows if before is None or one.command_id < before]
        return below[:limit]

    async def command(self, command_id: int) -> CommandRow:
        """Return one of its commands."""
        for one in self.command_rows:
            if one.command_id == command_id:
                return one
        raise NotFoundError("command", command_id)

    async def log_state(self, node_id: str, number: int) -> AttemptLogState | None:
        """Return how far an attempt's log goes."""
        if not any((one.node_id, one.number) == (node_id, number) for one in self.attempt_rows):
            return None
        lines = self.lines.get((node_id, number), [])
        return AttemptLogState(last_sequence=lines[-1].sequence if lines else 0, is_closed=True)

    async def log_lines(
        self, node_id: str, number: int, *, after: int, level: str, limit: int
    ) -> list[LogLine]:
        """Return lines of an attempt in order."""
        wanted = LOG_LEVELS[LOG_LEVELS.index(level) :]
        lines = self.lines.get((node_id, number), [])
        return [one for one in lines if one.sequence > after and one.level in wanted][:limit]


MOST_READS = 8
"""Most instances that are read at once: each holds a connection to Postgres meanwhile, and a store
that does not answer must not take those of everybody else."""


@dataclass(frozen=True, slots=True)
class ArchiveReader:
    """Reads instances from archives.

    Parameters
    ----------
    place
        Where archives lie; None where nobody has said.
    """

    place: ArchivePlace | None = None
    _room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MOST_READS))
    # Of its own: the loop's threads look up host names and check documents, too.
    _threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(MOST_READS, thread_name_prefix="archive")
    )

    async def load(self, found: ArchivedInstance) -> ArchivedRows:
        """Return all rows of an instance.

        Raises
        ------
        ArchiveUnavailableError
            Raised if its file cannot be read now.
        ArchiveDamagedError
            Raised if its file is not what was written.
        """
        place = self.place
        if place is None:
            raise ArchiveUnavailableError(
                f"Expected archive {found.file}, but FLOWYARD_API_ARCHIVE_URL is not set"
            )
        if self._room.locked():
            raise ArchiveUnavailableError(
                f"Expected to read archive {found.file}, but {MOST_READS} others are read now"
            )
        async with self._room:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, _load, place, found)


def _load(place: ArchivePlace, found: ArchivedInstance) -> ArchivedRows:
    lines = list(read_part(place.read(found.file, found.start, found.length)))
    own = str(found.instance_id)
    rows: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        if line.get("instance_id") == own:
            rows.setdefault(line["row"], []).append(line)
    if "instance" not in rows:
        raise ArchiveDamagedError(
            f"Expected instance {own} in archive {found.file}, but it is not there"
        )
    nodes = [_NODE.validate_python(one) for one in rows.get("node", [])]
    attempts = [_ATTEMPT.validate_python(one) for one in rows.get("attempt", [])]
    commands = [_COMMAND.validate_python(one) for one in rows.get("command", [])]
    return ArchivedRows(
        row=_INSTANCE.validate_python(rows["instance"][0]),
        archived_at=found.archived_at,
        node_rows=sorted(nodes, key=lambda one: (one.reached_at, one.node_id)),
        attempt_rows=sorted(attempts, key=lambda one: (one.node_id, one.number)),
        command_rows=sorted(commands, key=lambda one: -one.command_id),
        lines=_log_lines(rows.get("log_line", [])),
        child_rows=_children(lines, own),
    )


def _log_lines(lines: list[dict[str, Any]]) -> dict[tuple[str, int], list[LogLine]]:
    found: dict[tuple[str, int], list[LogLine]] = {}
    for line in sorted(lines, key=lambda one: one["sequence"]):
        key = (line["node_id"], line["number"])
        found.setdefault(key, []).append(_LOG_LINE.validate_python(line))
    return found


def _children(lines: list[dict[str, Any]], own: str) -> dict[tuple[str, int], ChildInstance]:
    return {
        (line["parent_node_id"], line["parent_number"]): ChildInstance(
            instance_id=uuid.UUID(line["instance_id"]), status=line["status"]
        )
        for line in lines
        if line["row"] == "instance" and line["parent_instance_id"] == own
    }


def _is_shown(node_id: str, items_below: int | None) -> bool:
    found = _ITEM_OR_OWNED.search(node_id)
    return items_below is None or found is None or int(found[1]) < items_below


def _shown_status(one: NodeRow) -> str:
    # A failure that the map tolerates is one for people all the same.
    return "failed" if one.mark == "ignored" else one.status
