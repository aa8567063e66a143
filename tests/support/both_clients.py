"""The same test for the client that blocks and for the one that awaits."""

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

import pytest

from flowyard.client import AsyncFlowyard, Flowyard, Retries

BEARER = "a-token"

QUICK = Retries(
    patience_seconds=5.0,
    waiting_patience_seconds=5.0,
    first_pause_seconds=0.01,
    longest_pause_seconds=0.05,
)
"""Patience of a test."""

Ask = Callable[..., Any]
"""Calls a function with a client of a server, and returns what comes of it, lists read whole."""


def blocking(
    server: str, work: Callable[[Any], Any], *, token: str = BEARER, **options: Any
) -> Any:
    with Flowyard(server, token, **{"retries": QUICK, **options}) as flowyard:
        found = work(flowyard)
        return list(found) if hasattr(found, "__next__") or hasattr(found, "pages") else found


def awaiting(
    server: str, work: Callable[[Any], Any], *, token: str = BEARER, **options: Any
) -> Any:
    async def whole() -> Any:
        async with AsyncFlowyard(server, token, **{"retries": QUICK, **options}) as flowyard:
            found = work(flowyard)
            if hasattr(found, "__aiter__"):
                return [one async for one in found]
            return await found if inspect.isawaitable(found) else found

    return asyncio.run(whole())


@pytest.fixture(params=[blocking, awaiting], ids=lambda way: way.__name__)
def ask(request: pytest.FixtureRequest) -> Ask:
    way: Ask = request.param
    return way
