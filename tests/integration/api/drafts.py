"""Personal drafts, as tests write them."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.integration.api.sharing import somebody
from tests.support.api import Api

TEMPLATE = "/api/v1/projects/shop/templates/release"
MINE = f"{TEMPLATE}/drafts/mine"
FIRST = {"If-None-Match": "*"}
BROKEN = "nodes:\n  - id: [half a word # and what I was about to say"


@pytest.fixture
async def ops(api: Api) -> Api:
    """Return the API with a published template, as somebody called ops uses it."""
    await api.publish()
    return api


@pytest.fixture
async def eve(ops: Api) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client of somebody else."""
    async with somebody(ops, "eve") as client:
        yield client


async def put_mine(
    client: httpx.AsyncClient, headers: dict[str, str], *, base: int = 1, **body: Any
) -> httpx.Response:
    return await client.put(MINE, json={"base_revision": base, **body}, headers=headers)


async def share(client: httpx.AsyncClient, source: str, if_match: str) -> httpx.Response:
    return await client.put(
        f"{TEMPLATE}/draft",
        content=source,
        headers={"Content-Type": "application/yaml", "If-Match": if_match},
    )
