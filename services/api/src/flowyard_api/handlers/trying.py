"""Runs of what is not published yet."""

from fastapi import Response

from flowyard.storage.templates import find_template
from flowyard_api.context import ApiContext
from flowyard_api.dependencies.context import Context
from flowyard_api.dependencies.writes import WRITE_PROBLEMS, Answer, CurrentWriter, Write
from flowyard_api.models.problem import FaultView
from flowyard_api.models.trying import MockRun, TestNode, TriedView
from flowyard_api.problems import problem_responses
from flowyard_api.routers import private_router
from flowyard_api.usecases.starting import Starter
from flowyard_api.usecases.trying import Trial, Tried

router = private_router("templates")
"""Routes under ``/api/v1``."""

_PROBLEMS = (
    "invalid_document",
    "invalid_inputs",
    "invalid_request",
    "malformed_body",
    "no_draft",
    "not_found",
    "overloaded",
    "template_deleted",
    "unknown_template",
    *WRITE_PROBLEMS,
)


@router.post(
    "/projects/{project}/templates/{template}/actions/mock-run",
    summary="Run with canned results",
    description="Starts an instance of the draft, of a version, or of `source`, in which"
    " activities, subflows and maps are given results instead of being run: those of `mocks`, else"
    " success without outputs. Gateways, conditions, variables, retries and rollback are real. The"
    " instance is marked with `is_mock`. Nothing is published.",
    status_code=201,
    response_model=TriedView,
    responses=problem_responses("invalid_exclusion", "invalid_mocks", *_PROBLEMS),
)
async def mock_run(
    project: str, template: str, body: MockRun, context: Context, writer: CurrentWriter
) -> Response:
    async def work(write: Write) -> Answer:
        trial = await _trial(context, write, project, template)
        return _answer(write, await trial.mock_run(write.connection, body))

    return await writer.respond(work)


@router.post(
    "/projects/{project}/templates/{template}/actions/test-node",
    summary="Run one node alone",
    description="Starts an instance of nothing but one activity, subflow or map of the draft, of a"
    " version, or of `source`, and runs it for real, with all its effects. Its inputs are those"
    " that are given, or are rendered from the variables that are. Nothing is published.",
    status_code=201,
    response_model=TriedView,
    responses=problem_responses("invalid_node_test", *_PROBLEMS),
)
async def test_node(
    project: str, template: str, body: TestNode, context: Context, writer: CurrentWriter
) -> Response:
    async def work(write: Write) -> Answer:
        trial = await _trial(context, write, project, template)
        return _answer(write, await trial.test_node(write.connection, body))

    return await writer.respond(work)


async def _trial(context: ApiContext, write: Write, project: str, template: str) -> Trial:
    return Trial(
        starter=Starter(
            graphs=context.graphs,
            tracing=context.tracing,
            partition_count=context.doorbells.partition_count,
            admission=context.admission,
        ),
        template=await find_template(write.connection, project, template),
        plugins=await context.plugins.read(write.connection),
        actor=write.actor.name,
        caller=write.caller,
    )


def _answer(write: Write, tried: Tried) -> Answer:
    new, created = tried.start.new, tried.start.created
    write.bells.append(tried.start.bell)
    return Answer(
        body=TriedView(
            instance_id=new.instance_id,
            template_id=new.template_id,
            version=new.version,
            name=new.name,
            command_id=created.command_id,
            warnings=[FaultView.model_validate(fault.as_json()) for fault in tried.warnings],
        ),
        status=201,
        headers={"Location": f"/api/v1/instances/{new.instance_id}"},
    )
