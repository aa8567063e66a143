"""The designer as a person uses it: by what stands on nodes, and by mouse or keys alone."""

import re
from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.browser.console import PROJECT, Console


class Designer:
    """One flow in the designer, in one page of a browser."""

    def __init__(self, console: Console, page: Page | None = None) -> None:
        self.console = console
        self.page = page or console.page

    async def open(self, template: str) -> None:
        await self.page.set_viewport_size({"width": 1680, "height": 1000})
        await self.page.goto(f"{self.console.address}/projects/{PROJECT}/templates/{template}/edit")
        await expect(self.node("Start")).to_be_visible()
        # For a moment, nodes stand where they would if nothing had brought them into sight.
        await self.page.wait_for_function(
            "!new DOMMatrix(getComputedStyle("
            "document.querySelector('.react-flow__viewport')).transform).isIdentity"
        )

    def node(self, name: str) -> Locator:
        """Return a node by what it is and what it is called."""
        return self.page.get_by_role("group", name=name, exact=True)

    def problem(self, name: str) -> Locator:
        """Return a node that something is wrong with."""
        return self.page.get_by_role("group", name=f"{name}, Problem:")

    @property
    def search(self) -> Locator:
        return self.page.get_by_role("combobox", name="Search plugins and subflows")

    def offer(self, title: str) -> Locator:
        return self.page.get_by_role("option").filter(has=self.page.get_by_text(title, exact=True))

    async def add(self, title: str) -> None:
        """Search for something and add it by Enter; the search has the keyboard already."""
        await self.search.press("ControlOrMeta+a")
        await self.page.keyboard.type(title)
        await expect(self.offer(title)).to_have_attribute("aria-selected", "true")
        await self.page.keyboard.press("Enter")

    async def walk(self, *keys: str) -> None:
        """Leave the search for the canvas, go to another node, and come back."""
        await self.page.keyboard.press("Escape")
        await self.page.keyboard.press("Escape")
        await expect(self.page.locator(".react-flow__node:focus")).to_have_count(1)
        for key in keys:
            before = await self._focused()
            await self.page.keyboard.press(key)
            if key.startswith("Arrow"):
                await self.page.wait_for_function(
                    "(before) => document.activeElement?.getAttribute('data-id') !== before"
                    " && document.activeElement?.matches('.react-flow__node')",
                    arg=before,
                )

    async def _focused(self) -> str | None:
        name: str | None = await self.page.evaluate(
            "document.activeElement?.getAttribute('data-id') ?? null"
        )
        return name

    async def saved(self) -> None:
        """Wait until what is on the screen is stored."""
        said = self.page.get_by_role("status").filter(has_text=re.compile("^Saved$"))
        await expect(said).to_be_visible()

    async def connect(self, source: Locator, target: Locator) -> None:
        """Drag a line from the handle of one node to another one."""
        await source.hover()
        begin = await box(source)
        end = await box(target)
        await self.page.mouse.move(begin["x"] + begin["width"] - 3, _middle(begin))
        await self.page.mouse.down()
        await self.page.mouse.move(end["x"] + 30, _middle(end), steps=8)
        # Near the edge of the canvas, the drawing has moved on with the mouse.
        end = await box(target)
        await self.page.mouse.move(end["x"] + 3, _middle(end), steps=4)
        await self.page.mouse.up()

    async def tab(self, name: str) -> None:
        await self.page.get_by_role("tab", name=name).click()

    async def publish(self, note: str) -> None:
        await self.page.get_by_role("button", name="Publish", exact=True).click()
        dialog = self.page.get_by_role("dialog", name="Publish the flow")
        await dialog.get_by_label("What is new in this version").fill(note)
        await dialog.get_by_role("button", name="Publish", exact=True).click()


async def box(locator: Locator) -> Any:
    """Return where something stands, be it on its way elsewhere."""
    found = await locator.bounding_box()
    assert found is not None
    return found


async def steady_box(locator: Locator) -> Any:
    """Return where something stands, once it stands still."""
    element = await locator.element_handle()
    await element.wait_for_element_state("stable")
    return await box(locator)


def _middle(place: Any) -> float:
    middle: float = place["y"] + place["height"] / 2
    return middle
