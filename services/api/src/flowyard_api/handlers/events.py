"""Live views: instances as server-sent events."""

import uuid
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header
from fastapi.responses import StreamingResponse

from flowyard.storage.errors import DatabaseUnavailableError
from flowyard_api.context import ApiContext
from flowyard_api.dependencies.context import Context
from flowyard_api.errors import ApiError
from flowyard_api.models.instances import InstanceChangeView, InstanceView
from flowyard_api.problems import problem_responses
from flowyard_api.usecases.live import LiveView
from flowyard_api.usecases.reading import InstanceReader

router = APIRouter(tags=["instances"])
"""Routes under ``/api/v1``."""

_EXAMPLE = """\
event: snapshot
id: 3
data: {"instance_id":"0197c0de-0000-7000-8000-000000000001","revision":3,"status":"running", ...}

event: change
id: 4
data: {"revision":4,"status":"succeeded","nodes":[{"node_id":"prepare", ...}], ...}

event: end
id: 4
data: {"status":"succeeded"}

"""


class TooManyStreamsError(ApiError):
    """Raised while a process serves as many live views as it may."""

    code = "too_many_streams"


@router.get(
    "/instances/{instance_id}/events",
    summary="Follow an instance",
    description="A stream of server-sent events. It begins with `snapshot`, which is what"
    " `GET /instances/{instance_id}` returns; each `change` carries the new status and every node"
    " that has changed, whole; `end` comes after the last change and closes the stream. The `id` of"
    " an event is the instance's revision: sent as `Last-Event-ID`, the stream begins with what was"
    " missed since. A comment every 15 s keeps the connection awake. The token travels in the"
    " `Authorization` header only, never in the address: in a browser, read the stream with"
    " `fetch`, because `EventSource` cannot send the header.",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "The stream",
            "content": {"text/event-stream": {"schema": {"type": "string"}, "example": _EXAMPLE}},
        },
        **problem_responses("invalid_request", "not_found", "too_many_streams"),
    },
)
async def get_events(
    instance_id: uuid.UUID,
    context: Context,
    last_event_id: Annotated[
        int | None, Header(ge=0, description="`id` of the last event that was seen.")
    ] = None,
) -> StreamingResponse:
    check_room(context)
    live = LiveView(
        reader=InstanceReader(database=context.database, graphs=context.graphs),
        changes=context.changes,
        clock=context.clock,
        heartbeat_seconds=context.settings.heartbeat_seconds,
    )
    first = await live.begin(instance_id, last_event_id)
    return StreamingResponse(
        _stream(context, live, instance_id, first),
        media_type="text/event-stream",
        # Proxies that buffer would hold events back.
        headers={"X-Accel-Buffering": "no"},
    )


async def _stream(
    context: ApiContext,
    live: LiveView,
    instance_id: uuid.UUID,
    first: InstanceView | InstanceChangeView,
) -> AsyncIterator[bytes]:
    with context.looking_on():
        try:
            async for event in live.follow(instance_id, first):
                yield event
        except DatabaseUnavailableError:
            # The status line is sent long ago: the viewer connects again with Last-Event-ID.
            return


def check_room(context: ApiContext) -> None:
    """Refuse a further live view where there are too many.

    Raises
    ------
    TooManyStreamsError
        Raised if there are.
    """
    if not context.has_room:
        raise TooManyStreamsError(
            f"Expected fewer than {context.settings.max_streams} live views,"
            f" but there are {context.streams}"
        )
