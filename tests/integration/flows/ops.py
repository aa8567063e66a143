"""The examples that operate a fleet, published to a whole Flowyard beside a real demo service."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from flowyard.telemetry.serving import AppServer
from flowyard_cli.demo_service import demo_app
from flowyard_cli.dev.seed import WRITTEN_DEMO_ADDRESS, example_files
from tests.integration.plugin_gateway.support import plain_client
from tests.support.flowyard import LOOK_SECONDS, PATIENCE_SECONDS, PROJECT, Flowyard, JsonObject

OPERATED = ("restart-host", "roll-out", "business-release", "canary", "blue-green", "nightly-check")

_PAUSE = re.compile(r"\b(interval|limit): \d+[smh]\b")


@dataclass(frozen=True, kw_only=True)
class Ops:
    """A Flowyard with the examples in it, and the fleet that they operate."""

    flowyard: Flowyard
    fleet: httpx.AsyncClient
    address: str
    """Where the fleet listens."""

    async def publish(self, name: str, *, old: str = "", new: str = "") -> None:
        """Publish an example for this fleet, in a hurry, with a text in it replaced."""
        file = next(file for file in example_files() if file.stem == name)
        text = _in_a_hurry(file.read_text()).replace(WRITTEN_DEMO_ADDRESS, self.address)
        assert old in text
        await self.flowyard.publish(text.replace(old, new) if old else text)

    async def fault(self, **fault: Any) -> None:
        """Have something go wrong."""
        (await self.fleet.post("/faults", json=fault)).raise_for_status()

    async def calls(self) -> list[str]:
        """Return what the fleet was called for, in order."""
        found: list[str] = (await self.fleet.get("/calls")).json()
        return found

    async def inbox(self) -> list[JsonObject]:
        """Return what people were told."""
        found: list[JsonObject] = (await self.fleet.get("/inbox")).json()
        return found

    async def run(self, template: str, *, schemes: list[str] | None = None, **inputs: Any) -> str:
        """Start an example, and return the instance's id."""
        answer = await self.flowyard.client.post(
            f"/projects/{PROJECT}/instances",
            json={"template": template, "inputs": inputs, "schemes": schemes},
        )
        assert answer.is_success, answer.text
        instance_id: str = answer.json()["instance_id"]
        return instance_id

    async def decide(self, instance_id: str, node_id: str, verb: str) -> str:
        """Approve or reject once that is asked for, and return what the person had read."""
        waiting = await self.until_waiting(instance_id, node_id)
        await self.act(instance_id, node_id, verb, comment="seen")
        message: str = waiting["attempts"][-1]["inputs"]["message"]
        return message

    async def act(self, instance_id: str, node_id: str, verb: str, **body: Any) -> None:
        """Do something to a node, as a person does."""
        answer = await self.flowyard.client.post(
            f"/instances/{instance_id}/nodes/{node_id}/actions/{verb}", json=body
        )
        assert answer.is_success, answer.text

    async def until_waiting(self, instance_id: str, node_id: str) -> JsonObject:
        """Return a node once it waits for a person."""
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while True:
            shown = await self.flowyard.instance(instance_id)
            for node in shown["nodes"]:
                if node["node_id"] == node_id and node["status"] == "waiting":
                    return dict(node)
            assert asyncio.get_running_loop().time() < deadline, shown
            await asyncio.sleep(LOOK_SECONDS)

    async def until_ended(self, instance_id: str) -> JsonObject:
        """Return an instance once it has ended, or has stopped for a person."""
        return await self.flowyard.until_status(instance_id, "succeeded", "cancelled", "failed")

    async def until_called(self, call: str) -> None:
        """Return once the fleet was called for something."""
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while call not in await self.calls():
            assert asyncio.get_running_loop().time() < deadline, await self.calls()
            await asyncio.sleep(LOOK_SECONDS)


@asynccontextmanager
async def operated(flowyard: Flowyard) -> AsyncIterator[Ops]:
    """Run a fleet, and publish the examples that operate it."""
    async with (
        AppServer(demo_app(), "127.0.0.1", 0) as server,
        plain_client(server.url) as fleet,
    ):
        ops = Ops(flowyard=flowyard, fleet=fleet, address=server.url)
        for name in OPERATED:
            await ops.publish(name)
        yield ops


def _in_a_hurry(text: str) -> str:
    """Return an example whose pauses before retries are short."""
    return _PAUSE.sub(r"\1: 50ms", text)
