"""What holds on every screen: no serious fault for anybody, no overflow, and a light first load."""

from collections.abc import Mapping

import pytest
from playwright.async_api import Response, ViewportSize, expect

from tests.browser.console import PROJECT, Backstage, Console
from tests.browser.languages import english, names, texts
from tests.browser.screens import OPENED, SCREENS, Story, routes, show, tell_story
from tests.support.browser import WatchedPage
from tests.support.dev_server import DevServer

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("chromium")]

BUDGET_BYTES = 300 * 1024
"""Compressed script that a list may load before it is shown: the goal of the console."""

LISTS: Mapping[str, str] = {
    "Home": "",
    "Instances": "/instances",
    "Templates": "/templates",
    "Waiting for me": "/waiting",
    "Plugins": "/plugins",
}
"""Where each list is, below its project."""

LOOKED_AT = (*SCREENS, *OPENED)
AT_ONCE = 10
"""Screens of one test: as many as one has the time for."""

PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture
async def story(backstage: Backstage) -> Story:
    return await tell_story(backstage)


def test_no_screen_is_left_out() -> None:
    assert {screen.route for screen in SCREENS} == routes()


def test_what_only_begins_like_a_name_is_foreign_all_the_same() -> None:
    assert english(["Failed", "Fail 失败"], frozenset({"Fail"})) == ["Failed"]


@pytest.mark.parametrize("first", range(0, len(LOOKED_AT), AT_ONCE))
async def test_every_screen_bars_nobody_in_either_scheme_and_is_chinese_in_chinese(
    console: Console, backstage: Backstage, story: Story, watched_page: WatchedPage, first: int
) -> None:
    page = console.page
    await console.enter()
    await page.evaluate("localStorage['flowyard.language'] = 'zh'")
    named = await names(backstage)
    faults, foreign = {}, {}
    for screen in LOOKED_AT[first : first + AT_ONCE]:
        await show(console, screen, story, "zh")
        foreign[screen.name] = english(await texts(page), named)
        faults[screen.name] = await console.serious_faults()

    assert {name: found for name, found in foreign.items() if found} == {}
    assert {name: found for name, found in faults.items() if found} == {}
    assert (await watched_page.seen()).complaints == []


async def test_no_screen_is_wider_than_a_phone(console: Console, story: Story) -> None:
    await console.page.set_viewport_size(PHONE)
    await console.enter()
    overflows = {}
    for screen in SCREENS:
        await show(console, screen, story)
        overflows[screen.name] = await console.overflow()

    assert overflows == dict.fromkeys(overflows, 0)


async def test_the_policy_is_in_force(dev_server: DevServer, watched_page: WatchedPage) -> None:
    # Not the fixture's console, which lets nobody break it.
    console = Console(watched_page.page, dev_server.address, dev_server.token)
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


@pytest.mark.parametrize("heading", LISTS)
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

    await page.goto(f"{console.address}/projects/{PROJECT}{LISTS[heading]}")
    await expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()
    await expect(page.get_by_role("row").or_(page.get_by_role("listitem")).first).to_be_visible()

    sizes = {one.url: (await one.request.sizes())["responseBodySize"] for one in scripts}
    assert len(sizes) > 1
    assert sum(sizes.values()) < BUDGET_BYTES, sizes
    codings = {
        await one.header_value("content-encoding") for one in scripts if sizes[one.url] > 1024
    }
    assert codings <= {"br", "gzip"}
