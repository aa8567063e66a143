"""Live views: instances, and what changes in a project, as server-sent events."""

import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

from fastapi import Header
from fastapi.responses import StreamingResponse

from flowyard.storage.errors import DatabaseUnavailableError
from flowyard.storage.projects import find_project
from flowyard_api.changes import ProjectSubscription
from flowyard_api.context import ApiContext
from flowyard_api.dependencies.context import Context
from flowyard_api.dependencies.lists import ItemsBelow
from flowyard_api.errors import ApiError
from flowyard_api.models.drafts import DraftsChangeView
from flowyard_api.models.instances import InstanceChangeView, InstanceView, ProjectChangeView
from flowyard_api.models.shapes import View
from flowyard_api.problems import problem_responses
from flowyard_api.routers import private_router
from flowyard_api.usecases.live import HEARTBEAT, LiveView, observe_lag
from flowyard_api.usecases.reading import InstanceReader

router = private_router("instances")
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


_LIST_EXAMPLE = """\
event: changed
data: {"instance_ids":["0197c0de-0000-7000-8000-000000000001"],"complete":true}

event: drafts
data: {"template_ids":["0197c0de-0000-7000-8000-000000000002"],"complete":true}

"""

LIST_PAUSE_SECONDS = 0.5
"""Least time between two events about a list: a person reads no faster, and each costs a read."""


def stream_of(*names: str, example: str) -> dict[int | str, dict[str, Any]]:
    """Return the ``responses`` of a stream of server-sent events, each as its schema has it.

    Parameters
    ----------
    names
        What an event may be.
    example
        The beginning of a stream.
    """
    event = {
        "type": "object",
        "description": "One event; its `data` is JSON.",
        "required": ["event", "data"],
        "properties": {
            "event": {"type": "string", "enum": [*names]},
            "id": {"type": "string", "description": "Where to go on, as `Last-Event-ID`."},
            "data": {"type": "string", "contentMediaType": "application/json"},
        },
    }
    content = {"text/event-stream": {"schema": event, "example": example}}
    return {200: {"description": "The stream", "content": content}}


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
    " `Authorization` header or in the cookie of a browser that has signed in, never in the"
    " address.",
    response_class=StreamingResponse,
    responses={
        **stream_of("snapshot", "change", "end", example=_EXAMPLE),
        **problem_responses(
            "archive_damaged",
            "archive_unavailable",
            "invalid_request",
            "not_found",
            "too_many_streams",
        ),
    },
)
async def get_events(
    instance_id: uuid.UUID,
    context: Context,
    last_event_id: Annotated[
        str | None,
        Header(
            pattern=r"^[0-9]{1,18}$",
            description="`id` of the last event that was seen.",
            examples=["3"],
        ),
    ] = None,
    items_below: ItemsBelow = None,
) -> StreamingResponse:
    check_room(context)
    live = LiveView(
        reader=InstanceReader(
            database=context.database,
            graphs=context.graphs,
            archive=context.archive,
            trace_url=context.settings.trace_url,
        ),
        changes=context.changes,
        metrics=context.metrics,
        clock=context.clock,
        heartbeat_seconds=context.settings.heartbeat_seconds,
        items_below=items_below,
    )
    seen = None if last_event_id is None else int(last_event_id)
    first = await live.begin(instance_id, seen)
    return StreamingResponse(
        _stream(context, live, instance_id, first),
        media_type="text/event-stream",
        # Proxies that buffer would hold events back.
        headers={"X-Accel-Buffering": "no"},
    )


@router.get(
    "/projects/{project}/events",
    summary="Follow a project's instances and drafts",
    description="A stream of server-sent events for whoever shows a list, or edits a template. Each"
    " `changed` names the instances that have changed or are new, at most twice a second; where"
    " `complete` is false, others may have changed too: read the list again. In the same way,"
    " `drafts` names the templates whose drafts have changed, shared or personal, or that somebody"
    " has begun to edit. It has no beginning and no end: read the list once it is open, and"
    " whenever it is opened again. A comment every 15 s keeps the connection awake.",
    response_class=StreamingResponse,
    responses={
        **stream_of("changed", "drafts", example=_LIST_EXAMPLE),
        **problem_responses("not_found", "too_many_streams"),
    },
)
async def get_project_events(project: str, context: Context) -> StreamingResponse:
    check_room(context)
    async with context.database.transaction() as connection:
        owner = await find_project(connection, project)
    return StreamingResponse(
        _project_stream(context, owner.project_id),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},
    )


async def _project_stream(context: ApiContext, project_id: uuid.UUID) -> AsyncIterator[bytes]:
    with context.looking_on(), context.changes.subscribe_project(project_id) as subscription:
        # The viewer reads the list when this arrives: nothing that comes later is missed.
        yield b": open\n\n"
        while not subscription.is_closed:
            if not await subscription.changed(context.settings.heartbeat_seconds):
                yield HEARTBEAT
            elif not subscription.is_closed:
                stored_at = subscription.take_changed_at()
                for name, view in _news(subscription):
                    yield f"event: {name}\ndata: {view.model_dump_json()}\n\n".encode()
                observe_lag(context.metrics, context.clock, stored_at)
                await subscription.rest(LIST_PAUSE_SECONDS)


def _news(subscription: ProjectSubscription) -> Iterator[tuple[str, View]]:
    """Yield the events that tell what has changed in a project since the last ones."""
    instance_ids, is_complete = subscription.take()
    if instance_ids or not is_complete:
        yield "changed", ProjectChangeView(instance_ids=instance_ids, complete=is_complete)
    template_ids, is_complete = subscription.take_drafts()
    if template_ids or not is_complete:
        yield "drafts", DraftsChangeView(template_ids=template_ids, complete=is_complete)


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
