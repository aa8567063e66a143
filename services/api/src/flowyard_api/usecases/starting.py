"""Creating instances: pinned, checked, placed, and started in the same statement."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.contracts.topics import partition_of
from flowyard.engine.binding import bind_inputs
from flowyard.ids import new_id, new_secret
from flowyard.storage.instances import CreatedInstance, NewInstance, create_instances
from flowyard.storage.projects import find_project
from flowyard.storage.versions import RunnableVersion, find_runnable
from flowyard.telemetry.tracing import Tracing
from flowyard_api.catalog import Graphs
from flowyard_api.doorbells import Bell
from flowyard_api.errors import ApiError, Fault
from flowyard_api.models.instances import CreateInstance
from flowyard_api.usecases.documents import UnknownTemplateError


class InvalidInputsError(ApiError):
    """Raised for inputs that do not fit the template."""

    code = "invalid_inputs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """An instance that was created."""

    new: NewInstance
    created: CreatedInstance

    @property
    def bell(self) -> Bell:
        """What tells the owner."""
        return Bell(self.new.instance_id, self.new.partition, self.new.traceparent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Starter:
    """Creates instances.

    Parameters
    ----------
    graphs
        Where declared inputs stand.
    tracing
        Gives each instance its span.
    partition_count
        Over how many partitions instances are spread.
    """

    graphs: Graphs
    tracing: Tracing
    partition_count: int

    async def create(
        self,
        connection: AsyncConnection,
        project: str,
        wanted: Sequence[CreateInstance],
        *,
        actor: str,
        traceparent: str,
        is_bulk: bool,
    ) -> list[Start]:
        """Create instances in one statement, all or none, in the order given.

        Parameters
        ----------
        is_bulk
            Whether faults name the item of the request.

        Raises
        ------
        NotFoundError
            Raised if there is no such project.
        UnknownTemplateError
            Raised if a template is unknown or not published.
        InvalidInputsError
            Raised if inputs do not fit.
        """
        targets = await self._targets(connection, project, wanted, is_bulk=is_bulk)
        await self._check_inputs(connection, wanted, targets, is_bulk=is_bulk)
        new = [
            self._new(one, target, actor=actor, traceparent=traceparent)
            for one, target in zip(wanted, targets, strict=True)
        ]
        created = await create_instances(connection, new)
        return [Start(new=one, created=row) for one, row in zip(new, created, strict=True)]

    async def _targets(
        self,
        connection: AsyncConnection,
        project: str,
        wanted: Sequence[CreateInstance],
        *,
        is_bulk: bool,
    ) -> list[RunnableVersion]:
        asked = [(one.template, one.version) for one in wanted]
        found = await find_runnable(connection, project, list(dict.fromkeys(asked)))
        faults = [
            Fault(
                loc=_place(index, "template", is_bulk=is_bulk),
                msg=f"Expected template {name} to have"
                f" {'a published version' if version is None else f'a version {version}'},"
                " but it has none",
                type="unknown_template",
            )
            for index, (name, version) in enumerate(asked)
            if (name, version) not in found
        ]
        if faults:
            # Only now: a project that has the templates exists.
            await find_project(connection, project)
            raise UnknownTemplateError(faults[0].msg, errors=faults)
        return [found[one] for one in asked]

    async def _check_inputs(
        self,
        connection: AsyncConnection,
        wanted: Sequence[CreateInstance],
        targets: Sequence[RunnableVersion],
        *,
        is_bulk: bool,
    ) -> None:
        faults: list[Fault] = []
        for index, (one, target) in enumerate(zip(wanted, targets, strict=True)):
            graph = await self.graphs.find(connection, target.template_id, target.number)
            faults += [
                Fault(
                    loc=(*_place(index, "inputs", is_bulk=is_bulk), problem.name),
                    msg=problem.message,
                    type=problem.code,
                )
                for problem in bind_inputs(graph.inputs, one.inputs).problems
            ]
        if faults:
            noun = "1 is not" if len(faults) == 1 else f"{len(faults)} are not"
            raise InvalidInputsError(f"Expected inputs as declared, but {noun}", errors=faults)

    def _new(
        self, one: CreateInstance, target: RunnableVersion, *, actor: str, traceparent: str
    ) -> NewInstance:
        instance_id = new_id()
        with self.tracing.span(
            "instance.start",
            traceparent=traceparent,
            attributes={"flowyard.instance": str(instance_id), "flowyard.template": target.key},
        ) as span:
            return NewInstance(
                instance_id=instance_id,
                project_id=target.project_id,
                template_id=target.template_id,
                version=target.number,
                name=one.name or target.title or target.key,
                partition=partition_of(instance_id, self.partition_count),
                given=one.inputs,
                labels=one.labels,
                links=[link.model_dump() for link in one.links],
                actor=actor,
                traceparent=span.traceparent,
                callback_secret=new_secret(),
                is_started=one.start,
            )


def _place(index: int, field: str, *, is_bulk: bool) -> tuple[str | int, ...]:
    return ("body", "items", index, field) if is_bulk else ("body", field)
