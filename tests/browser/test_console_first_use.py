"""Somebody who has never seen Flowyard gets from the printed address to a flow of their own."""

import time
from collections.abc import Iterator

import pytest
from playwright.async_api import Locator, Page, expect

from tests.support.browser import WatchedPage
from tests.support.dev_server import DevServer, temporary_server

# Named first, so that nothing is started for tests that are skipped.
pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("chromium")]

MOST_ACTIONS = 40
MOST_SECONDS = 180
"""What a first flow may cost: the goals of the console."""


class Newcomer:
    """Acts on what can be read on the screen alone, and counts what it takes."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.actions = 0
        self._begun = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._begun

    async def open(self, address: str) -> None:
        self.actions += 1
        await self.page.goto(address)

    async def press(self, name: str, *, within: Locator | None = None) -> None:
        """Click a button, or a link that looks like one."""
        self.actions += 1
        place = within or self.page.get_by_role("main").or_(self.page.get_by_role("dialog"))
        button = place.get_by_role("button", name=name, exact=True)
        await button.or_(place.get_by_role("link", name=name, exact=True)).click()

    async def write(self, label: str, text: str) -> None:
        self.actions += 1
        await self.page.get_by_label(label, exact=True).fill(text)

    async def key(self, name: str) -> None:
        self.actions += 1
        await self.page.keyboard.press(name)

    async def add(self, words: str, title: str) -> None:
        """Search for what is to be done next, see that it is found, and take it."""
        self.actions += 1
        await self.page.get_by_role("combobox", name="Search plugins and subflows").fill(words)
        await expect(self.page.get_by_role("option", selected=True)).to_contain_text(title)
        await self.key("Enter")


@pytest.fixture(scope="module")
def unused_server() -> Iterator[DevServer]:
    """Serve what nobody has used yet."""
    with temporary_server() as server:
        yield server


@pytest.fixture
async def newcomer(watched_page: WatchedPage) -> Newcomer:
    return Newcomer(watched_page.page)


async def _start_and_await(newcomer: Newcomer, title: str) -> None:
    page = newcomer.page
    await newcomer.press("Start")
    await expect(page.get_by_role("heading", name=f"Start: {title}")).to_be_visible()
    await newcomer.press("Start")
    await expect(page.get_by_role("heading", name=title, exact=True, level=1)).to_be_visible()
    await expect(page.get_by_role("main").get_by_text("Succeeded").first).to_be_visible()


def _address(server: DevServer) -> str:
    """Return the address as a terminal shows it: with the token behind the ``#``."""
    (printed,) = [line for line in server.greeting if line.startswith("Console")]
    return f"{printed.split()[-1]}#token={server.token}"


async def test_a_first_flow_is_drawn_published_started_and_green(
    unused_server: DevServer, newcomer: Newcomer, watched_page: WatchedPage
) -> None:
    page = newcomer.page
    await newcomer.open(_address(unused_server))
    await newcomer.press("Draw your first flow")
    await newcomer.write("Title", "My first flow")
    await newcomer.press("Create and draw")
    await expect(page.get_by_role("heading", name="My first flow")).to_be_visible()

    await newcomer.add("set values", "Set values")
    await newcomer.add("fail", "Fail")
    # A mistake is taken back.
    await newcomer.press("Undo")
    await newcomer.add("wait for a time", "Wait for a time")
    await newcomer.write("Seconds", "1")
    await newcomer.press("Publish")
    await newcomer.write("What is new in this version", "The first one")
    await newcomer.press("Publish", within=page.get_by_role("dialog"))
    await expect(page.get_by_text("Version 1 is published")).to_be_visible()
    await _start_and_await(newcomer, "My first flow")

    await expect(page.get_by_role("group", name="End, Succeeded")).to_be_visible()
    assert newcomer.actions <= MOST_ACTIONS
    assert newcomer.seconds < MOST_SECONDS
    assert (await watched_page.seen()).complaints == []


async def test_a_first_flow_may_begin_with_an_example(
    unused_server: DevServer, newcomer: Newcomer
) -> None:
    page = newcomer.page
    await newcomer.open(_address(unused_server))
    newcomer.actions += 1
    await page.get_by_role("link", name="Templates", exact=True).click()
    await newcomer.press("New template")
    await newcomer.write("Title", "Greet the world")
    newcomer.actions += 1
    await page.get_by_role("radio", name="Example: a greeting, in one node").check()
    await newcomer.press("Create and draw")
    await expect(page.get_by_role("group", name="Plugin Put the greeting together")).to_be_visible()
    await newcomer.press("Publish")
    await newcomer.press("Publish", within=page.get_by_role("dialog"))
    await expect(page.get_by_text("Version 1 is published")).to_be_visible()
    await _start_and_await(newcomer, "Greet the world")

    assert newcomer.actions <= MOST_ACTIONS
    assert newcomer.seconds < MOST_SECONDS
