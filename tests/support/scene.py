"""A database and a broker with templates and instances in them, for tests of one service."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import orjson

from flowyard.contracts.records import Doorbell, ReadyStep, StepRef, StepResult
from flowyard.contracts.topics import (
    INSTANCE_CHANGE,
    INSTANCE_EVENT,
    INSTANCE_EVENT_SCHEMA,
    SCHEMA_HEADER,
    node_ready,
    partition_of,
    worker_group,
)
from flowyard.engine.graph import DEFAULT_QUEUE, Graph, JsonValue
from flowyard.ids import new_id, new_secret
from flowyard.messaging.ports import Broker, OutgoingRecord, Producer
from flowyard.storage.database import Database, dump_json
from flowyard.storage.graph_codec import encode_graph

PARTITIONS = 4
HEADERS = ((SCHEMA_HEADER, INSTANCE_EVENT_SCHEMA.encode()),)
PATIENCE_SECONDS = 20.0
LOOK_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Created:
    instance_id: uuid.UUID
    partition: int


class Scene:
    """Writes what the API would write, and reads what it would show."""

    def __init__(self, database: Database, broker: Broker, producer: Producer) -> None:
        self.database = database
        self.broker = broker
        self.producer = producer
        self.project_id = new_id()

    async def set_up(self) -> None:
        for topic in (INSTANCE_EVENT, INSTANCE_CHANGE, node_ready(DEFAULT_QUEUE)):
            await self.broker.ensure_topic(topic, partitions=PARTITIONS)
        await self.execute(
            "INSERT INTO project (project_id, name) VALUES ($1, 'example')", self.project_id
        )

    async def execute(self, statement: str, *values: object) -> None:
        async with self.database.hot() as connection:
            await connection.execute(statement, *values)

    async def fetch(self, statement: str, *values: object) -> list[dict[str, object]]:
        async with self.database.hot() as connection:
            return [dict(row) for row in await connection.fetch(statement, *values)]

    async def publish_template(self, graph: Graph, key: str = "flow") -> uuid.UUID:
        template_id = new_id()
        await self.execute(
            "INSERT INTO template (template_id, project_id, key, latest_version)"
            " VALUES ($1, $2, $3, 1)",
            template_id,
            self.project_id,
            key,
        )
        await self.execute(
            "INSERT INTO template_version"
            " (template_id, number, source, document, graph, content_hash, actor)"
            " VALUES ($1, 1, '', '{}', $2::jsonb, '', 'tester')",
            template_id,
            dump_json(encode_graph(graph)),
        )
        return template_id

    async def create(
        self,
        template_id: uuid.UUID,
        given: Mapping[str, JsonValue] | None = None,
        *,
        start: bool = True,
    ) -> Created:
        instance_id = new_id()
        created = Created(instance_id, partition_of(instance_id, PARTITIONS))
        await self.execute(
            "INSERT INTO instance (instance_id, project_id, template_id, version, name, partition,"
            " given, actor, callback_secret)"
            " VALUES ($1, $2, $3, 1, 'run', $4, $5::jsonb, 'ann', $6)",
            instance_id,
            self.project_id,
            template_id,
            created.partition,
            dump_json(given or {}),
            new_secret(),
        )
        if start:
            await self.command(created, "start")
        return created

    async def command(
        self,
        created: Created,
        kind: str,
        *,
        node_id: str | None = None,
        payload: Mapping[str, JsonValue] | None = None,
        ring: bool = True,
    ) -> int:
        rows = await self.fetch(
            "INSERT INTO command (instance_id, partition, kind, node_id, payload, actor)"
            " VALUES ($1, $2, $3, $4, $5::jsonb, 'ann') RETURNING command_id",
            created.instance_id,
            created.partition,
            kind,
            node_id,
            dump_json(payload or {}),
        )
        if ring:
            await self.ring(created)
        command_id = rows[0]["command_id"]
        assert isinstance(command_id, int)
        return command_id

    async def ring(self, created: Created) -> None:
        doorbell = Doorbell(instance_id=created.instance_id, partition=created.partition)
        await self.send(created, doorbell.model_dump_json().encode())

    async def send(self, created: Created, value: bytes) -> None:
        await self.producer.publish(
            [
                OutgoingRecord(
                    topic=INSTANCE_EVENT,
                    key=created.instance_id.bytes,
                    value=value,
                    partition=created.partition,
                    headers=HEADERS,
                )
            ]
        )

    async def status(self, created: Created) -> str:
        rows = await self.fetch(
            "SELECT status FROM instance WHERE instance_id = $1", created.instance_id
        )
        return str(rows[0]["status"])

    async def nodes(self, created: Created) -> dict[str, dict[str, object]]:
        rows = await self.fetch(
            "SELECT * FROM node WHERE instance_id = $1 ORDER BY node_id", created.instance_id
        )
        return {str(row["node_id"]): row for row in rows}

    async def until(self, question: Callable[[], Awaitable[bool]]) -> None:
        """Return when the answer is yes; fail when it takes too long."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await question():  # noqa: ASYNC110  # the answer lies in Postgres
                await asyncio.sleep(LOOK_SECONDS)

    async def until_status(self, created: Created, *statuses: str) -> str:
        async def is_there() -> bool:
            return await self.status(created) in statuses

        await self.until(is_there)
        return await self.status(created)


Answer = Callable[[ReadyStep], StepResult | None]


def succeeded(step: ReadyStep, outputs: dict[str, JsonValue] | None = None) -> StepResult:
    return StepResult(ref=step.ref, outcome="succeeded", outputs=outputs or {})


def failed(step: ReadyStep, code: str = "broken") -> StepResult:
    return StepResult(ref=step.ref, outcome="failed", code=code, message="It broke")


def waiting(step: ReadyStep, reason: str, after_seconds: float | None = None) -> StepResult:
    return StepResult.model_validate(
        {
            "ref": step.ref.model_dump(),
            "outcome": "waiting",
            "wait_for": reason,
            "after_seconds": after_seconds,
        }
    )


class AnsweringWorker:
    """Takes every ready step and publishes what it is told to answer."""

    def __init__(self, scene: Scene, answer: Answer) -> None:
        self._scene = scene
        self.answer = answer
        self.seen: list[ReadyStep] = []

    async def run(self) -> None:
        topic = node_ready(DEFAULT_QUEUE)
        group = worker_group(DEFAULT_QUEUE)
        async with self._scene.broker.consumer([topic], group=group) as consumer:
            while True:
                records = await consumer.poll(max_records=100, wait=timedelta(seconds=1))
                steps = [ReadyStep.model_validate_json(record.value) for record in records]
                self.seen.extend(steps)
                await self.report([self.answer(step) for step in steps])
                await consumer.commit({one.place: one.offset + 1 for one in records})

    async def report(self, results: list[StepResult | None]) -> None:
        for result in results:
            if result is not None:
                ref: StepRef = result.ref
                await self._scene.send(
                    Created(ref.instance_id, ref.partition),
                    orjson.dumps(result.model_dump(mode="json")),
                )


@asynccontextmanager
async def answering(scene: Scene, answer: Answer) -> AsyncIterator[AnsweringWorker]:
    worker = AnsweringWorker(scene, answer)
    running = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
