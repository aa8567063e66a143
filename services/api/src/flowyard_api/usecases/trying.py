"""Runs of what is not published yet: with canned results, or of one node alone."""

import hashlib
from dataclasses import dataclass, replace

import orjson
from msgspec import structs
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.engine.alone import alone, settable, why_not_alone
from flowyard.engine.binding import RESERVED_PREFIX, bind_inputs, has_reserved_key
from flowyard.engine.graph import Graph, NodeKind
from flowyard.engine.snapshot import Plan, Seed
from flowyard.storage.graph_codec import decode_graph, encode_graph
from flowyard.storage.templates import Template
from flowyard.storage.trial_versions import hold_trial_version
from flowyard.storage.versions import RunnableVersion, VersionContent, find_version
from flowyard_api.catalog import PluginMap
from flowyard_api.errors import ApiError, Fault
from flowyard_api.models.instances import CreateInstance
from flowyard_api.models.trying import MockRun, TestNode, Tryout
from flowyard_api.tracing import Caller
from flowyard_api.usecases.choosing import Choice, InvalidExclusionError, choose
from flowyard_api.usecases.documents import pin, read
from flowyard_api.usecases.mocks import mocks_of, warnings_of
from flowyard_api.usecases.shared_drafts import draft_source, require_present
from flowyard_api.usecases.starting import InvalidInputsError, Start, Starter


class InvalidNodeTestError(ApiError):
    """Raised for a node that cannot be run alone, or not with what was given."""

    code = "invalid_node_test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """An instance that tries something out."""

    start: Start
    warnings: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Runs a template before it is published.

    Parameters
    ----------
    starter
        Creates the instances.
    template
        What is run.
    plugins
        What the draft is checked against.
    actor, caller
        Of the request.
    """

    starter: Starter
    template: Template
    plugins: PluginMap
    actor: str
    caller: Caller

    async def mock_run(self, connection: AsyncConnection, wanted: MockRun) -> Tried:
        """Run the draft, or a version, with canned results.

        Raises
        ------
        NoDraftError
            Raised if nothing was ever written.
        InvalidDocumentError
            Raised if the draft could not be published.
        InvalidMocksError
            Raised if canned results do not fit the graph.
        InvalidInputsError
            Raised if inputs do not fit.
        """
        content, number = await self._content(connection, wanted)
        graph = decode_graph(content.graph)
        mocks = mocks_of(graph, wanted.mocks)
        choice = choose(graph, wanted.schemes, wanted.excluded, place=("body",))
        if isinstance(choice, Fault):
            raise InvalidExclusionError(choice.msg, errors=[choice])
        plan = structs.replace(choice.plan, mocks=mocks, is_mocked=True)
        started = await self._start(
            connection,
            await self._number(connection, content, number),
            Choice(plan=plan, graph=choice.graph),
            CreateInstance(
                template=self.template.key,
                name=wanted.name or f"{self._title} (mocked)"[-_NAME_CHARS:],
                inputs=wanted.inputs,
            ),
        )
        return Tried(start=started, warnings=warnings_of(graph, wanted.mocks, self.plugins))

    async def test_node(self, connection: AsyncConnection, wanted: TestNode) -> Tried:
        """Run one node of the draft, or of a version, alone and for real.

        Raises
        ------
        NoDraftError
            Raised if nothing was ever written.
        InvalidDocumentError
            Raised if the draft could not be published.
        InvalidNodeTestError
            Raised if the node cannot be run alone, or not with what was given.
        InvalidInputsError
            Raised if values of the template's inputs do not fit.
        """
        content, _ = await self._content(connection, wanted)
        graph = decode_graph(content.graph)
        _check(graph, wanted)
        only = alone(graph, wanted.node_id, wanted.variables)
        declared = {spec.name for spec in graph.inputs}
        given = {name: value for name, value in wanted.variables.items() if name in declared}
        problems = bind_inputs(only.inputs, given).problems
        if problems:
            faults = [_fault(one.code, one.message, "variables", one.name) for one in problems]
            raise InvalidInputsError(faults[0].msg, errors=faults)
        rest = {name: value for name, value in wanted.variables.items() if name not in declared}
        seed = Seed(instance_id="", start_id=wanted.node_id, variables=rest, inputs=wanted.inputs)
        encoded = encode_graph(only)
        trial = replace(content, graph=encoded, content_hash=_hash(encoded))
        started = await self._start(
            connection,
            await self._number(connection, trial, None),
            Choice(plan=Plan(seed=seed), graph=only),
            CreateInstance(
                template=self.template.key,
                name=wanted.name or f"{self._title} ({wanted.node_id} alone)"[-_NAME_CHARS:],
                inputs=given,
            ),
        )
        return Tried(start=started)

    @property
    def _title(self) -> str:
        return self.template.title or self.template.key

    async def _content(
        self, connection: AsyncConnection, wanted: Tryout
    ) -> tuple[VersionContent, int | None]:
        """Return what is run, and the number under which it is published if it is."""
        require_present(self.template)
        if wanted.version is not None:
            found = await find_version(connection, self.template.template_id, wanted.version)
            content = VersionContent(
                source=found.source,
                document=found.document,
                graph=found.graph,
                content_hash=found.content_hash,
            )
            return content, found.number
        source = wanted.source
        if source is None:
            source = await draft_source(connection, self.template)
        sound = await read(source, self.plugins)
        return await pin(connection, str(self.template.project_id), sound), None

    async def _number(
        self, connection: AsyncConnection, content: VersionContent, number: int | None
    ) -> int:
        if number is not None:
            return number
        return await hold_trial_version(
            connection, self.template.template_id, content, actor=self.actor
        )

    async def _start(
        self, connection: AsyncConnection, number: int, choice: Choice, one: CreateInstance
    ) -> Start:
        target = RunnableVersion(
            project_id=self.template.project_id,
            project=self.template.project,
            template_id=self.template.template_id,
            key=self.template.key,
            title=self.template.title,
            number=number,
        )
        return await self.starter.create_pinned(
            connection, one, target, choice, actor=self.actor, caller=self.caller
        )


_NAME_CHARS = 200


def _check(graph: Graph, wanted: TestNode) -> None:
    refusal = why_not_alone(graph, wanted.node_id)
    if refusal is not None:
        raise InvalidNodeTestError(refusal, errors=[_fault("node_id", refusal, "node_id")])
    faults = [
        _fault(
            "unknown_variable",
            f"Expected a variable of the template, but {name} is none",
            "variables",
            name,
        )
        for name in wanted.variables
        if name not in settable(graph)
    ]
    if wanted.inputs is not None and graph.nodes[wanted.node_id].kind is NodeKind.MAP:
        message = f"Expected no inputs, but {wanted.node_id} is a map: give variables"
        faults.append(_fault("inputs_not_accepted", message, "inputs"))
    for field, values in (("inputs", wanted.inputs), ("variables", wanted.variables)):
        if values and has_reserved_key(values):
            message = f"Expected no key that begins with {RESERVED_PREFIX}, but {field} have one"
            faults.append(_fault("reserved_key", message, field))
    if faults:
        raise InvalidNodeTestError(faults[0].msg, errors=faults)


def _fault(code: str, message: str, *below: str) -> Fault:
    return Fault(loc=("body", *below), msg=message, type=code)


def _hash(graph: object) -> str:
    return hashlib.sha256(orjson.dumps(graph, option=orjson.OPT_SORT_KEYS)).hexdigest()
