"""Log lines of attempts: read by offset, followed by waiting."""

import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Header, Path, Query, Request, Response
from fastapi.responses import PlainTextResponse, StreamingResponse

from flowyard.storage.errors import DatabaseUnavailableError
from flowyard_api.context import ApiContext
from flowyard_api.dependencies.context import Context
from flowyard_api.handlers.events import check_room, stream_of
from flowyard_api.models.logs import Level, LogLineView, LogPageView
from flowyard_api.problems import problem_responses
from flowyard_api.routers import private_router
from flowyard_api.usecases.log_stream import LogStream, tell_archived
from flowyard_api.usecases.logs import LogReader, LogRequest

router = private_router("instances")
"""Routes under ``/api/v1``."""

DEFAULT_LINES = 1000
"""Lines of one answer unless the client says otherwise."""

MAX_LINES = 10_000
"""Most lines of one answer: all that an attempt keeps, at most 1 MiB."""

MAX_WAIT_SECONDS = 60.0
"""Longest wait for a line; proxies commonly give up on an answer after that."""

_EXAMPLE = """\
2031-05-01T12:00:00.120+00:00 INFO Uploading 8 files
2031-05-01T12:00:01.480+00:00 WARNING File 3 had to be sent again
"""

_STREAM_EXAMPLE = """\
event: line
id: 1
data: {"sequence":1,"at":"2031-05-01T12:00:00.120Z","level":"info","text":"Uploading 8 files"}

event: end
id: 1
data: {"next_after":1}

"""


@router.get(
    "/instances/{instance_id}/nodes/{node_id}/attempts/{number}/logs",
    summary="Read the log of an attempt",
    description="Returns what the plugin has logged, in order, from behind `after` on. To follow a"
    " log, pass `next_after` as `after`, with `wait`, until `is_complete`. With `Accept:"
    " text/plain` the lines come as plain text, and a `Link` header with `rel=next` says where to"
    " go on while the log is not complete. A log holds at most 10,000 lines and 1 MiB; its last"
    " line says so where it was cut.",
    response_model=LogPageView,
    responses={
        200: {
            "description": "The lines",
            "content": {"text/plain": {"schema": {"type": "string"}, "example": _EXAMPLE}},
        },
        **problem_responses(
            "archive_damaged",
            "archive_unavailable",
            "invalid_request",
            "not_found",
            "too_many_streams",
            "unknown_node",
        ),
    },
)
async def get_logs(
    instance_id: uuid.UUID,
    node_id: str,
    number: Annotated[int, Path(ge=1, le=2**31 - 1, description="Number of the attempt.")],
    request: Request,
    context: Context,
    after: Annotated[
        int, Query(ge=0, le=2**31 - 1, description="Begins behind this sequence.", examples=[12])
    ] = 0,
    limit: Annotated[
        int, Query(ge=1, le=MAX_LINES, description="Most lines of the answer.")
    ] = DEFAULT_LINES,
    level: Annotated[Level, Query(description="Leaves out what matters less.")] = "debug",
    wait: Annotated[
        float | None,
        Query(
            ge=0,
            le=MAX_WAIT_SECONDS,
            description="Seconds to wait for a line, or the end, where there is none yet.",
            examples=[30],
        ),
    ] = None,
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    wanted = LogRequest(
        instance_id=instance_id,
        node_id=node_id,
        number=number,
        after=after,
        level=level,
        limit=limit,
    )
    page = await _read(context, wanted, wait)
    if "text/plain" in accept.lower():
        return _text(request, page)
    return Response(page.model_dump_json(), media_type="application/json")


@router.get(
    "/instances/{instance_id}/nodes/{node_id}/attempts/{number}/logs/stream",
    summary="Follow the log of an attempt",
    description="A stream of server-sent events: a `line` for each line, from behind `after` on,"
    " and `end` once the attempt has ended and its log is whole, which closes the stream. The `id`"
    " of an event is the line's `sequence`: sent as `Last-Event-ID`, which counts before `after`,"
    " the stream goes on behind it. It may be opened before the attempt has begun; it ends with the"
    " instance if that never happens. A comment every 15 s keeps the connection awake. A reader"
    " that is too slow loses nothing.",
    response_class=StreamingResponse,
    responses={
        **stream_of("line", "end", example=_STREAM_EXAMPLE),
        **problem_responses(
            "archive_damaged",
            "archive_unavailable",
            "invalid_request",
            "not_found",
            "too_many_streams",
            "unknown_node",
        ),
    },
)
async def get_log_stream(
    instance_id: uuid.UUID,
    node_id: str,
    number: Annotated[int, Path(ge=1, le=2**31 - 1, description="Number of the attempt.")],
    context: Context,
    after: Annotated[
        int, Query(ge=0, le=2**31 - 1, description="Begins behind this sequence.", examples=[12])
    ] = 0,
    level: Annotated[Level, Query(description="Leaves out what matters less.")] = "debug",
    last_event_id: Annotated[
        str | None,
        Header(
            pattern=r"^[0-9]{1,9}$",
            description="`id` of the last event that was seen.",
            examples=["12"],
        ),
    ] = None,
) -> StreamingResponse:
    check_room(context)
    wanted = LogRequest(
        instance_id=instance_id,
        node_id=node_id,
        number=number,
        after=after if last_event_id is None else int(last_event_id),
        level=level,
        # And the line that says that no more was kept.
        limit=MAX_LINES + 1,
    )
    archived = await _reader(context).expect(wanted)
    return StreamingResponse(
        _stream(context, wanted) if archived is None else tell_archived(archived, wanted),
        media_type="text/event-stream",
        # Proxies that buffer would hold lines back.
        headers={"X-Accel-Buffering": "no"},
    )


async def _stream(context: ApiContext, wanted: LogRequest) -> AsyncIterator[bytes]:
    stream = LogStream(
        feeds=context.logs,
        clock=context.clock,
        heartbeat_seconds=context.settings.heartbeat_seconds,
    )
    with context.looking_on():
        try:
            async with aclosing(stream.follow(wanted)) as events:
                async for event in events:
                    yield event
        except DatabaseUnavailableError:
            # The status line is sent long ago: the reader comes again with Last-Event-ID.
            return


def _reader(context: ApiContext) -> LogReader:
    return LogReader(
        database=context.database,
        graphs=context.graphs,
        archive=context.archive,
        changes=context.changes,
        clock=context.clock,
    )


async def _read(context: ApiContext, wanted: LogRequest, wait: float | None) -> LogPageView:
    reader = _reader(context)
    if not wait:
        return await reader.read(wanted)
    check_room(context)
    with context.looking_on():
        return await reader.wait(wanted, wait)


def _text(request: Request, page: LogPageView) -> Response:
    headers: dict[str, str] = {}
    if not page.is_complete:
        query = {**request.query_params, "after": page.next_after}
        headers["Link"] = f'<{request.url.path}?{urlencode(query)}>; rel="next"'
    return PlainTextResponse("".join(_written(page.lines)), headers=headers)


def _written(lines: Iterable[LogLineView]) -> Iterable[str]:
    for line in lines:
        at = line.at.isoformat(timespec="milliseconds")
        yield f"{at} {line.level.upper()} {line.text}\n"
