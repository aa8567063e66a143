"""A real Chromium for tests: Debian's, driven by Playwright, with no way off this machine."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import pytest
from playwright.async_api import (
    Browser,
    ConsoleMessage,
    Page,
    Request,
    async_playwright,
    expect,
)

from tests.support.environment import is_browser_required, outside_environment

PROGRAMS = ("chromium", "chromium-browser", "google-chrome-stable")
STEP_SECONDS = 20
ARGUMENTS = (
    "--no-sandbox",  # it refuses to run as root with one, and opens nothing but our own page
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
# No console shows which directive it was; this event does.
TELL_VIOLATIONS = """\
addEventListener("securitypolicyviolation", (event) =>
  tellViolation(`${event.effectiveDirective} ${event.blockedURI}`));
"""


@dataclass(frozen=True, slots=True)
class Sightings:
    """What a page did besides what was asked of it."""

    hosts: set[str] = field(default_factory=set)
    failures: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    @property
    def complaints(self) -> list[str]:
        return [*self.failures, *self.errors, *self.violations]


class WatchedPage:
    """A page of a browser without a past, and all that it reaches for or complains of."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._seen = Sightings()

    @classmethod
    async def new(cls, browser: Browser) -> Self:
        page = await browser.new_page(viewport={"width": 1280, "height": 1000})
        page.set_default_timeout(STEP_SECONDS * 1000)
        expect.set_options(timeout=STEP_SECONDS * 1000)
        watched = cls(page)
        await watched._watch()
        return watched

    async def seen(self) -> Sightings:
        """Return everything so far."""
        # Behind the answer to this, nothing earlier is under way any more.
        await self.page.evaluate("0")
        return self._seen

    async def _watch(self) -> None:
        page, seen = self.page, self._seen
        page.on("request", self._note_request)
        page.on("requestfailed", self._note_failure)
        page.on("console", self._note_console)
        page.on("pageerror", lambda error: seen.errors.append(str(error)))
        await page.expose_function("tellViolation", self._note_violation)
        await page.add_init_script(TELL_VIOLATIONS)

    def _note_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in {"blob", "data"}:
            self._seen.hosts.add(address.netloc)

    def _note_failure(self, request: Request) -> None:
        # What the page itself gives up, such as a stream that it no longer reads, is no failure.
        if request.failure != "net::ERR_ABORTED":
            self._seen.failures.append(request.url)

    def _note_violation(self, violation: str) -> None:
        self._seen.violations.append(violation)

    def _note_console(self, message: ConsoleMessage) -> None:
        # A browser complains of every 404; of a hold, it says that there is none.
        is_unheld = message.location["url"].endswith("/hold") and " 404 " in message.text
        if message.type == "error" and not is_unheld:
            self._seen.errors.append(message.text)


@asynccontextmanager
async def running_browser(program: Path, home: Path) -> AsyncIterator[Browser]:
    """Start a browser that leaves nothing in anybody's home."""
    environment: dict[str, str | float | bool] = {**outside_environment(), "HOME": str(home)}
    async with (
        async_playwright() as playwright,
        await playwright.chromium.launch(
            executable_path=program, args=ARGUMENTS, env=environment
        ) as browser,
    ):
        yield browser


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Return Chromium's program; without it the test is skipped, or fails if it is required."""
    for name in PROGRAMS:
        found = shutil.which(name)
        if found is not None:
            return Path(found)
    reason = f"no Chromium on this machine: none of {', '.join(PROGRAMS)} is on PATH"
    if is_browser_required():
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
async def watched_page(chromium: Path, tmp_path: Path) -> AsyncIterator[WatchedPage]:
    """Open an empty page."""
    async with running_browser(chromium, tmp_path) as browser:
        yield await WatchedPage.new(browser)
