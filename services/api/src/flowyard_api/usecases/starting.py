"""Creating instances: pinned, checked, placed, and started in the same statement."""

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.contracts.topics import partition_of
from flowyard.engine.snapshot import Plan
from flowyard.ids import new_id, new_secret
from flowyard.storage.instances import CreatedInstance, NewInstance, create_instances
from flowyard.storage.project_variables import read_variables
from flowyard.storage.projects import find_project
from flowyard.storage.versions import RunnableVersion, find_runnable
from flowyard.telemetry.tracing import Tracing
from flowyard_api.admission import Admission, NewWork, work_of
from flowyard_api.catalog import Graphs
from flowyard_api.doorbells import Bell
from flowyard_api.errors import ApiError, Fault
from flowyard_api.models.instances import CreateInstance
from flowyard_api.tracing import Caller, NewTrace, start_span
from flowyard_api.usecases.choosing import Choice, InvalidExclusionError, choose
from flowyard_api.usecases.documents import UnknownTemplateError
from flowyard_api.usecases.input_checks import InputChecks
from flowyard_api.usecases.presets import with_presets


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
    admission
        Says whether more of them are taken in.
    """

    graphs: Graphs
    tracing: Tracing
    partition_count: int
    admission: Admission

    async def create(
        self,
        connection: AsyncConnection,
        project: str,
        wanted: Sequence[CreateInstance],
        *,
        actor: str,
        caller: Caller,
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
        UnknownPresetError
            Raised if a template has no such preset.
        InvalidExclusionError
            Raised if schemes or nodes to leave out do not fit.
        InvalidInputsError
            Raised if inputs do not fit.
        OverloadedError
            Raised if too much waits already.
        """
        targets = await self._targets(connection, project, wanted, is_bulk=is_bulk)
        wanted = await with_presets(
            connection, wanted, [one.template_id for one in targets], is_bulk=is_bulk
        )
        choices = await self._choices(connection, wanted, targets, is_bulk=is_bulk)
        await _check_inputs(connection, wanted, targets, choices, is_bulk=is_bulk)
        self._admit(wanted, targets, choices)
        plans = await _with_variables(connection, targets, choices)
        new = [
            self._new(one, target, plan, actor=actor, caller=caller, is_bulk=is_bulk)
            for one, target, plan in zip(wanted, targets, plans, strict=True)
        ]
        created = await create_instances(connection, new)
        return [Start(new=one, created=row) for one, row in zip(new, created, strict=True)]

    async def create_pinned(
        self,
        connection: AsyncConnection,
        one: CreateInstance,
        target: RunnableVersion,
        choice: Choice,
        *,
        actor: str,
        caller: Caller,
    ) -> Start:
        """Create an instance of a version that is known, with a plan of its own.

        Raises
        ------
        InvalidInputsError
            Raised if inputs do not fit.
        OverloadedError
            Raised if too much waits already.
        """
        await _check_inputs(connection, [one], [target], [choice], is_bulk=False)
        self._admit([one], [target], [choice])
        (plan,) = await _with_variables(connection, [target], [choice])
        new = self._new(one, target, plan, actor=actor, caller=caller, is_bulk=False)
        (created,) = await create_instances(connection, [new])
        return Start(new=new, created=created)

    def _admit(
        self,
        wanted: Sequence[CreateInstance],
        targets: Sequence[RunnableVersion],
        choices: Sequence[Choice],
    ) -> None:
        known: dict[tuple[str, int, bool], NewWork] = {}
        work: list[NewWork] = []
        for one, target, choice in zip(wanted, targets, choices, strict=True):
            if not one.start:
                continue
            key = (target.project, id(choice.graph), choice.plan.is_mocked)
            if key not in known:
                known[key] = work_of(target.project, choice.graph, is_mocked=choice.plan.is_mocked)
            work.append(known[key])
        self.admission.admit(work)

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

    async def _choices(
        self,
        connection: AsyncConnection,
        wanted: Sequence[CreateInstance],
        targets: Sequence[RunnableVersion],
        *,
        is_bulk: bool,
    ) -> list[Choice]:
        """Return what is left of each graph, and the plan that says so."""
        choices: list[Choice] = []
        faults: list[Fault] = []
        for index, (one, target) in enumerate(zip(wanted, targets, strict=True)):
            graph = await self.graphs.find(connection, target.template_id, target.number)
            place = ("body", "items", index) if is_bulk else ("body",)
            choice = choose(graph, one.schemes, one.excluded, place=place)
            if isinstance(choice, Fault):
                faults.append(choice)
            else:
                choices.append(choice)
        if faults:
            raise InvalidExclusionError(faults[0].msg, errors=faults)
        return choices

    def _new(
        self,
        one: CreateInstance,
        target: RunnableVersion,
        plan: Plan,
        *,
        actor: str,
        caller: Caller,
        is_bulk: bool,
    ) -> NewInstance:
        instance_id = new_id()
        wanted = NewTrace(
            is_alone=not is_bulk,
            is_recorded=None if one.trace is None else one.trace == "always",
        )
        with start_span(
            self.tracing,
            caller,
            wanted,
            instance_id=instance_id,
            project=target.project,
            template=target.key,
            version=target.number,
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
                plan=plan,
                priority=one.priority,
            )


async def _check_inputs(
    connection: AsyncConnection,
    wanted: Sequence[CreateInstance],
    targets: Sequence[RunnableVersion],
    choices: Sequence[Choice],
    *,
    is_bulk: bool,
) -> None:
    checks = InputChecks()
    for index, (one, target, choice) in enumerate(zip(wanted, targets, choices, strict=True)):
        place = _place(index, "inputs", is_bulk=is_bulk)
        checks.add(target.project_id, choice.graph.inputs, one.inputs, place)
    faults = await checks.finish(connection)
    if faults:
        noun = "1 is not" if len(faults) == 1 else f"{len(faults)} are not"
        raise InvalidInputsError(f"Expected inputs as declared, but {noun}", errors=faults)


async def _with_variables(
    connection: AsyncConnection, targets: Sequence[RunnableVersion], choices: Sequence[Choice]
) -> list[Plan]:
    """Return the plans of instances with the variables that their projects have now."""
    known = {one.project_id: one.variables for one in targets if one.variables is not None}
    unread = {target.project_id for target in targets} - known.keys()
    if unread:
        known |= await read_variables(connection, unread)
    return [
        replace(choice.plan, project_variables=known.get(target.project_id, {}))
        for target, choice in zip(targets, choices, strict=True)
    ]


def _place(index: int, field: str, *, is_bulk: bool) -> tuple[str | int, ...]:
    return ("body", "items", index, field) if is_bulk else ("body", field)
