"""The same operation on many instances, or on many nodes of one: each is taken in or refused."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.engine.graph import Graph
from flowyard.engine.operations import INSTANCE_OPERATIONS
from flowyard.storage.commands import (
    CommandTarget,
    NewCommand,
    add_commands,
    find_node_standings,
    find_target,
    find_targets,
)
from flowyard.storage.errors import NotFoundError
from flowyard.storage.instance_filter import InstanceFilter
from flowyard.storage.instances import list_instances
from flowyard.telemetry.propagation import recorded
from flowyard_api.admission import Admission
from flowyard_api.catalog import Graphs
from flowyard_api.doorbells import Bell
from flowyard_api.errors import ApiError
from flowyard_api.usecases.operating import Operation, checked, planned_graph, started_work

_NO_GRAPH = Graph(nodes={}, edges=(), start_id="", end_id="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of one operation."""

    instance_id: uuid.UUID
    node_id: str | None = None
    command_id: int | None = None
    refusal: ApiError | NotFoundError | None = None


@dataclass(slots=True)
class _Batch:
    """Operations in the order asked for, each with its command or its refusal."""

    actor: str
    results: list[NewCommand | Taken] = field(default_factory=list)
    _counts: Counter[uuid.UUID] = field(default_factory=Counter)

    def add(
        self,
        wanted: Operation,
        target: CommandTarget | None,
        graph: Graph,
        admission: Admission | None = None,
    ) -> None:
        """Check an operation; its target is None where there is no such instance.

        Parameters
        ----------
        admission
            Asked about the target as well: it is to be started.
        """
        instance_id = wanted.instance_id
        if target is None:
            self._refuse(wanted, NotFoundError("instance", instance_id))
            return
        ahead = self._counts[instance_id]
        try:
            new = checked(target, graph, wanted, actor=self.actor, ahead=ahead)
            if admission is not None:
                admission.admit([started_work(target, graph)])
        except ApiError as error:
            self._refuse(wanted, error)
            return
        self._counts[instance_id] += 1
        self.results.append(new)

    def _refuse(self, wanted: Operation, error: ApiError | NotFoundError) -> None:
        self.results.append(
            Taken(instance_id=wanted.instance_id, node_id=wanted.node_id, refusal=error)
        )

    async def store(
        self, connection: AsyncConnection, traceparent: str
    ) -> tuple[list[Taken], list[Bell]]:
        """Store the commands, and return what became of every operation."""
        new = [
            replace(one, traceparent=recorded(traceparent))
            for one in self.results
            if isinstance(one, NewCommand)
        ]
        ids = iter(await add_commands(connection, new))
        taken = [
            Taken(instance_id=one.instance_id, node_id=one.node_id, command_id=next(ids))
            if isinstance(one, NewCommand)
            else one
            for one in self.results
        ]
        told = {one.instance_id: one.partition for one in new}
        return taken, [Bell(key, partition, traceparent) for key, partition in told.items()]


async def operate_on_instances(
    connection: AsyncConnection,
    graphs: Graphs,
    admission: Admission,
    project_id: uuid.UUID,
    wanted: Sequence[Operation],
    *,
    actor: str,
    traceparent: str,
) -> tuple[list[Taken], list[Bell]]:
    """Store commands for those of a project's instances that allow them as they stand.

    Returns
    -------
    tuple
        What became of each operation, in order, and what tells the owners.
    """
    targets = await find_targets(connection, project_id, [one.instance_id for one in wanted])
    batch = _Batch(actor)
    for one in wanted:
        target = targets.get(one.instance_id)
        if one.verb == "start" and target is not None:
            graph = await planned_graph(connection, graphs, target)
            batch.add(one, target, graph, admission)
        else:
            batch.add(one, target, _NO_GRAPH)
    return await batch.store(connection, traceparent)


async def operate_on_nodes(
    connection: AsyncConnection,
    graphs: Graphs,
    instance_id: uuid.UUID,
    wanted: Sequence[Operation],
    *,
    actor: str,
    traceparent: str,
) -> tuple[list[Taken], list[Bell]]:
    """Store commands for those nodes of an instance that allow them as they stand.

    Raises
    ------
    NotFoundError
        Raised if there is no such instance.
    """
    target = await find_target(connection, instance_id, None)
    graph = await planned_graph(connection, graphs, target)
    standings = await find_node_standings(connection, instance_id)
    batch = _Batch(actor)
    for one in wanted:
        status, reason = standings.get(one.node_id or "", (None, None))
        batch.add(one, replace(target, node_status=status, node_reason=reason), graph)
    return await batch.store(connection, traceparent)


async def matching_instances(
    connection: AsyncConnection,
    project_id: uuid.UUID,
    verb: str,
    wanted: InstanceFilter,
    *,
    limit: int,
) -> list[uuid.UUID]:
    """Return the newest instances that a filter finds and whose status allows an operation."""
    allowed = {status.value for status in INSTANCE_OPERATIONS[verb]}
    statuses = allowed & set(wanted.statuses) if wanted.statuses else allowed
    if not statuses:
        return []
    narrowed = replace(wanted, statuses=sorted(statuses))
    rows = await list_instances(connection, project_id, narrowed, before=None, limit=limit)
    return [row.instance_id for row in rows]


async def matching_nodes(
    connection: AsyncConnection, instance_id: uuid.UUID, statuses: Sequence[str], *, limit: int
) -> list[str]:
    """Return the reached nodes of an instance in some statuses, in the order they were reached."""
    standings = await find_node_standings(connection, instance_id)
    return [key for key, (status, _) in standings.items() if status in statuses][:limit]


def payload_of(verb: str, **given: JsonValue) -> dict[str, JsonValue]:
    """Return what an operation's command carries, out of what a request for many may bring."""
    names = {
        "set-priority": ("priority",),
        "approve": ("comment",),
        "reject": ("comment",),
        "force-fail": ("message",),
        "retry": ("inputs",),
        "restart": ("inputs",),
    }
    if verb == "cancel":
        return {"rollback": True} if given.get("rollback") else {}
    return {name: given.get(name) for name in names.get(verb, ())}
