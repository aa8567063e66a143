"""Operations on nodes."""

import uuid
from typing import Literal

from fastapi import Response

from flowyard_api.dependencies.context import Context
from flowyard_api.dependencies.writes import CurrentWriter
from flowyard_api.handlers.outcomes import (
    ACTION_PROBLEMS,
    RULES,
    SETTLED,
    WaitSeconds,
    carry_out,
)
from flowyard_api.models.commands import (
    AcceptedView,
    BranchChoice,
    Decision,
    ForcedFailure,
    ForcedOutputs,
    NewTime,
    RetryOptions,
)
from flowyard_api.problems import problem_responses
from flowyard_api.routers import private_router
from flowyard_api.usecases.operating import Operation

router = private_router("commands")
"""Routes under ``/api/v1``."""

_PROBLEMS = ("malformed_body", "unknown_node", *ACTION_PROBLEMS)
_ITEMS = (
    " Items of maps (`deploy:3`), compensations (`deploy:rollback`) and nodes of inline subflows"
    " (`deploy.build`) are operated on by their ids like any other node."
)


@router.post(
    "/instances/{instance_id}/nodes/{node_id}/actions/retry",
    summary="Retry a failed node",
    description="Opens a further attempt of a failed node, with the inputs of the last one or with"
    " new ones. Of a map, only the items that failed are tried again." + _ITEMS + RULES,
    status_code=202,
    response_model=AcceptedView,
    responses={**SETTLED, **problem_responses("not_retryable", *_PROBLEMS)},
)
async def retry(
    instance_id: uuid.UUID,
    node_id: str,
    context: Context,
    writer: CurrentWriter,
    body: RetryOptions | None = None,
    wait: WaitSeconds = None,
) -> Response:
    payload = {"inputs": None if body is None else body.inputs}
    wanted = Operation(instance_id=instance_id, verb="retry", node_id=node_id, payload={**payload})
    return await carry_out(context, writer, wanted, wait)


@router.post(
    "/instances/{instance_id}/nodes/{node_id}/actions/restart",
    summary="Restart a subflow",
    description="Begins a subflow once more from its start, whether it has failed or is under way."
    " What is left of its earlier run is cancelled." + RULES,
    status_code=202,
    response_model=AcceptedView,
    responses={**SETTLED, **problem_responses(*_PROBLEMS)},
)
async def restart(
    instance_id: uuid.UUID,
    node_id: str,
    context: Context,
    writer: CurrentWriter,
    body: RetryOptions | None = None,
    wait: WaitSeconds = None,
) -> Response:
    payload = {"inputs": None if body is None else body.inputs}
    wanted = Operation(
        instance_id=instance_id, verb="restart", node_id=node_id, payload={**payload}
    )
    return await carry_out(context, writer, wanted, wait)


@router.post(
    "/instances/{instance_id}/nodes/{node_id}/actions/force-fail",
    summary="Force a node to fail",
    description="Stops a node that works or waits: it fails with code `forced_failure`, whatever"
    " its retries and `ignore_failure` say. Its plugin is asked to stop; `cancel_confirmed_at` of"
    " the attempt tells when nothing of it goes on any more." + RULES,
    status_code=202,
    response_model=AcceptedView,
    responses={**SETTLED, **problem_responses(*_PROBLEMS)},
)
async def force_fail(
    instance_id: uuid.UUID,
    node_id: str,
    context: Context,
    writer: CurrentWriter,
    body: ForcedFailure | None = None,
    wait: WaitSeconds = None,
) -> Response:
    message = "" if body is None else body.message
    wanted = Operation(
        instance_id=instance_id, verb="force-fail", node_id=node_id, payload={"message": message}
    )
    return await carry_out(context, writer, wanted, wait)


@router.post(
    "/instances/{instance_id}/nodes/{node_id}/actions/force-succeed",
    summary="Force a node to succeed",
    description="Lets a node that is open or has failed count as succeeded with the given outputs,"
    " marked as `forced`. Its plugin is asked to stop. Outputs that are kept sealed cannot be"
    " given." + RULES,
    status_code=202,
    response_model=AcceptedView,
    responses={**SETTLED, **problem_responses(*_PROBLEMS)},
)
async def force_succeed(
    instance_id: uuid.UUID,
    node_id: str,
    context: Context,
    writer: CurrentWriter,
    body: ForcedOutputs | None = None,
    wait: WaitSeconds = None,
) -> Response:
    outputs = {} if body is None else body.outputs
    wanted = Operation(
        instance_id=instance_id,
        verb="force-succeed",
        node_id=node_id,
        payload={"outputs": outputs},
    )
    return await carry_out(context, writer, wanted, wait)


