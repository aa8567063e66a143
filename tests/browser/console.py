"""The web console as a person uses it: by what stands on its buttons and how things are called."""

import asyncio
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

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

    scheme: str
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
        """Return what axe finds on the page as it stands, light and dark.

        The console goes with the system, unless somebody wants another scheme. Of the dark one,
        only colors are looked at: nothing else is another one there.
        """
        light = await self._faults("light")
        return [*light, *await self._faults("dark", "color-contrast")]

    async def _faults(self, scheme: Literal["light", "dark"], *rules: str) -> list[Fault]:
        await self.page.emulate_media(color_scheme=scheme)
        await self.settle()
        # Not by a script element, which the page's policy forbids.
        await self.page.evaluate(_script(AXE))
        options = {"resultTypes": ["violations"], **({"runOnly": rules} if rules else {})}
        found: Any = await self.page.evaluate("(how) => axe.run(document, how)", options)
        return [
            Fault(scheme, one["id"], f"{node['target']} {node['failureSummary']}")
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

    async def settle(self) -> None:
        """Wait until nothing moves: a color on its way to another has a contrast of its own."""
        await self.page.evaluate(
            # What has just changed moves from the next frame on.
            "new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go))).then(() =>"
            " Promise.all(document.getAnimations().filter((one) =>"
            " one.effect.getTiming().iterations !== Infinity)"
            # One that is given up moves nothing any more, either.
            ".map((one) => one.finished.catch(() => null))))"
        )


def _script(path: Path) -> str:
    return f"() => {{ {path.read_text(encoding='utf-8')} }}"


class Backstage:
    """The same server over its API, for what a test begins with."""

    def __init__(self, client: httpx.AsyncClient, project: str = PROJECT) -> None:
        self._client = client
        self.project = project

    async def beside(self, project: str) -> "Backstage":
        """Create a project of its own for a test that would be in the way of others.

        Its name comes behind that of the other one, which people are led to first.
        """
        assert project > PROJECT
        answer = await self._client.post("/projects", json={"name": project, "title": ""})
        answer.raise_for_status()
        return Backstage(self._client, project)

    async def publish(self, document: str) -> None:
        answer = await self._client.post(
            f"/projects/{self.project}/templates/actions/apply",
            content=document,
            headers={"Content-Type": "application/yaml"},
        )
        answer.raise_for_status()

    async def create(self, key: str, title: str) -> None:
        """Create a template that nothing is written of yet."""
        answer = await self._client.post(
            f"/projects/{self.project}/templates", json={"key": key, "title": title}
        )
        answer.raise_for_status()

    async def draft(self, template: str) -> str:
        """Return the text of one's own draft."""
        answer = await self._client.get(
            f"/projects/{self.project}/templates/{template}/drafts/mine"
        )
        answer.raise_for_status()
        source: str = answer.json()["source"]
        return source

    async def latest(self, template: str) -> str:
        """Return the text of the latest version."""
        path = f"/projects/{self.project}/templates/{template}"
        number = (await self._client.get(path)).json()["latest_version"]
        answer = await self._client.get(f"{path}/versions/{number}")
        answer.raise_for_status()
        source: str = answer.json()["source"]
        return source

    async def start(
        self, name: str, template: str = "hello", *, is_started: bool = True, **fields: Any
    ) -> str:
        """Create an instance and return its id; one that is started is waited for."""
        answer = await self._client.post(
            f"/projects/{self.project}/instances",
            json={"template": template, "name": name, "start": is_started, **fields},
            headers={"Prefer": "wait=5"} if is_started else {},
        )
        answer.raise_for_status()
        instance_id: str = answer.json()["instance_id"]
        return instance_id

    async def operate(
        self, instance_id: str, path: str, body: dict[str, Any] | None = None
    ) -> None:
        answer = await self._client.post(
            f"/instances/{instance_id}/{path}", params={"wait": 5}, json=body or {}
        )
        answer.raise_for_status()

    async def status(self, instance_id: str) -> str:
        status: str = (await self._client.get(f"/instances/{instance_id}")).json()["status"]
        return status

    async def instance(self, instance_id: str) -> dict[str, Any]:
        """Return an instance with its nodes, as the API shows it."""
        answer = await self._client.get(f"/instances/{instance_id}")
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    async def revision(self, instance_id: str) -> int:
        """Return how often an instance has changed."""
        revision: int = (await self._client.get(f"/instances/{instance_id}")).json()["revision"]
        return revision

    async def commands(self, instance_id: str, kind: str) -> list[dict[str, Any]]:
        """Return what was asked of an instance, of one kind."""
        answer = await self._client.get(f"/instances/{instance_id}/commands")
        answer.raise_for_status()
        return [one for one in answer.json()["items"] if one["kind"] == kind]

    async def waiting(self) -> int:
        """Return how much waits for a person."""
        counts = (await self._client.get(f"/projects/{self.project}/waiting/count")).json()
        return int(counts["approvals"] + counts["failures"])

    async def read(self, path: str) -> dict[str, Any]:
        """Return what the API says under a path of the project."""
        answer = await self._client.get(f"/projects/{self.project}{path}")
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    async def make(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Create something under a path of the project, and return what the API says of it."""
        answer = await self._client.post(f"/projects/{self.project}{path}", json=body)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    async def forget(self, path: str) -> None:
        """Delete something under a path of the project."""
        answer = await self._client.delete(f"/projects/{self.project}{path}")
        answer.raise_for_status()

    async def plugins(self) -> list[dict[str, Any]]:
        """Return what plugins say of themselves."""
        answer = await self._client.get("/plugins")
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    async def until(self, instance_id: str, status: str) -> None:
        """Return once an instance has come to a status."""
        async with (
            asyncio.timeout(20),
            self._client.stream("GET", f"/instances/{instance_id}/events") as stream,
        ):
            async for line in stream.aiter_lines():
                told = json.loads(line.removeprefix("data: ")) if line.startswith("data: ") else {}
                if told.get("status") == status:
                    return
        raise AssertionError(f"Expected {instance_id} to come to {status}, but it ended before")
