"""What a run looks like in the console, for tests: its nodes, its panel, what was asked for."""

import asyncio
import re

from playwright.async_api import Locator, Page, ViewportSize, expect

from tests.browser.console import Console
from tests.support.browser import STEP_SECONDS

PHONE: ViewportSize = {"width": 390, "height": 844}
LOOK_MS = 1000
"""How long a drawing has to become whole before it is fitted into the window once more."""


def node(page: Page, name: str) -> Locator:
    """Return a node of the graph by what it is called."""
    return page.get_by_role("group", name=re.compile(re.escape(name)))


def panel(page: Page) -> Locator:
    return page.get_by_role("complementary").filter(has=page.get_by_role("heading", level=2))


def asked(page: Page) -> Locator:
    """Return what is said about what was asked for."""
    return page.get_by_role("log", name="What you have asked for")


async def confirm(page: Page, button: str) -> None:
    await page.get_by_role("dialog").get_by_role("button", name=button, exact=True).click()


async def show_all(page: Page, nodes: Locator, count: int) -> None:
    """Have the whole drawing shown, again while parts of it are still read and laid out.

    Nodes out of sight are not in the page.
    """
    async with asyncio.timeout(STEP_SECONDS):
        while True:
            await page.get_by_role("button", name="Show all", exact=True).click()
            try:
                await expect(nodes).to_have_count(count, timeout=LOOK_MS)
            except AssertionError:
                continue
            return


async def is_in_the_middle(page: Page, node_id: str) -> None:
    """Return once a node stands in the middle of the canvas."""
    await page.wait_for_function(
        """(id) => {
            const one = document.querySelector(`[data-id="${id}"]`)?.getBoundingClientRect();
            const all = document.querySelector(".react-flow")?.getBoundingClientRect();
            if (one === undefined || all === undefined) return false;
            const across = one.x + one.width / 2 - all.x - all.width / 2;
            const down = one.y + one.height / 2 - all.y - all.height / 2;
            return Math.abs(across) < 20 && Math.abs(down) < 20;
        }""",
        arg=node_id,
    )


async def see(console: Console, instance_id: str, query: str = "") -> None:
    await console.enter(f"/instances/{instance_id}{query}")
