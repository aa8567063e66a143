"""What holds on every screen: no serious fault for anybody, no overflow, and a light first load."""

import re
from collections.abc import Mapping

import pytest
from playwright.async_api import Page, Response, expect

from tests.browser.console import DECISION, FAILURE, PROJECT, Backstage, Console
from tests.support.browser import WatchedPage

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("chromium")]

BUDGET_BYTES = 300 * 1024
"""Compressed script that a list may load before it is shown: the goal of the console."""

SCREENS: Mapping[str, str] = {
    "Home": f"/projects/{PROJECT}",
    "Instances": f"/projects/{PROJECT}/instances",
    "Templates": f"/projects/{PROJECT}/templates",
    "Say hello": f"/projects/{PROJECT}/templates/hello",
    "Waiting for me": f"/projects/{PROJECT}/waiting",
    "Plugins": f"/projects/{PROJECT}/plugins",
    "HTTP request": f"/projects/{PROJECT}/plugins/http_request/1.0",
    f"Settings of {PROJECT}": f"/projects/{PROJECT}/settings?tab=sharing",
}
THEMES = ("light", "dark")


async def _show_all(console: Console, backstage: Backstage) -> dict[str, str]:
    """Sign in, and return the address of every screen by its heading, each with something on it."""
    await backstage.publish(FAILURE)
    await backstage.publish(DECISION)
    await backstage.start("everything fine", labels={"team": "shop"})
    failed = await backstage.start("this one failed", "fails")
    await backstage.start("asks somebody", "ask-first")
    await console.enter()
    return {**SCREENS, "this one failed": f"/instances/{failed}"}


async def _await_content(page: Page) -> None:
    listed = page.get_by_role("row").or_(page.get_by_role("listitem"))
    # What is drawn begins with its start.
    drawn = page.get_by_role("group", name=re.compile("^Start"))
    await expect(listed.or_(drawn).first).to_be_visible()


@pytest.mark.parametrize("theme", THEMES)
async def test_axe_finds_nothing_serious_on_any_screen(
    console: Console, backstage: Backstage, theme: str
) -> None:
    screens = await _show_all(console, backstage)
    await console.page.evaluate(f"localStorage['mantine-color-scheme-value'] = '{theme}'")
    found = {}
    for heading, path in screens.items():
        await console.open(path)
        await expect(console.heading(heading)).to_be_visible()
        await _await_content(console.page)
        found[heading] = await console.serious_faults()

    await console.open(f"/projects/{PROJECT}/instances")
    await console.page.get_by_role("checkbox", name="Select all on this page").check()
    await console.choose("Operate", "Cancel")
    await expect(console.page.get_by_role("dialog")).to_be_visible()
    found["Dialog"] = await console.serious_faults()
    await console.page.context.clear_cookies()
    await console.open("/sign-in")
    await expect(console.heading("Sign in to Flowyard")).to_be_visible()
    found["Sign in"] = await console.serious_faults()

    assert {name: faults for name, faults in found.items() if faults} == {}


async def test_no_screen_is_wider_than_a_phone(console: Console, backstage: Backstage) -> None:
    await console.page.set_viewport_size({"width": 390, "height": 844})
    screens = await _show_all(console, backstage)
    overflows = {}
    for heading, path in screens.items():
        await console.open(path)
        await expect(console.heading(heading)).to_be_visible()
        await _await_content(console.page)
        overflows[heading] = await console.overflow()

    assert overflows == dict.fromkeys(screens, 0)


async def test_no_screen_breaks_the_policy_or_complains(
    console: Console, backstage: Backstage, watched_page: WatchedPage
) -> None:
    for heading, path in (await _show_all(console, backstage)).items():
        await console.open(path)
        await expect(console.heading(heading)).to_be_visible()
        await _await_content(console.page)

    await console.open(f"/projects/{PROJECT}/instances")
    await console.page.get_by_role("checkbox", name="Select all on this page").check()
    await console.choose("Operate", "Pause")
    await expect(console.page.get_by_role("dialog")).to_be_visible()

    assert (await watched_page.seen()).complaints == []


async def test_the_policy_is_in_force(console: Console, watched_page: WatchedPage) -> None:
    await console.enter()

    await console.page.evaluate(
        """() => {
            const style = document.createElement("style");
            style.textContent = "body { display: none }";
            document.head.append(style);
        }"""
    )

    await expect(console.heading("Home")).to_be_visible()
    assert (await watched_page.seen()).violations == ["style-src-elem inline"]


@pytest.mark.parametrize("heading", ["Home", "Instances", "Templates", "Waiting for me", "Plugins"])
async def test_the_first_load_of_a_list_stays_within_its_budget(
    console: Console, backstage: Backstage, heading: str
) -> None:
    await backstage.start("loaded")
    await console.enter()
    page = await console.unvisited_page()
    scripts: list[Response] = []
    page.on(
        "response",
        lambda answer: scripts.append(answer) if answer.request.resource_type == "script" else None,
    )

    await page.goto(f"{console.address}{SCREENS[heading]}")
    await expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()
    await _await_content(page)

    sizes = {one.url: (await one.request.sizes())["responseBodySize"] for one in scripts}
    assert len(sizes) > 1
    assert sum(sizes.values()) < BUDGET_BYTES, sizes
    codings = {
        await one.header_value("content-encoding") for one in scripts if sizes[one.url] > 1024
    }
    assert codings <= {"br", "gzip"}
