"""Swagger UI of a real ``flowyard dev``, in a real browser."""

import pytest

from tests.browser.swagger import SwaggerPage
from tests.support.browser import WatchedPage, chromium, watched_page
from tests.support.dev_server import DevServer, dev_server

__all__ = ["chromium", "dev_server", "watched_page"]


@pytest.fixture
async def swagger(dev_server: DevServer, watched_page: WatchedPage) -> SwaggerPage:
    page = SwaggerPage(watched_page.page, dev_server.address)
    await page.open()
    return page
