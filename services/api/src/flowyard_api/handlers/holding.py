"""Answers that are held until the instance that they are about is settled."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace

from fastapi import Request, Response

from flowyard.tasks import stop
from flowyard_api.changes import Subscription
from flowyard_api.context import ApiContext
from flowyard_api.dependencies.preferences import APPLIED_HEADER
from flowyard_api.dependencies.writes import Answer, Write, Writer
from flowyard_api.models.instances import CreatedView
from flowyard_api.usecases.settling import Settling

Creation = Callable[[Write], Awaitable[tuple[CreatedView, Answer]]]
"""A write that creates an instance, and answers with it."""


async def respond_settled(
    context: ApiContext, request: Request, writer: Writer, work: Creation, seconds: int
) -> Response:
    """Create an instance, and answer once it is settled, or the time is over.

    The instance is there however the wait ends. Where too many look on already, the
    answer comes at once, without ``Preference-Applied``.
    """
    with ExitStack() as stack:
        subscription: Subscription | None = None

        async def watched(write: Write) -> Answer:
            nonlocal subscription
            created, answer = await work(write)
            # Before the commit, so that nothing that becomes of it is missed.
            subscription = stack.enter_context(context.changes.subscribe(created.instance_id))
            return answer

        written = await writer.write(watched)
        if not context.has_room:
            return written.response()
        created = CreatedView.model_validate_json(written.text)
        if subscription is None:
            subscription = stack.enter_context(context.changes.subscribe(created.instance_id))
        stack.enter_context(context.looking_on())
        settling = Settling(
            database=context.database,
            clock=context.clock,
            subscription=subscription,
            instance_id=created.instance_id,
            is_started=created.command_id is not None,
        )
        async with _until_gone(request, subscription):
            status = await settling.wait(seconds, look_first=written.is_replayed)
    held = replace(
        written,
        text=created.model_copy(update={"status": str(status)}).model_dump_json(),
        headers={**written.headers, APPLIED_HEADER: f"wait={seconds}"},
    )
    return held.response()


@asynccontextmanager
async def _until_gone(request: Request, subscription: Subscription) -> AsyncIterator[None]:
    """Close a subscription when the client hangs up within the block."""
    watching = asyncio.create_task(_gone(request), name="watch-client")
    watching.add_done_callback(lambda _: subscription.close())
    try:
        yield
    finally:
        await stop(watching)


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
