"""Takes the pictures of ``docs/images`` anew: ``make screenshots``.

A real ``flowyard dev`` plays a story, and Chromium looks at it. Look at what comes out before
it is committed.
"""

import asyncio
import base64
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Page, ViewportSize, expect

from tests.browser.console import PROJECT
from tests.pictures.story import Played, play
from tests.support.browser import PROGRAMS, STEP_SECONDS, running_browser
from tests.support.dev_server import temporary_server
from tests.support.project import ROOT

FOLDER = ROOT / "docs" / "images"
DESK: ViewportSize = {"width": 1280, "height": 800}
WIDE: ViewportSize = {"width": 1600, "height": 960}
PHONE: ViewportSize = {"width": 390, "height": 780}
SCALE = 1.5
"""Pixels of a picture for one of the page: sharp where it is shown at its width."""
QUALITY = 82
"""Of WebP: nothing is seen of it beside text, at a third of what is without loss."""

HERE = f"/projects/{PROJECT}"
SHOP = f"{HERE}/templates/release-shop"


@dataclass(frozen=True)
class Picture:
    """One of the pictures: what is looked at, and how."""

    name: str
    path: str
    """May hold the ids of the story."""
    shows: str
    """What has to be there before it is taken, as a selector."""
    press: tuple[str, ...] = ()
    """Selectors of what is pressed first, one after the other."""
    scheme: str = "light"
    language: str = "en"
    size: ViewportSize | None = None


NODE = ".react-flow__node"
PICTURES = (
    Picture("home", HERE, "text=Queues"),
    Picture("designer", f"{SHOP}/edit", f"{NODE} >> text=Mute the alarms",
            press=("[data-id=prepare]",), size=WIDE),
    Picture("designer-dark", f"{SHOP}/edit", f"{NODE} >> text=Mute the alarms",
            press=("[data-id=quiet]", "role=tab[name=YAML]"), scheme="dark", language="zh",
            size=WIDE),
    Picture("start", f"{SHOP}/start", f"{NODE} >> text=Mute the alarms"),
    Picture("run", "/instances/{failed}?node=host.begin&open=host", "text=Retry"),
    Picture("run-dark", "/instances/{failed}?open=host", f"{NODE} >> text=May it go out?",
            press=("role=button[name='Show all']", *2 * ("role=button[name='Zoom in']",)),
            scheme="dark", size=WIDE),
    Picture("timeline", "/instances/{failed}?tab=timeline", "text=Start the shop"),
    Picture("history", "/instances/{failed}?tab=history", "text=after lunch"),
    Picture("instances", f"{HERE}/instances", "text=Weekly checks"),
    Picture("instances-dark", f"{HERE}/instances", "text=Weekly checks", scheme="dark",
            language="zh"),
    Picture("waiting", f"{HERE}/waiting", "text=change board"),
    Picture("approval", "/instances/{asking}/approvals/ask", "text=change board", size=PHONE),
)  # fmt: skip


async def take(browser: Browser, address: str, played: Played, picture: Picture) -> bytes:
    """Return one picture."""
    page = await browser.new_page(
        viewport=picture.size or DESK,
        device_scale_factor=SCALE,
        color_scheme="dark" if picture.scheme == "dark" else "light",
    )
    await page.goto(f"{address}/sign-in")
    await page.evaluate(f"localStorage['flowyard.language'] = '{picture.language}'")
    await page.goto(f"{address}/#token={played.token}")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await page.goto(address + picture.path.format(failed=played.failed, asking=played.asking))
    await expect(page.locator(picture.shows).first).to_be_visible()
    for selector in picture.press:
        await page.locator(selector).click()
    await _settle(page)
    session = await page.context.new_cdp_session(page)
    taken = await session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    await page.close()
    return base64.b64decode(taken["data"])


async def _settle(page: Page) -> None:
    """Wait until nothing is on its way any more, neither from the API nor into its place."""
    await expect(page.locator("[aria-busy=true], .mantine-Skeleton-root")).to_have_count(0)
    await page.mouse.move(0, 0)
    await page.wait_for_timeout(SETTLED_MS)


SETTLED_MS = 1500
"""A picture has no other sign that a drawing has come to rest."""


async def main(names: list[str]) -> int:
    """Take all pictures, or those that are named."""
    program = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        sys.stderr.write("Expected Chromium on PATH, but there is none\n")
        return 1
    expect.set_options(timeout=STEP_SECONDS * 1000)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with temporary_server() as server, tempfile.TemporaryDirectory() as home:
        played = await play(server)
        async with running_browser(Path(program), Path(home)) as browser:
            for picture in PICTURES:
                if not names or picture.name in names:
                    taken = await take(browser, server.address, played, picture)
                    (FOLDER / f"{picture.name}.webp").write_bytes(taken)
                    sys.stdout.write(f"{picture.name}.webp {len(taken) // 1024} KB\n")
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
