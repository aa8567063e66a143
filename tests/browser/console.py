"""The web console as a person uses it: by what stands on its buttons and how things are called."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import Locator, Page, expect

from tests.support.project import ROOT

PROJECT = "example"
AXE = ROOT / "services" / "console" / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = frozenset({"serious", "critical"})

DECISION = """\
flowyard: 1
key: ask-first
title: Ask first
nodes:
  - id: ask
    name: May we?
    plugin: approval@1.0
    inputs: {message: "May we go on?"}
"""

FAILURE = """\
flowyard: 1
key: fails
title: Fails at once
nodes:
  - id: break
    plugin: fail@1.0
    inputs: {message: "The disk is full"}
"""


@dataclass(frozen=True)
class Fault:
    """What axe has found, in few words."""

    rule: str
    where: str


class Console:
    """The console in one page of a browser."""

    def __init__(self, page: Page, address: str, token: str) -> None:
        self.page = page
        self.address = address
        self.token = token

    async def enter(self, path: str = "/") -> None:
        """Open an address that signs in, then a path of the console."""
        await self.page.goto(f"{self.address}/#token={self.token}")
        await expect(self.heading("Home")).to_be_visible()
        if path != "/":
            await self.open(path)

    async def open(self, path: str) -> None:
        await self.page.goto(f"{self.address}{path}")

    async def unvisited_page(self) -> Page:
        """Return a page that is signed in, in a browser that has loaded nothing yet."""
        browser = self.page.context.browser
        assert browser is not None
        context = await browser.new_context(storage_state=await self.page.context.storage_state())
        return await context.new_page()

    def heading(self, name: str) -> Locator:
        return self.page.get_by_role("heading", name=name, exact=True, level=1)

    def row(self, name: str) -> Locator:
        return self.page.get_by_role("row").filter(has_text=name)

    async def choose(self, button: str, item: str) -> None:
        """Open a menu and take one of its items."""
        await self.page.get_by_role("button", name=button, exact=True).click()
        await (
            self.page.get_by_role("menuitem")
            .or_(self.page.get_by_role("menuitemradio"))
            .filter(has_text=re.compile(f"^{re.escape(item)}$"))
            .click()
        )

    async def serious_faults(self) -> list[Fault]:
        """Return what axe finds on the page as it stands."""
        await self._settle()
        # Not by a script element, which the page's policy forbids.
        await self.page.evaluate(_script(AXE))
        found: Any = await self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            Fault(one["id"], f"{node['target']} {node['failureSummary']}")
            for one in found["violations"]
            if one["impact"] in SERIOUS
            for node in one["nodes"]
        ]

    async def overflow(self) -> int:
        """Return by how many pixels the page is wider than the window."""
        wide: int = await self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return wide

    async def _settle(self) -> None:
        """Wait until nothing moves: a color on its way to another has a contrast of its own."""
        await self.page.evaluate(
            "Promise.all(document.getAnimations().filter((one) =>"
            " one.effect.getTiming().iterations !== Infinity).map((one) => one.finished))"
        )


def _script(path: Path) -> str:
    return f"() => {{ {path.read_text(encoding='utf-8')} }}"


class Backstage:
    """The same server over its API, for what a test begins with."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def publish(self, document: str) -> None:
        answer = await self._client.post(
            f"/projects/{PROJECT}/templates/actions/apply",
            content=document,
            headers={"Content-Type": "application/yaml"},
        )
        answer.raise_for_status()

    async def start(
        self, name: str, template: str = "hello", *, is_started: bool = True, **fields: Any
    ) -> str:
        """Create an instance and return its id; one that is started is waited for."""
        answer = await self._client.post(
            f"/projects/{PROJECT}/instances",
            json={"template": template, "name": name, "start": is_started, **fields},
            headers={"Prefer": "wait=5"} if is_started else {},
        )
        answer.raise_for_status()
        instance_id: str = answer.json()["instance_id"]
        return instance_id

    async def operate(self, instance_id: str, path: str) -> None:
        answer = await self._client.post(
            f"/instances/{instance_id}/{path}", params={"wait": 5}, json={}
        )
        answer.raise_for_status()

    async def status(self, instance_id: str) -> str:
        status: str = (await self._client.get(f"/instances/{instance_id}")).json()["status"]
        return status
