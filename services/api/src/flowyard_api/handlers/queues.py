"""Queues, and how much waits in them."""

from typing import Annotated

from fastapi import Path

from flowyard_api.dependencies.context import Context
from flowyard_api.models.queues import QueueView
from flowyard_api.models.shapes import Page
from flowyard_api.problems import problem_responses
from flowyard_api.routers import private_router
from flowyard_api.usecases.queues import read_queue, read_queues

router = private_router("queues")
"""Routes under ``/api/v1``."""


@router.get(
    "/queues",
    summary="List queues",
    description="Returns every queue in which anything waits or goes on, all on one page: how many"
    " steps wait, are handed out and end, how old the oldest one is, and what is whose. Schedulers"
    " tell this every second; while none does, the answer is 503.",
    responses=problem_responses("load_unknown"),
)
async def get_queues(context: Context) -> Page[QueueView]:
    found = await read_queues(context.database)
    return Page[QueueView](items=list(found.values()), next_cursor=None)


@router.get(
    "/queues/{queue}",
    summary="Show a queue",
    description="Returns how much waits in one queue, as the list does. A queue in which nothing"
    " waits or goes on shows zeros, so that what scales workers by it can begin with none.",
    responses=problem_responses("invalid_request", "load_unknown"),
)
async def get_queue(
    queue: Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,49}$", examples=["default"])],
    context: Context,
) -> QueueView:
    return await read_queue(context.database, queue)
