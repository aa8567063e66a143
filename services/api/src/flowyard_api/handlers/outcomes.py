"""What every operation shares: its command is stored, and its outcome may be waited for."""

import uuid
from typing import Annotated, Any

import orjson
from fastapi import Query, Response

from flowyard.storage.commands import CommandRow
from flowyard_api.context import ApiContext
from flowyard_api.dependencies.writes import WRITE_PROBLEMS, Answer, Write, Writer, Written
from flowyard_api.models.commands import AcceptedView
from flowyard_api.usecases.operating import (
    CommandRejectedError,
    Operation,
    operate,
    wait_settled,
)

MAX_WAIT_SECONDS = 60.0
"""Longest wait for an outcome; proxies commonly give up on an answer after that."""

WaitSeconds = Annotated[
    float | None,
    Query(
        ge=0,
        le=MAX_WAIT_SECONDS,
        description="Seconds to wait for the outcome; left out, the answer comes at once.",
        examples=[5],
    ),
]
"""How long a request waits for the outcome of its command."""

ACTION_PROBLEMS = (
    "command_rejected",
    "forbidden_operation",
    "instance_archived",
    "invalid_request",
    "not_found",
    "too_many_commands",
    *WRITE_PROBLEMS,
)
"""What every operation may answer."""

SETTLED: dict[int | str, dict[str, Any]] = {
    200: {"model": AcceptedView, "description": "With `wait`: the command was applied"},
}
"""The answer of an operation whose outcome was waited for."""

RULES = (
    " The present status is checked first, and 409 tells what is allowed. What counts is the"
    " decision of the instance's owner, a moment later: it is the command's `outcome`. With `wait`"
    " the answer is 200 once the command is applied, 409 when it is rejected, and 202 when the time"
    " is over before."
)
"""How operations are answered, for their descriptions."""


async def carry_out(
    context: ApiContext, writer: Writer, wanted: Operation, wait: float | None
) -> Response:
    """Store the command of an operation, and answer; with its outcome if it is waited for."""

    async def work(write: Write) -> Answer:
        command_id, bell = await operate(
            write.connection,
            context.graphs,
            context.admission,
            wanted,
            actor=write.actor.name,
            traceparent=write.traceparent,
        )
        write.bells.append(bell)
        context.metrics.count("flowyard_api_commands_total", kind=wanted.kind)
        return Answer(body=AcceptedView(command_id=command_id), status=202)

    written = await writer.write(work)
    if not wait:
        return written.response()
    # Outside the write: a repeated request finds the same command and waits for it again.
    return await _outcome(context, wanted, written, wait)


async def _outcome(
    context: ApiContext, wanted: Operation, written: Written, wait: float
) -> Response:
    command_id: int = orjson.loads(written.text)["command_id"]
    row = await settled(context, wanted.instance_id, command_id, wait)
    if row.outcome == "rejected":
        raise CommandRejectedError(
            row.message or "The instance's owner has rejected the command",
            command_id=command_id,
            rejection=row.code,
        )
    if row.outcome is None:
        return written.response()
    view = AcceptedView(command_id=command_id, outcome="applied")
    return Written(
        status=200,
        text=view.model_dump_json(),
        headers=written.headers,
        is_replayed=written.is_replayed,
    ).response()


async def settled(
    context: ApiContext, instance_id: uuid.UUID, command_id: int, seconds: float
) -> CommandRow:
    """Return a command once it is settled, or as it is when the time is over."""
    return await wait_settled(
        context.database,
        context.changes,
        context.clock,
        instance_id=instance_id,
        command_id=command_id,
        seconds=seconds,
    )
