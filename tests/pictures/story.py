"""Plays what the pictures show on a ``flowyard dev``: releases of a shop, by people with names."""

import asyncio
from dataclasses import dataclass

import httpx
import yaml

from tests.browser.console import Backstage
from tests.pictures.flows import flows_of
from tests.support.dev_server import DevServer

MOST_SECONDS = 60


@dataclass(frozen=True)
class Played:
    """What there is to be seen: tokens and ids."""

    token: str
    failed: str
    asking: str


def token_of(server: DevServer, actor: str) -> str:
    """Return a token that acts in somebody's name."""
    made = server.run("token", "create", "--actor", actor, "--data", str(server.folder.path))
    assert made.status == 0, made.err
    return made.out.split()[0]


async def demo_of(backstage: Backstage) -> str:
    """Return where the demo service listens: the examples have been given its address."""
    example = yaml.safe_load(await backstage.latest("release-service"))
    address: str = example["inputs"]["service"]["default"]
    return address


class Teller:
    """Somebody who starts and decides over the API."""

    def __init__(self, server: DevServer, actor: str) -> None:
        self.token = token_of(server, actor)
        self._client = httpx.AsyncClient(
            base_url=f"{server.address}/api/v1",
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=30,
            trust_env=False,
        )
        self.backstage = Backstage(self._client)

    async def close(self) -> None:
        await self._client.aclose()

    async def until_node(self, instance_id: str, node_id: str, status: str) -> None:
        """Return once a node has come to a status."""
        async with asyncio.timeout(MOST_SECONDS):
            while True:
                nodes = (await self.backstage.instance(instance_id))["nodes"]
                if any(one["node_id"] == node_id and one["status"] == status for one in nodes):
                    return
                await asyncio.sleep(0.1)


async def play(server: DevServer) -> Played:
    """Publish the flows, and let runs of them come to where people look at them."""
    ada, grace = Teller(server, "ada"), Teller(server, "grace")
    try:
        demo = await demo_of(ada.backstage)
        for document in flows_of(demo):
            await ada.backstage.publish(document)
        await _good_runs(ada, grace)
        failed = await _failed_release(ada, grace, demo)
        asking = await ada.backstage.start(
            "Shop 2.4.1 to production", "release-shop", inputs={"version": "2.4.1"}, labels=LABELS
        )
        await grace.backstage.start("Is all well tonight?", "nightly-check")
        await ada.until_node(asking, "ask", "waiting")
        return Played(token=ada.token, failed=failed, asking=asking)
    finally:
        await ada.close()
        await grace.close()


LABELS = {"team": "shop"}


async def _good_runs(ada: Teller, grace: Teller) -> None:
    for number, teller in enumerate((ada, grace, ada)):
        run = await teller.backstage.start(
            f"Shop 2.3.{number} to test",
            "release-shop",
            inputs={"version": f"2.3.{number}", "place": "test"},
            labels=LABELS,
        )
        await teller.backstage.until(run, "succeeded")
    for name in ("Ada", "Grace"):
        await ada.backstage.start(f"Hello {name}", "hello", inputs={"name": name})
    await grace.backstage.start("Weekly checks", "health-check")


async def _failed_release(ada: Teller, grace: Teller, demo: str) -> str:
    """Return a run that was approved, and whose host did not start."""
    run = await ada.backstage.start(
        "Shop 2.4.0 to production", "release-shop", inputs={"version": "2.4.0"}, labels=LABELS
    )
    await ada.until_node(run, "ask", "waiting")
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(f"{demo}/failures", json={"step": "start", "times": 2})
        answer.raise_for_status()
    await grace.backstage.operate(run, "nodes/ask/actions/approve", {"comment": "after lunch"})
    await ada.until_node(run, "host.begin", "failed")
    await grace.backstage.operate(run, "nodes/host.begin/actions/retry")
    await ada.until_node(run, "host.begin", "failed")
    return run
