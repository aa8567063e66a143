"""An API on a real Postgres and the in-process broker, and rows as a scheduler would write them."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import func, insert, select, update

from flowyard.contracts.records import InstanceChange
from flowyard.contracts.topics import INSTANCE_CHANGE, INSTANCE_EVENT
from flowyard.messaging.local import LocalBroker
from flowyard.messaging.ports import OutgoingRecord
from flowyard.storage.database import Database
from flowyard.storage.plugins import PublishedPlugin, publish_catalog
from flowyard.storage.schema import attempt, command, instance, node
from flowyard.storage.tokens import create_token
from flowyard.telemetry.tracing import Tracing
from flowyard_api.main import ApiService
from flowyard_api.settings import Settings

PARTITIONS = 4
_NO_PROJECT = uuid.UUID(int=0)

DOCUMENT = """\
flowyard: 1
key: release
title: Release a service
inputs:
  version: {type: string, default: "1.0.0"}
  count: {type: integer, default: 1}
nodes:
  - id: prepare
    name: Prepare
    plugin: noop@1.0
  - id: ask
    plugin: noop@1.0
"""

MAPPED = """\
flowyard: 1
key: release
nodes:
  - id: deploy
    plugin: noop@1.0
    map: {items: [a, b]}
  - id: ask
    plugin: noop@1.0
"""

PLUGIN = PublishedPlugin(
    name="noop",
    version="1.0",
    title="Nothing",
    description="Does nothing.",
    idempotency="never",
    inputs_schema={"type": "object", "properties": {}, "additionalProperties": True},
    outputs_schema={"type": "object", "properties": {}},
)


@dataclass(frozen=True, kw_only=True)
class Api:
    """A running API, a client that may use it, and what is behind it."""

    service: ApiService
    client: httpx.AsyncClient
    database: Database
    broker: LocalBroker
    token: str

    async def publish(self, document: str = DOCUMENT, *, project: str = "shop") -> dict[str, Any]:
        """Apply a document, in a project that is made where it is missing."""
        await self.client.post("/api/v1/projects", json={"name": project})
        answer = await self.client.post(
            f"/api/v1/projects/{project}/templates/actions/apply",
            content=document,
            headers={"Content-Type": "application/yaml"},
        )
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def start(self, **fields: Any) -> uuid.UUID:
        """Create an instance of the published document."""
        answer = await self.client.post(
            "/api/v1/projects/shop/instances", json={"template": "release", **fields}
        )
        assert answer.status_code == 201, answer.text
        return uuid.UUID(answer.json()["instance_id"])

    async def tell(
        self,
        instance_id: uuid.UUID,
        revision: int,
        *,
        status: str = "running",
        project_id: uuid.UUID = _NO_PROJECT,
    ) -> None:
        """Publish that an instance has changed."""
        change = InstanceChange(
            instance_id=instance_id,
            project_id=project_id,
            revision=revision,
            status=status,
            node_ids=[],
        )
        async with self.broker.producer() as producer:
            await producer.publish(
                [
                    OutgoingRecord(
                        topic=INSTANCE_CHANGE,
                        key=instance_id.bytes,
                        value=change.model_dump_json().encode(),
                    )
                ]
            )


@asynccontextmanager
async def running_api(
    database: Database, *, tracing: Tracing | None = None, **settings: Any
) -> AsyncIterator[Api]:
    async with LocalBroker() as broker:
        await broker.ensure_topic(INSTANCE_EVENT, partitions=PARTITIONS)
        async with database.transaction() as connection:
            token = (await create_token(connection, actor="ops")).text
            await publish_catalog(connection, [PLUGIN])
        chosen = Settings(database_url=database.url, port=0, **settings)
        async with (
            ApiService(chosen, broker=broker, tracing=tracing) as service,
            httpx.AsyncClient(
                base_url=service.url, headers={"Authorization": f"Bearer {token}"}
            ) as client,
        ):
            yield Api(service=service, client=client, database=database, broker=broker, token=token)


async def eventually(is_so: Callable[[], object], *, seconds: float = 10.0) -> None:
    """Return once something is so that nothing tells of."""
    async with asyncio.timeout(seconds):
        while not is_so():  # noqa: ASYNC110  # that is what it is for
            await asyncio.sleep(0.005)


def now() -> datetime:
    return datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@dataclass(kw_only=True)
class Scheduler:
    """Writes one instance's rows as the scheduler would, one revision at a time."""

    database: Database
    instance_id: uuid.UUID
    revision: int = 0
    nodes: dict[str, dict[str, Any]] = field(default_factory=dict)

    async def advance(
        self,
        status: str = "running",
        nodes: Mapping[str, Mapping[str, Any]] | None = None,
        **columns: Any,
    ) -> None:
        """Store a further revision with these changed nodes."""
        self.revision += 1
        is_final = status in ("succeeded", "cancelled")
        async with self.database.transaction() as connection:
            await connection.execute(
                update(instance)
                .where(instance.c.instance_id == self.instance_id)
                .values(
                    status=status,
                    revision=self.revision,
                    started_at=now(),
                    ended_at=now() if is_final else None,
                    **columns,
                )
            )
            for node_id, changed in (nodes or {}).items():
                row = {
                    "partition": 0,
                    "visits": 1,
                    "reached_at": now(),
                    "reason": None,
                    "check_at": None,
                    **self.nodes.get(node_id, {}),
                    **changed,
                }
                if row["reason"] is not None:
                    row["check_at"] = now() + timedelta(minutes=1)
                else:
                    row["check_at"] = None
                self.nodes[node_id] = row
                row["revision"] = self.revision
                key = {"instance_id": self.instance_id, "node_id": node_id}
                await connection.execute(
                    node.delete().where(*(node.c[name] == value for name, value in key.items()))
                )
                await connection.execute(insert(node).values(**key, **row))

    async def open_attempt(self, node_id: str, number: int = 1, **columns: Any) -> None:
        async with self.database.transaction() as connection:
            await connection.execute(
                insert(attempt).values(
                    instance_id=self.instance_id,
                    node_id=node_id,
                    number=number,
                    **{"step": 0, "status": "ready", "opened_at": now(), **columns},
                )
            )

    async def settle(self, command_id: int, outcome: str = "applied", **columns: Any) -> None:
        async with self.database.transaction() as connection:
            await connection.execute(
                update(command)
                .where(command.c.command_id == command_id)
                .values(outcome=outcome, settled_at=func.now(), **columns)
            )

    async def commands(self) -> list[Any]:
        async with self.database.transaction() as connection:
            rows = await connection.execute(
                select(command)
                .where(command.c.instance_id == self.instance_id)
                .order_by(command.c.command_id)
            )
            return list(rows.all())


async def read_until(
    broker: LocalBroker, topic: str, count: int, *, seconds: float = 5.0
) -> list[bytes]:
    """Return the values of a topic's first records, from its beginning on."""
    found: list[bytes] = []
    async with (
        asyncio.timeout(seconds),
        broker.consumer([topic], group="test-reader") as consumer,
    ):
        while len(found) < count:
            records = await consumer.poll(max_records=1000, wait=timedelta(seconds=1))
            found += [record.value for record in records]
    return found
