"""The rows of one instance, wherever they are: in the database, or in an archive."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.storage.archives import InstanceArchivedError
from flowyard.storage.commands import CommandRow, find_command, list_commands
from flowyard.storage.instances import ChildInstance, InstanceDetail, find_instance, list_children
from flowyard.storage.items import count_items, list_items
from flowyard.storage.log_lines import AttemptLogState, LogLine, find_log_state, list_log_lines
from flowyard.storage.nodes import (
    AttemptRow,
    NodeRow,
    list_attempts,
    list_node_attempts,
    list_nodes,
)
from flowyard_api.usecases.archived_rows import ArchivedRows, ArchiveReader


class InstanceRows(Protocol):
    """What is known of an instance; see the functions of :mod:`flowyard.storage` by these names."""

    @property
    def row(self) -> InstanceDetail:
        """The instance itself."""
        ...

    @property
    def archived_at(self) -> datetime | None:
        """When it was moved to an archive; None for one in the database."""
        ...

    async def nodes(
        self, *, node_id: str | None = None, items_below: int | None = None
    ) -> list[NodeRow]:
        """Return its reached nodes, in the order they were reached."""
        ...

    async def attempts(self, *, items_below: int | None = None) -> list[AttemptRow]:
        """Return its attempts, by node and number."""
        ...

    async def node_attempts(self, node_id: str, *, limit: int) -> list[AttemptRow]:
        """Return attempts of a node, the latest first."""
        ...

    async def children(self) -> Mapping[tuple[str, int], ChildInstance]:
        """Return the instances that it has started, by node and number of the attempt."""
        ...

    async def item_counts(self) -> Mapping[str, Mapping[str, int]]:
        """Return how many items of each map have begun, by status."""
        ...

    async def items(
        self, node_id: str, *, status: str | None, after: int | None, limit: int
    ) -> list[NodeRow]:
        """Return items of a map that have begun, by their index."""
        ...

    async def commands(self, *, before: int | None, limit: int) -> list[CommandRow]:
        """Return its commands, the latest first."""
        ...

    async def command(self, command_id: int) -> CommandRow:
        """Return one of its commands, or raise NotFoundError."""
        ...

    async def log_state(self, node_id: str, number: int) -> AttemptLogState | None:
        """Return how far an attempt's log goes; None if there is no such attempt."""
        ...

    async def log_lines(
        self, node_id: str, number: int, *, after: int, level: str, limit: int
    ) -> list[LogLine]:
        """Return lines of an attempt in order."""
        ...


async def find_rows(
    connection: AsyncConnection, instance_id: uuid.UUID, archive: ArchiveReader
) -> InstanceRows:
    """Return the rows of an instance.

    Raises
    ------
    NotFoundError
        Raised if there is none.
    ArchiveUnavailableError
        Raised if it was moved to an archive that cannot be read now.
    """
    try:
        return StoredRows(connection, await find_instance(connection, instance_id))
    except InstanceArchivedError as error:
        rows: ArchivedRows = await archive.load(error.found)
        return rows


@dataclass(frozen=True, slots=True)
class StoredRows:
    """Rows in the database."""

    connection: AsyncConnection
    row: InstanceDetail

    @property
    def archived_at(self) -> datetime | None:
        """None: it is in the database."""
        return None

    async def nodes(
        self, *, node_id: str | None = None, items_below: int | None = None
    ) -> list[NodeRow]:
        """Return its reached nodes, in the order they were reached."""
        return await list_nodes(
            self.connection, self.row.instance_id, node_id=node_id, items_below=items_below
        )

    async def attempts(self, *, items_below: int | None = None) -> list[AttemptRow]:
        """Return its attempts, by node and number."""
        return await list_attempts(self.connection, self.row.instance_id, items_below=items_below)

    async def node_attempts(self, node_id: str, *, limit: int) -> list[AttemptRow]:
        """Return attempts of a node, the latest first."""
        return await list_node_attempts(
            self.connection, self.row.instance_id, node_id, before=None, limit=limit
        )

    async def children(self) -> Mapping[tuple[str, int], ChildInstance]:
        """Return the instances that it has started."""
        return await list_children(self.connection, self.row.instance_id)

    async def item_counts(self) -> Mapping[str, Mapping[str, int]]:
        """Return how many items of each map have begun, by status."""
        return await count_items(self.connection, self.row.instance_id)

    async def items(
        self, node_id: str, *, status: str | None, after: int | None, limit: int
    ) -> list[NodeRow]:
        """Return items of a map that have begun, by their index."""
        return await list_items(
            self.connection, self.row.instance_id, node_id, status=status, after=after, limit=limit
        )

    async def commands(self, *, before: int | None, limit: int) -> list[CommandRow]:
        """Return its commands, the latest first."""
        return await list_commands(
            self.connection, self.row.instance_id, before=before, limit=limit
        )

    async def command(self, command_id: int) -> CommandRow:
        """Return one of its commands."""
        return await find_command(self.connection, self.row.instance_id, command_id)

    async def log_state(self, node_id: str, number: int) -> AttemptLogState | None:
        """Return how far an attempt's log goes."""
        return await find_log_state(self.connection, self.row.instance_id, node_id, number)

    async def log_lines(
        self, node_id: str, number: int, *, after: int, level: str, limit: int
    ) -> list[LogLine]:
        """Return lines of an attempt in order."""
        return await list_log_lines(
            self.connection,
            self.row.instance_id,
            node_id,
            number,
            after=after,
            level=level,
            limit=limit,
        )
