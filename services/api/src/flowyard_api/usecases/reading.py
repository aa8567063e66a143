"""Reading instances: all of one at one revision, or what changed of it since another."""

import uuid
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.engine.graph import Graph, Node
from flowyard.engine.lifecycle import FINAL_INSTANCE_STATUSES, InstanceStatus
from flowyard.storage.archives import InstanceArchivedError
from flowyard.storage.database import Database
from flowyard.storage.instances import (
    InstanceDetail,
    find_revision,
    list_copies,
)
from flowyard.storage.nodes import AttemptRow, list_attempts, list_nodes
from flowyard.storage.plan_codec import decode_plan
from flowyard.storage.versions import find_version
from flowyard_api.catalog import Graphs
from flowyard_api.models.instances import (
    DefinitionView,
    InstanceChangeView,
    InstanceView,
    ItemView,
    NodeView,
)
from flowyard_api.usecases.archived_rows import ArchiveReader
from flowyard_api.usecases.choosing import left_out
from flowyard_api.usecases.instance_rows import InstanceRows, find_rows
from flowyard_api.usecases.operating import UnknownNodeError
from flowyard_api.usecases.views import (
    Children,
    Maps,
    change_view,
    instance_view,
    item_view,
    node_view,
)

NODE_ATTEMPTS_SHOWN = 200
"""Attempts of one node that its own address shows, the latest ones."""

COPIES_SHOWN = 50
"""Clones and reruns of an instance that are shown with it, the latest ones."""

_NO_CHILDREN: Children = {}
_NO_MAPS: Maps = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceReader:
    """Reads instances as people see them.

    Parameters
    ----------
    database
        Where they are.
    graphs
        The graphs of their versions.
    archive
        Where they are otherwise.
    trace_url
        Where people find a trace, with ``{trace_id}`` in it; None leads nowhere.
    """

    database: Database
    graphs: Graphs
    archive: ArchiveReader
    trace_url: str | None

    async def read(self, instance_id: uuid.UUID, *, items_below: int | None = None) -> InstanceView:
        """Return an instance whole, as it stood at one instant.

        Parameters
        ----------
        items_below
            Leaves out items of maps from this index on; None leaves out none.

        Raises
        ------
        NotFoundError
            Raised if there is none.
        """
        async with self.database.snapshot() as connection:
            rows = await find_rows(connection, instance_id, self.archive)
            row = rows.row
            whole = await self.graphs.find(connection, row.template_id, row.version)
            graph = await self._graph(connection, row)
            return instance_view(
                row,
                graph,
                left_out(whole, graph),
                await rows.nodes(items_below=items_below),
                await rows.attempts(items_below=items_below),
                children=await _children(rows, graph),
                copies=await list_copies(connection, instance_id, limit=COPIES_SHOWN),
                maps=await _maps(rows, graph),
                trace_url=self.trace_url,
                archived_at=rows.archived_at,
            )

    async def read_changes(
        self, instance_id: uuid.UUID, *, after_revision: int, items_below: int | None = None
    ) -> InstanceChangeView | None:
        """Return what has changed since a revision; None when nothing has. See :meth:`read`."""
        async with self.database.snapshot() as connection:
            # What was moved to an archive has not changed for long.
            with suppress(InstanceArchivedError):
                if await find_revision(connection, instance_id) > after_revision:
                    return await self._changes(
                        connection, instance_id, after_revision, items_below=items_below
                    )
        return None

    async def _changes(
        self,
        connection: AsyncConnection,
        instance_id: uuid.UUID,
        after_revision: int,
        *,
        items_below: int | None,
    ) -> InstanceChangeView:
        rows = await find_rows(connection, instance_id, self.archive)
        row = rows.row
        graph = await self._graph(connection, row)
        return change_view(
            row,
            graph,
            await list_nodes(
                connection,
                instance_id,
                after_revision=after_revision,
                items_below=items_below,
            ),
            await list_attempts(
                connection,
                instance_id,
                after_revision=after_revision,
                items_below=items_below,
            ),
            children=await _children(rows, graph),
            maps=await _maps(rows, graph),
        )

    async def read_items(
        self,
        instance_id: uuid.UUID,
        node_id: str,
        *,
        status: str | None,
        after: int | None,
        limit: int,
    ) -> list[ItemView]:
        """Return items of a map that have begun, by their index.

        Parameters
        ----------
        status
            Returns those only; a failure that the map tolerates counts as ``failed``.
        after
            Begins behind this index.

        Raises
        ------
        NotFoundError
            Raised if there is no such instance.
        UnknownNodeError
            Raised if its graph has no such map.
        """
        async with self.database.snapshot() as connection:
            rows = await find_rows(connection, instance_id, self.archive)
            row = rows.row
            graph = await self._graph(connection, row)
            owner = graph.nodes.get(node_id)
            if owner is None or owner.map is None:
                raise UnknownNodeError(f"Expected a map of the graph, but {node_id} is none")
            items = await rows.items(node_id, status=status, after=after, limit=limit)
        known = [(one, graph.find(one.node_id)) for one in items]
        return [item_view(row, node, one) for one, node in known if node is not None]

    async def read_node(self, instance_id: uuid.UUID, node_id: str) -> NodeView:
        """Return one node with its latest attempts.

        Raises
        ------
        NotFoundError
            Raised if there is no such instance.
        UnknownNodeError
            Raised if its graph has no such node.
        """
        async with self.database.snapshot() as connection:
            rows = await find_rows(connection, instance_id, self.archive)
            row = rows.row
            graph = await self._graph(connection, row)
            node = graph.find(node_id)
            if node is None:
                raise UnknownNodeError(f"Expected a node of the graph, but {node_id} is none")
            nodes = await rows.nodes(node_id=node_id)
            latest: list[AttemptRow] = await rows.node_attempts(node_id, limit=NODE_ATTEMPTS_SHOWN)
            return node_view(
                row,
                node,
                nodes[0] if nodes else None,
                reversed(latest),
                await _children(rows, graph),
            )

    async def read_definition(self, instance_id: uuid.UUID) -> DefinitionView:
        """Return the version that an instance was created with.

        Raises
        ------
        NotFoundError
            Raised if there is no such instance.
        """
        async with self.database.snapshot() as connection:
            row = (await find_rows(connection, instance_id, self.archive)).row
            version = await find_version(connection, row.template_id, row.version)
        return DefinitionView(
            instance_id=row.instance_id,
            template_id=row.template_id,
            version=row.version,
            document=dict(version.document),
            graph=dict(version.graph),
        )

    async def _graph(self, connection: AsyncConnection, row: InstanceDetail) -> Graph:
        plan = decode_plan(row.plan)
        return await self.graphs.find_planned(connection, row.template_id, row.version, plan)


def is_final(status: str) -> bool:
    """Tell whether an instance in that status never changes again."""
    return InstanceStatus(status) in FINAL_INSTANCE_STATUSES


async def _maps(rows: InstanceRows, graph: Graph) -> Maps:
    if all(node.map is None for node in graph.nodes.values()):
        return _NO_MAPS
    return await rows.item_counts()


async def _children(rows: InstanceRows, graph: Graph) -> Children:
    if not any(_starts_others(node) for node in graph.nodes.values()):
        return _NO_CHILDREN
    return await rows.children()


def _starts_others(node: Node) -> bool:
    undo = node.options.compensation
    return node.subflow is not None or (undo is not None and undo.subflow is not None)
