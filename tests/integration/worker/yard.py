"""A broker, a stand-in gateway and whatever workers a test starts."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

from flowyard.contracts.records import INSTANCE_EVENTS, ReadyStep, StepRef, StepResult
from flowyard.contracts.topics import (
    INSTANCE_EVENT,
    NODE_READY_SCHEMA,
    SCHEMA_HEADER,
    node_ready,
    worker_group,
)
from flowyard.ids import attempt_id, new_id
from flowyard.messaging.local import LocalBroker
from flowyard.messaging.ports import Consumer, IncomingRecord, OutgoingRecord
from flowyard.telemetry.tracing import Tracing
from flowyard_worker.main import WorkerService
from flowyard_worker.settings import Settings
from tests.integration.worker.standin import StandInGateway

PARTITIONS = 4
QUICK: dict[str, Any] = {
    "port": 0,
    "poll_seconds": 0.05,
    "commit_seconds": 0.01,
    "running_check_seconds": 0.01,
    "backoff_seconds": 0.01,
    "backoff_limit_seconds": 0.02,
    "drain_seconds": 2.0,
}


def ready_step(plugin: str = "done", *, partition: int = 0, **changes: Any) -> ReadyStep:
    instance_id = new_id()
    return ReadyStep(
        **{
            "ref": StepRef(
                instance_id=instance_id, partition=partition, node_id="build", number=1, step=0
            ),
            "attempt_id": attempt_id(instance_id, "build", 1),
            "project": "demo",
            "plugin": plugin,
            "version": "1.0",
            "inputs": {"text": "größe"},
            "timeout_seconds": 30,
            "callback_token": "token",
        }
        | changes
    )


class Yard:
    """Everything around the worker under test."""

    def __init__(self, stack: AsyncExitStack, broker: LocalBroker, gateway: StandInGateway) -> None:
        self._stack = stack
        self.broker = broker
        self.gateway = gateway
        self.events: list[IncomingRecord] = []
        self._consumer: Consumer | None = None

    async def gateway_beside(self) -> StandInGateway:
        return await self._stack.enter_async_context(StandInGateway())

    def worker(self, *, tracing: Tracing | None = None, **changes: Any) -> WorkerService:
        settings = Settings(**(QUICK | {"plugin_gateway_urls": (self.gateway.url,)} | changes))
        return WorkerService(settings, broker=self.broker, tracing=tracing)

    async def start(self, *, tracing: Tracing | None = None, **changes: Any) -> WorkerService:
        return await self._stack.enter_async_context(self.worker(tracing=tracing, **changes))

    async def publish(self, *steps: ReadyStep, queue: str = "default") -> None:
        await self.publish_values(*[step.model_dump_json().encode() for step in steps], queue=queue)

    async def publish_values(
        self, *values: bytes, queue: str = "default", schema: str = NODE_READY_SCHEMA
    ) -> None:
        async with self.broker.producer() as producer:
            await producer.publish(
                [
                    OutgoingRecord(
                        topic=node_ready(queue),
                        partition=0,
                        value=value,
                        headers=((SCHEMA_HEADER, schema.encode()),),
                    )
                    for value in values
                ]
            )

    async def results(self, count: int) -> list[StepResult]:
        """Return the first results in the order in which they were published."""
        if self._consumer is None:
            self._consumer = await self._stack.enter_async_context(
                self.broker.consumer([INSTANCE_EVENT], group="test")
            )
        async with asyncio.timeout(5):
            while len(self.events) < count:
                self.events += await self._consumer.poll(
                    max_records=1000, wait=timedelta(seconds=5)
                )
        decoded = [INSTANCE_EVENTS.validate_json(event.value) for event in self.events]
        return [result for result in decoded if isinstance(result, StepResult)]

    async def result_of(self, step: ReadyStep) -> StepResult:
        count = 1
        while True:
            for result in await self.results(count):
                if result.ref == step.ref and result.outcome != "running":
                    return result
            count = len(self.events) + 1

    async def uncommitted(self, queue: str = "default") -> list[ReadyStep]:
        """Return what a worker would be given that starts now."""
        async with self.broker.consumer([node_ready(queue)], group=worker_group(queue)) as consumer:
            records = await consumer.poll(max_records=1000, wait=timedelta(0))
        return [ReadyStep.model_validate_json(record.value) for record in records]

    def committed(self, queue: str = "default") -> int:
        return self.broker.logs(node_ready(queue))[0].committed.get(worker_group(queue), 0)

    async def until_committed(self, offset: int, queue: str = "default") -> None:
        async with asyncio.timeout(5):
            while self.committed(queue) < offset:  # noqa: ASYNC110  # commits wake nobody
                await asyncio.sleep(0)
