"""How quickly a flow opens to be drawn."""

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser import flows
from tests.browser.console import PROJECT, Backstage, Console
from tests.speed.opening import quickest, seconds_from_click

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("chromium")]

SMALL_SECONDS = 1.5
"""From the click to a node of a small flow that can be worked on: the goal of the console."""

LARGE_SECONDS = 2.0
"""The same of a flow of five hundred nodes."""


def _node(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name=f"Plugin {name}", exact=True)


async def _open(console: Console, template: str, first: str) -> float:
    """Open a flow from its page, as people do; return the seconds until a node can be changed."""
    page = console.page
    await console.open(f"/projects/{PROJECT}/templates/{template}")

    async def is_usable() -> None:
        await _node(page, first).click()
        await expect(page.get_by_label("Id", exact=True)).to_have_value(first)

    return await seconds_from_click(page.get_by_role("link", name="Edit", exact=True), is_usable)


async def test_a_small_flow_is_ready_to_be_worked_on_at_once(
    console: Console, backstage: Backstage
) -> None:
    await backstage.publish(flows.long_flow(10))
    await console.enter()

    took = await quickest(lambda: _open(console, "long-10", "n0-0"), SMALL_SECONDS)

    assert took < SMALL_SECONDS


async def test_a_flow_of_five_hundred_nodes_is_ready_to_be_worked_on_soon(
    console: Console, backstage: Backstage
) -> None:
    await backstage.publish(flows.long_flow(500))
    await console.enter()

    took = await quickest(lambda: _open(console, "long-500", "n0-0"), LARGE_SECONDS)

    assert took < LARGE_SECONDS
