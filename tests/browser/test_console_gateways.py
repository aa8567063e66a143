"""Each kind of gateway, drawn by mouse alone and by keys alone, published and run to its end."""

import re

import pytest
import yaml
from playwright.async_api import Locator, Page, expect

from tests.browser.console import Backstage, Console
from tests.browser.designer import Designer
from tests.browser.runs import node

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("chromium")]

GATEWAYS = ("parallel", "exclusive", "conditional_parallel")
MOST_TABS = 80
"""Presses of Tab after which something counts as out of reach."""


def _found(page: Page, kind: str) -> Locator:
    return page.get_by_role("group", name=re.compile(f"^{kind}"))


async def _tab_to(target: Locator, key: str = "Tab") -> None:
    """Go to something as those do who have no mouse."""
    for _ in range(MOST_TABS):
        if await target.count() and await target.evaluate("one => one === document.activeElement"):
            return
        await target.page.keyboard.press(key)
    raise AssertionError(f"Expected {target} within {MOST_TABS} presses of {key}")


async def _condition(page: Page, text: str) -> None:
    """Open the settings of the gateway that has the keyboard, and write its first condition."""
    await page.keyboard.press("Enter")
    await _tab_to(page.get_by_role("textbox", name="Condition", exact=True).first)
    await page.keyboard.type(text)


def _ways(source: str) -> dict[str, list[str]]:
    """Return what leads where, as a definition has it."""
    nodes = yaml.safe_load(source)["nodes"]
    following = [*(one["id"] for one in nodes), "end"][1:]
    ways = {}
    for one, after in zip(nodes, following, strict=True):
        branches = [branch for kind in GATEWAYS for branch in one.get(kind, [])]
        leads = [branch if isinstance(branch, str) else branch["next"] for branch in branches]
        ways[one["id"]] = leads or [one.get("next", after)]
    return ways


async def _draw_by_keys(page: Page, designer: Designer) -> None:
    await page.keyboard.press("a")
    await designer.add("Parallel gateway")
    await designer.add("Do nothing")
    await designer.add("Converge gateway")
    await designer.add("Exclusive gateway")
    await designer.add("Wait for a time")
    await designer.walk("ArrowLeft")
    await _condition(page, "1 > 2")
    await _tab_to(_found(page, "Parallel gateway"), "Shift+Tab")
    await page.keyboard.press("a")
    await designer.add("Conditional parallel gateway")
    await designer.add("Do nothing, without a claim")
    await designer.walk("ArrowLeft")
    await _condition(page, "2 > 1")


async def test_conditions_and_a_converge_are_drawn_by_mouse_alone(
    console: Console, backstage: Backstage
) -> None:
    page = console.page
    designer = Designer(console)
    await backstage.create("gateways-by-mouse", "Gateways by mouse")
    await console.enter()
    await designer.open("gateways-by-mouse")

    await page.get_by_role("button", name="Insert between Start and End").click()
    await designer.offer("Conditional parallel gateway").click()
    await expect(_found(page, "Conditional parallel gateway")).to_be_visible()
    await designer.offer("Do nothing").click()
    await expect(_found(page, "Plugin Do nothing")).to_be_visible()
    await designer.offer("Converge gateway").click()
    await expect(_found(page, "Converge")).to_be_visible()
    await _found(page, "Conditional parallel gateway").click()
    await designer.offer("Fail").click()
    await expect(_found(page, "Plugin Fail")).to_be_visible()
    await designer.connect(_found(page, "Plugin Fail"), _found(page, "Converge"))
    await designer.saved()

    assert _ways(await backstage.draft("gateways-by-mouse")) == {
        "choose": ["noop", "fail", "end"],
        "noop": ["converge"],
        "converge": ["end"],
        "fail": ["converge"],
    }


async def test_every_gateway_is_drawn_published_and_run_by_keys_alone(
    console: Console, backstage: Backstage
) -> None:
    page = console.page
    designer = Designer(console)
    await backstage.create("gateways-by-keys", "Gateways by keys")
    await console.enter()
    await designer.open("gateways-by-keys")

    await _draw_by_keys(page, designer)
    await _tab_to(page.get_by_role("button", name="Publish", exact=True), "Shift+Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog", name="Publish the flow")).to_be_visible()
    await _tab_to(page.get_by_role("dialog").get_by_role("button", name="Publish", exact=True))
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Version 1 is published")).to_be_visible()
    await _tab_to(page.get_by_role("link", name="Start", exact=True).first, "Shift+Tab")
    await page.keyboard.press("Enter")
    await expect(console.heading("Start: Gateways by keys")).to_be_visible()
    await _tab_to(page.get_by_role("button", name="Start", exact=True))
    await page.keyboard.press("Enter")

    await expect(node(page, "End, Succeeded")).to_be_visible()
    assert _ways(await backstage.latest("gateways-by-keys")) == {
        "parallel": ["noop", "choose"],
        "noop": ["converge"],
        "choose": ["noop_idempotent", "converge"],
        "noop_idempotent": ["converge"],
        "converge": ["decide"],
        "decide": ["sleep", "end"],
        "sleep": ["end"],
    }
