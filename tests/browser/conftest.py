"""What a real ``flowyard dev`` serves to people, in a real browser."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.browser.console import Backstage, Console
from tests.browser.swagger import SwaggerPage
from tests.support.browser import WatchedPage, chromium, watched_page
from tests.support.dev_server import DevServer, dev_server

__all__ = ["chromium", "dev_server", "watched_page"]


@pytest.fixture
async def swagger(dev_server: DevServer, watched_page: WatchedPage) -> SwaggerPage:
    page = SwaggerPage(watched_page.page, dev_server.address)
    await page.open()
    return page


@pytest.fixture
async def console(dev_server: DevServer, watched_page: WatchedPage) -> AsyncIterator[Console]:
    """Yield the console; whatever is done with it, its page keeps to the content policy."""
    yield Console(watched_page.page, dev_server.address, dev_server.token)
    if not watched_page.page.is_closed():
        assert (await watched_page.seen()).violations == []


@pytest.fixture
async def backstage(dev_server: DevServer) -> AsyncIterator[Backstage]:
    async with httpx.AsyncClient(
        base_url=f"{dev_server.address}/api/v1",
        headers={"Authorization": f"Bearer {dev_server.token}"},
        timeout=20,
        trust_env=False,
    ) as client:
        yield Backstage(client)
