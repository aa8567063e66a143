"""New instances that copy others: from the start, or from a node on."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from msgspec.structs import replace
from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.contracts.topics import partition_of
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.operations import allowed_on_instance, refusal_on_instance
from flowyard.engine.seeding import why_not
from flowyard.engine.snapshot import Plan, Seed
from flowyard.ids import new_id, new_secret
from flowyard.storage.instances import InstanceDetail, NewInstance, create_instances
from flowyard.storage.plan_codec import decode_plan
from flowyard.storage.project_variables import read_variables
from flowyard.telemetry.tracing import Tracing
from flowyard_api.admission import Admission, work_of
from flowyard_api.catalog import Graphs
from flowyard_api.errors import ApiError, Fault, InvalidRequestError
from flowyard_api.models.copies import CopyOptions, RerunOptions
from flowyard_api.tracing import Caller, NewTrace, start_span
from flowyard_api.usecases.archived_rows import ArchiveReader
from flowyard_api.usecases.input_checks import InputChecks
from flowyard_api.usecases.instance_rows import InstanceRows, find_rows
from flowyard_api.usecases.operating import (
    ForbiddenOperationError,
    UnknownNodeError,
    check_payload,
)
from flowyard_api.usecases.starting import InvalidInputsError, Start

CLONE = "clone"
"""A copy that begins at the start."""

RERUN = "rerun"
"""A copy that begins at a node, with what the earlier instance had come to."""


class NotRerunnableError(ApiError):
    """Raised for a rerun from a node at which none can begin."""

    code = "not_rerunnable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Copier:
    """Creates copies of instances.

    Parameters
    ----------
    graphs
        The graphs of their versions.
    tracing
        Gives each copy its span.
    partition_count
        Over how many partitions instances are spread.
    admission
        Says whether more of them are taken in.
    archive
        Where instances are that are no longer in the database.
    actor, caller
        Who asks, and within which trace.
    """

    graphs: Graphs
    tracing: Tracing
    partition_count: int
    admission: Admission
    archive: ArchiveReader
    actor: str
    caller: Caller

    async def clone(
        self, connection: AsyncConnection, instance_id: uuid.UUID, options: CopyOptions
    ) -> Start:
        """Create an instance of the same version, with the same inputs but for what is changed.

        Raises
        ------
        NotFoundError
            Raised if there is no such instance.
        InvalidInputsError
            Raised if the inputs do not fit.
        """
        row = (await find_rows(connection, instance_id, self.archive)).row
        known = await read_variables(connection, {row.project_id})
        plan = decode_plan(row.plan)
        plan = replace(
            plan,
            seed=plan.seed if plan.is_node_test else None,
            depth=0,
            project_variables=known.get(row.project_id, {}),
        )
        given = {**row.given, **options.inputs}
        await self._check_inputs(connection, row, plan, given)
        return await self._create(connection, row, options, plan, given=given, origin=CLONE)

    async def rerun(
        self, connection: AsyncConnection, instance_id: uuid.UUID, options: RerunOptions
    ) -> Start:
        """Create an instance that begins at a node, with what the earlier one had come to.

        Raises
        ------
        NotFoundError
            Raised if there is no such instance.
        ForbiddenOperationError
            Raised if it is still under way.
        UnknownNodeError
            Raised if its graph has no such node.
        NotRerunnableError
            Raised if no rerun can begin there.
        InvalidRequestError
            Raised if the node takes no inputs, or some hold references.
        """
        rows = await find_rows(connection, instance_id, self.archive)
        row = rows.row
        _check_settled(row)
        plan = decode_plan(row.plan)
        graph = await self.graphs.find_planned(connection, row.template_id, row.version, plan)
        node = graph.find(options.node_id)
        if node is None:
            raise UnknownNodeError(f"Expected a node of the graph, but {options.node_id} is none")
        reason = why_not(graph, options.node_id)
        if reason is not None:
            raise NotRerunnableError(reason)
        if options.inputs is not None:
            if node.activity is None and node.subflow is None:
                raise _no_inputs(options.node_id)
            check_payload({"inputs": options.inputs})
        seed = await _seed(rows, options)
        return await self._create(
            connection,
            row,
            options,
            replace(plan, seed=seed, depth=0),
            given=row.given,
            origin=RERUN,
        )

    async def _check_inputs(
        self,
        connection: AsyncConnection,
        row: InstanceDetail,
        plan: Plan,
        given: Mapping[str, JsonValue],
    ) -> None:
        graph = await self.graphs.find_planned(connection, row.template_id, row.version, plan)
        checks = InputChecks()
        checks.add(row.project_id, graph.inputs, given, ("body", "inputs"))
        faults = await checks.finish(connection)
        if faults:
            raise InvalidInputsError(faults[0].msg, errors=faults)

    async def _create(
        self,
        connection: AsyncConnection,
        row: InstanceDetail,
        options: CopyOptions | RerunOptions,
        plan: Plan,
        *,
        given: Mapping[str, JsonValue],
        origin: str,
    ) -> Start:
        if options.start:
            graph = await self.graphs.find_planned(connection, row.template_id, row.version, plan)
            self.admission.admit([work_of(row.project, graph, is_mocked=plan.is_mocked)])
        instance_id = new_id()
        wanted = NewTrace(links=() if row.traceparent is None else (row.traceparent,))
        with start_span(
            self.tracing,
            self.caller,
            wanted,
            instance_id=instance_id,
            project=row.project,
            template=row.template_key,
            version=row.version,
        ) as span:
            new = NewInstance(
                instance_id=instance_id,
                project_id=row.project_id,
                template_id=row.template_id,
                version=row.version,
                name=options.name or row.name,
                partition=partition_of(instance_id, self.partition_count),
                given=given,
                labels={**row.labels, **options.labels},
                links=row.links,
                actor=self.actor,
                traceparent=span.traceparent,
                callback_secret=new_secret(),
                is_started=options.start,
                plan=plan,
                priority=row.priority if options.priority is None else options.priority,
                origin_instance_id=row.instance_id,
                origin=origin,
            )
        (created,) = await create_instances(connection, [new])
        return Start(new=new, created=created)


def _check_settled(row: InstanceDetail) -> None:
    status = InstanceStatus(row.status)
    refusal = refusal_on_instance(RERUN, status)
    if refusal is not None:
        raise ForbiddenOperationError(
            refusal.message,
            present_status=status,
            instance_status=status,
            allowed=list(allowed_on_instance(status)),
        )


def _no_inputs(node_id: str) -> InvalidRequestError:
    message = f"Expected no inputs, but {node_id} takes none"
    fault = Fault(loc=("body", "inputs"), msg=message, type="inputs_not_accepted")
    return InvalidRequestError(message, errors=[fault])


async def _seed(rows: InstanceRows, options: RerunOptions) -> Seed:
    row, nodes = rows.row, await rows.nodes()
    return Seed(
        instance_id=str(row.instance_id),
        start_id=options.node_id,
        variables=row.variables or {},
        outputs={
            node.node_id: node.outputs or {}
            for node in nodes
            if node.status == NodeStatus.SUCCEEDED
        },
        inputs=options.inputs,
    )
