"""Previews: what nodes would be given, of instances as they stand and of drafts."""

import asyncio
import uuid
from dataclasses import asdict

from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.engine.graph import Graph
from flowyard.engine.preview import InputPreview, NodePreview, preview, preview_all
from flowyard.engine.snapshot import InstanceFacts, Plan, Snapshot
from flowyard.storage.advance_load import load_instances
from flowyard.storage.database import Database
from flowyard.storage.errors import NotFoundError
from flowyard.storage.project_variables import read_variables
from flowyard.storage.templates import Template
from flowyard_api.catalog import PluginMap
from flowyard_api.errors import Fault
from flowyard_api.models.previews import (
    CheckInputs,
    DraftPreviewView,
    InputPreviewView,
    InputsCheckView,
    NodePreviewView,
    PreviewInputs,
    PreviewProblemView,
)
from flowyard_api.models.problem import FaultView
from flowyard_api.usecases.choosing import InvalidExclusionError, choose
from flowyard_api.usecases.documents import read
from flowyard_api.usecases.forms import form_view
from flowyard_api.usecases.input_checks import InputChecks
from flowyard_api.usecases.operating import UnknownNodeError
from flowyard_api.usecases.shared_drafts import draft_source
from flowyard_api.usecases.views import mask


async def preview_node(
    database: Database, instance_id: uuid.UUID, node_id: str, *, public_url: str
) -> NodePreviewView:
    """Return what a node of an instance would be given if a token entered it now.

    Raises
    ------
    NotFoundError
        Raised if there is no such instance.
    UnknownNodeError
        Raised if its graph has no such node.
    """
    async with (
        database.hot() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        found = await load_instances(connection, [instance_id], {}, public_url=public_url)
    if instance_id not in found:
        raise NotFoundError("instance", str(instance_id))
    try:
        return _view(preview(found[instance_id].snapshot, node_id))
    except LookupError as error:
        raise UnknownNodeError(f"Expected a node of the graph, but {node_id} is none") from error


async def preview_draft(
    connection: AsyncConnection,
    template: Template,
    wanted: PreviewInputs,
    *,
    actor: str,
    plugins: PluginMap,
) -> DraftPreviewView:
    """Return what the nodes of a draft would be given at the start, with example inputs.

    Raises
    ------
    NoDraftError
        Raised if nothing was ever written.
    InvalidDocumentError
        Raised if the draft could not be published.
    """
    source = wanted.source
    if source is None:
        source = await draft_source(connection, template)
    sound = await read(source, plugins)
    graph, given = sound.graph, wanted.inputs
    checks = InputChecks()
    checks.add(template.project_id, graph.inputs, given, ("body", "inputs"))
    variables = await read_variables(connection, {template.project_id})
    facts = InstanceFacts(
        instance_id=uuid.UUID(int=0),
        project=template.project,
        name=sound.document.title or template.key,
        actor=actor,
        callback_secret="",
        template=template.key,
        plan=Plan(project_variables=variables.get(template.project_id, {})),
    )
    snapshot = Snapshot(facts=facts, graph=graph, given=given)
    # Apart from the loop, as reading it was: there may be thousands of nodes.
    previews = await asyncio.to_thread(list, preview_all(snapshot))
    return DraftPreviewView(
        form=form_view(graph.inputs),
        problems=[
            FaultView.model_validate(fault.as_json()) for fault in await checks.finish(connection)
        ],
        nodes=[_view(one) for one in previews],
    )


async def check_inputs(
    connection: AsyncConnection, template: Template, graph: Graph, wanted: CheckInputs
) -> InputsCheckView:
    """Return what a start with these inputs would say to them.

    Parameters
    ----------
    graph
        Of the version that would be started.

    Raises
    ------
    InvalidExclusionError
        Raised if schemes or nodes to leave out do not fit.
    """
    choice = choose(graph, wanted.schemes, wanted.excluded, place=("body",))
    if isinstance(choice, Fault):
        raise InvalidExclusionError(choice.msg, errors=[choice])
    specs = choice.graph.inputs
    checks = InputChecks()
    binding = checks.add(template.project_id, specs, wanted.inputs, ("body", "inputs"))
    return InputsCheckView(
        form=form_view(specs),
        hidden=[spec.name for spec in specs if spec.name in binding.hidden],
        problems=[
            FaultView.model_validate(fault.as_json()) for fault in await checks.finish(connection)
        ],
    )


def _view(found: NodePreview) -> NodePreviewView:
    return NodePreviewView(node_id=found.node_id, inputs=[_input_view(one) for one in found.inputs])


def _input_view(found: InputPreview) -> InputPreviewView:
    problem = found.problem
    return InputPreviewView(
        name=found.name,
        value=mask(found.value),
        problem=None if problem is None else PreviewProblemView.model_validate(asdict(problem)),
    )
