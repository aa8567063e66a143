"""Personal drafts, as tests write them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from flowyard.storage.tokens import create_token
from tests.support.api import Api

TEMPLATE = "/api/v1/projects/shop/templates/release"
MINE = f"{TEMPLATE}/drafts/mine"
FIRST = {"If-None-Match": "*"}
BROKEN = "nodes:\n  - id: [half a word # and what I was about to say"


@asynccontextmanager
async def somebody(api: Api, actor: str) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client of somebody else."""
    async with api.database.transaction() as connection:
        token = (await create_token(connection, actor=actor)).text
    async with httpx.AsyncClient(
        base_url=api.service.url, headers={"Authorization": f"Bearer {token}"}
    ) as client:
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
