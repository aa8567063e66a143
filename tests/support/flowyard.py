"""All four services in this process, on a real Postgres and the in-process broker.

What :class:`flowyard_cli.dev.server.DevServer` starts, with plugins of the test's
own, and with everything within its reach.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from flowyard.contracts.topics import INSTANCE_CHANGE, INSTANCE_EVENT, node_ready
from flowyard.engine.graph import DEFAULT_QUEUE
from flowyard.messaging.local import LocalBroker
from flowyard.messaging.ports import OutgoingRecord
from flowyard.storage.database import Database
from flowyard.storage.tokens import create_token
from flowyard_api.main import ApiService
from flowyard_api.settings import Settings as ApiSettings
from flowyard_plugin_gateway.built_in import built_in_plugins
from flowyard_plugin_gateway.main import PluginGatewayService
from flowyard_plugin_gateway.registry import AnyPlugin, PluginRegistry
from flowyard_scheduler.main import SchedulerService
from flowyard_scheduler.settings import Settings as SchedulerSettings
from flowyard_worker.main import WorkerService
from flowyard_worker.settings import Settings as WorkerSettings
from tests.integration.plugin_gateway.support import Probe, Untrue, plain_client, settings

PARTITIONS = 4
PROJECT = "shop"
PATIENCE_SECONDS = 30.0
LOOK_SECONDS = 0.02

JsonObject = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Flowyard:
    """A whole Flowyard, and a client of its public API."""

    database: Database
    broker: LocalBroker
    gateway: PluginGatewayService
    worker: WorkerService
    scheduler: SchedulerService
    api: ApiService
    probe: Probe
    client: httpx.AsyncClient

    async def apply(self, source: str) -> httpx.Response:
        """Publish a document, if it can be."""
        return await self.client.post(
            f"/projects/{PROJECT}/templates/actions/apply",
            content=source,
            headers={"Content-Type": "application/yaml"},
        )

    async def publish(self, *sources: str) -> None:
        for source in sources:
            answer = await self.apply(source)
            assert answer.is_success, answer.text

    async def create(self, template: str, **inputs: Any) -> httpx.Response:
        return await self.client.post(
            f"/projects/{PROJECT}/instances", json={"template": template, "inputs": inputs}
        )

    async def start(self, template: str, **inputs: Any) -> str:
        """Create and start an instance, and return its id."""
        answer = await self.create(template, **inputs)
        assert answer.is_success, answer.text
        instance_id: str = answer.json()["instance_id"]
        return instance_id

    async def instance(self, instance_id: str) -> JsonObject:
        shown: JsonObject = (await self.client.get(f"/instances/{instance_id}")).json()
        return shown

    async def until_status(self, instance_id: str, *statuses: str) -> JsonObject:
        """Return an instance once it has one of some statuses."""
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while True:
            shown = await self.instance(instance_id)
            if shown["status"] in statuses:
                return shown
            assert asyncio.get_running_loop().time() < deadline, shown
            await asyncio.sleep(LOOK_SECONDS)

    async def failure(self, instance_id: str, node_id: str) -> str:
        """Return the code that a node has failed with, once its instance has."""
        shown = await self.until_status(instance_id, "failed")
        node = next(one for one in shown["nodes"] if one["node_id"] == node_id)
        code: str = node["failure"]["code"]
        return code

    async def send(self, topic: str, value: bytes, *, partition: int = 0) -> None:
        async with self.broker.producer() as producer:
            await producer.publish([OutgoingRecord(topic=topic, partition=partition, value=value)])

    async def ready(self) -> dict[str, bool]:
        """Return which services are ready, keyed by name."""
        urls = {
            "api": self.api.url,
            "scheduler": self.scheduler.url,
            "worker": self.worker.url,
            "plugin-gateway": self.gateway.url,
        }
        async with plain_client() as client:
            answers = {name: await client.get(f"{url}/readyz") for name, url in urls.items()}
        return {name: answer.is_success for name, answer in answers.items()}


@asynccontextmanager
async def running_flowyard(
    database: Database, plugins: Iterable[AnyPlugin] = ()
) -> AsyncIterator[Flowyard]:
    """Run a whole Flowyard with a project in it, and with plugins of the tests'.

    Parameters
    ----------
    plugins
        Others than those of the plugin gateway's own tests.
    """
    probe = Probe()
    async with LocalBroker() as broker, plain_client() as outgoing:
        for topic in (INSTANCE_EVENT, INSTANCE_CHANGE, node_ready(DEFAULT_QUEUE)):
            await broker.ensure_topic(topic, partitions=PARTITIONS)
        registry = PluginRegistry([*built_in_plugins(outgoing), probe, Untrue(), *plugins])
        places = {"port": 0, "database_url": database.url}
        async with (
            PluginGatewayService(settings(database), registry=registry) as gateway,
            WorkerService(
                WorkerSettings(port=0, plugin_gateway_urls=(gateway.url,), poll_seconds=0.05),
                broker=broker,
            ) as worker,
            SchedulerService(
                SchedulerSettings.model_validate({**places, "partitions": PARTITIONS}),
                broker=broker,
            ) as scheduler,
            ApiService(ApiSettings.model_validate(places), broker=broker) as api,
            plain_client(f"{api.url}/api/v1") as client,
        ):
            async with database.transaction() as connection:
                token = (await create_token(connection, actor="tester")).text
            client.headers["Authorization"] = f"Bearer {token}"
            (await client.post("/projects", json={"name": PROJECT})).raise_for_status()
            yield Flowyard(
                database=database,
                broker=broker,
                gateway=gateway,
                worker=worker,
                scheduler=scheduler,
                api=api,
                probe=probe,
                client=client,
            )
