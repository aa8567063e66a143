"""Log lines of attempts: read by offset, followed by waiting."""

import uuid
from collections.abc import Iterable
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Header, Path, Query, Request, Response
from fastapi.responses import PlainTextResponse

from flowyard_api.context import ApiContext
from flowyard_api.dependencies.context import Context
from flowyard_api.handlers.events import check_room
from flowyard_api.models.logs import Level, LogLineView, LogPageView
from flowyard_api.problems import problem_responses
from flowyard_api.routers import private_router
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
        **problem_responses("invalid_request", "not_found", "too_many_streams", "unknown_node"),
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


async def _read(context: ApiContext, wanted: LogRequest, wait: float | None) -> LogPageView:
    reader = LogReader(
        database=context.database,
        graphs=context.graphs,
        changes=context.changes,
        clock=context.clock,
    )
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
