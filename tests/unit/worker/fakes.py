"""Steps, a clock and a producer that do as they are told."""

from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime, timedelta

from flowyard.contracts.records import ReadyStep, StepRef
from flowyard.ids import attempt_id, new_id
from flowyard.messaging.ports import BrokerUnavailableError, OutgoingRecord, RecordRefusedError
from flowyard_worker.step import TakenStep
from flowyard_worker.wire import StepAnswer, read_step


class HandClock:
    """Time that moves when it is pushed."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def now(self) -> datetime:
        return datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds


class IdleClient:
    """A plugin gateway that only has an address."""

    def __init__(self, url: str) -> None:
        self.url = url

    async def run(self, bodies: Sequence[bytes]) -> AsyncGenerator[list[StepAnswer]]:
        del bodies
        return
        yield []

    async def is_ready(self) -> bool:
        return True


class RecordingProducer:
    """Keeps what is published; is away or refuses values on demand."""

    def __init__(self) -> None:
        self.publishes: list[list[OutgoingRecord]] = []
        self.away = 0
        self.refused = b"\0"

    async def publish(self, records: Sequence[OutgoingRecord]) -> None:
        if self.away:
            self.away -= 1
            raise BrokerUnavailableError("away")
        if any(self.refused in record.value for record in records):
            raise RecordRefusedError("too large", topic=records[0].topic, partition=0)
        self.publishes.append(list(records))


class Partitions:
    """A topic that may grow."""

    def __init__(self, count: int) -> None:
        self.count = count

    async def partition_count(self, topic: str) -> int:
        del topic
        return self.count


def ready_step(name: str = "a", *, partition: int = 0) -> ReadyStep:
    instance_id = new_id()
    return ReadyStep(
        ref=StepRef(instance_id=instance_id, partition=partition, node_id=name, number=1, step=0),
        attempt_id=attempt_id(instance_id, name, 1),
        project="demo",
        plugin="noop",
        version="1.0",
        inputs={},
        timeout_seconds=30,
        callback_token="token",  # noqa: S106  # not a secret
    )


def taken(
    done: list[str], name: str = "a", *, partition: int = 0, body: bytes = b"{}"
) -> TakenStep:
    """Return a step that adds its name to ``done`` when it is finished."""
    value = ready_step(name, partition=partition).model_dump_json().encode()
    return TakenStep(
        ready=read_step(value),
        body=body,
        queue="default",
        taken_at=0.0,
        deliveries=[lambda: done.append(name)],
    )