@router.post(
    "/instances/{instance_id}/nodes/{node_id}/actions/choose",
    summary="Choose the branch of a failed gateway",
    description="Says which way the token takes at a gateway that has failed: one branch of an"
    " exclusive one, one or more of a conditional parallel one. Loop limits hold." + RULES,
    status_code=202,
    response_model=AcceptedView,
    responses={**SETTLED, **problem_responses(*_PROBLEMS)},
)
async def choose(
    instance_id: uuid.UUID,
    node_id: str,
    body: BranchChoice,
    context: Context,
    writer: CurrentWriter,
    wait: WaitSeconds = None,
) -> Response:
    wanted = Operation(
        instance_id=instance_id,
        verb="choose",
        node_id=node_id,
        payload={"targets": [*body.targets]},
    )
    return await carry_out(context, writer, wanted, wait)


@router.post(
    "/instances/{instance_id}/nodes/{node_id}/actions/reset-timer",
    summary="Reset a running timer",
    description="Has a wait for a time, or the pause before an automatic retry, end at another"
    " time, counted from now; 0 ends it at once." + RULES,
    status_code=202,
    response_model=AcceptedView,
    responses={**SETTLED, **problem_responses(*_PROBLEMS)},
)
async def reset_timer(
    instance_id: uuid.UUID,
    node_id: str,
    body: NewTime,
    context: Context,
    writer: CurrentWriter,
    wait: WaitSeconds = None,
) -> Response:
    wanted = Operation(
        instance_id=instance_id,
        verb="reset-timer",
        node_id=node_id,
        payload={"after_seconds": body.after_seconds},
    )
    return await carry_out(context, writer, wanted, wait)


@router.post(
    "/instances/{instance_id}/nodes/{node_id}/actions/approve",
    summary="Approve",
    description="Says yes to a node that waits for a person, with a comment." + RULES,
    status_code=202,
    response_model=AcceptedView,
    responses={**SETTLED, **problem_responses(*_PROBLEMS)},
)
async def approve(
    instance_id: uuid.UUID,
    node_id: str,
    context: Context,
    writer: CurrentWriter,
    body: Decision | None = None,
    wait: WaitSeconds = None,
) -> Response:
    comment = "" if body is None else body.comment
    wanted = Operation(
        instance_id=instance_id, verb="approve", node_id=node_id, payload={"comment": comment}
    )
    return await carry_out(context, writer, wanted, wait)


@router.post(
    "/instances/{instance_id}/nodes/{node_id}/actions/reject",
    summary="Reject",
    description="Says no to a node that waits for a person, with a comment." + RULES,
    status_code=202,
    response_model=AcceptedView,
    responses={**SETTLED, **problem_responses(*_PROBLEMS)},
)
async def reject(
    instance_id: uuid.UUID,
    node_id: str,
    context: Context,
    writer: CurrentWriter,
    body: Decision | None = None,
    wait: WaitSeconds = None,
) -> Response:
    comment = "" if body is None else body.comment
    wanted = Operation(
        instance_id=instance_id, verb="reject", node_id=node_id, payload={"comment": comment}
    )
    return await carry_out(context, writer, wanted, wait)


@router.post(
    "/instances/{instance_id}/nodes/{node_id}/actions/{action}",
    summary="Skip, pause or resume a node",
    description="`skip` passes over a failed node, which has no outputs then; `pause` has the next"
    " token that reaches the node stop there, also before the instance is started; `resume` takes"
    " that back and lets a token in that waits." + _ITEMS + RULES,
    status_code=202,
    response_model=AcceptedView,
    responses={
        **SETTLED,
        **problem_responses("not_skippable", "unknown_node", *ACTION_PROBLEMS),
    },
)
async def operate_on_node(
    instance_id: uuid.UUID,
    node_id: str,
    action: Literal["skip", "pause", "resume"],
    context: Context,
    writer: CurrentWriter,
    wait: WaitSeconds = None,
) -> Response:
    wanted = Operation(instance_id=instance_id, verb=action, node_id=node_id)
    return await carry_out(context, writer, wanted, wait)
