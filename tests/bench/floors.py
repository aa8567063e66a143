"""The floor of each part on this machine: what no change of Flowyard's own code gets below.

``make bench-floors``. A hop over Kafka, a batch stored in Postgres, an HTTP
request, one record as JSON, one node in the engine; each alone, with nothing
else running. Not a test: times tell of the machine.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from statistics import median

import asyncpg
import httpx
import orjson
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from starlette.types import Receive, Scope, Send

from flowyard.contracts.records import ReadyStep, StepRef, StepResult
from flowyard.engine.advance import advance
from flowyard.engine.apply import apply_changes
from flowyard.engine.events import AttemptKey, Event, StartInstance, StepSucceeded
from flowyard.engine.graph import NodeKind
from flowyard.engine.lifecycle import NodeStatus
from flowyard.ids import new_id, new_secret
from flowyard.messaging.local import LocalBroker
from flowyard.storage.advance_load import load_instances
from flowyard.storage.advance_store import HeldInstance
from flowyard.storage.advance_write import write_batch
from flowyard.storage.database import Database
from flowyard.storage.migrate import upgrade
from flowyard.telemetry.serving import AppServer
from flowyard.testing.driving import EPOCH, snapshot_of
from flowyard.testing.graphs import chain
from flowyard_scheduler.decide import Item, decide
from tests.support.kafka import KafkaServer, jars
from tests.support.postgres15 import PostgresServer, binaries
from tests.support.scene import Scene

TOPIC = "floor"
BATCH = 100
BATCHES = (1, 20, 200)
NODES = 20
MICRO = 1e6


def tell(part: str, seconds: Sequence[float], per: int = 1) -> None:
    """Write one line: the median of all rounds, and its share for each of ``per``."""
    middle = median(seconds)
    share = f", {middle / per * MICRO:.1f} us each" if per > 1 else ""
    sys.stdout.write(f"{part}: {middle * 1000:.3f} ms{share}\n")
    sys.stdout.flush()


@contextmanager
def timed(seconds: list[float], clock: Callable[[], float] = time.perf_counter) -> Iterator[None]:
    begun = clock()
    yield
    seconds.append(clock() - begun)


@contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="flowyard-floor-") as scratch:
        # The server of Postgres runs as another user where this one is root.
        Path(scratch).chmod(0o711)
        yield Path(scratch)


async def kafka(rounds: int) -> None:
    """One record there, with its acknowledgement, and back to a consumer that waits for it."""
    with folder() as scratch:
        server = KafkaServer(jars(), scratch / "kafka")
        server.start()
        try:
            async with _linked(server.servers) as (producer, consumer):
                for count in (1, BATCH):
                    seconds: list[float] = []
                    for _ in range(rounds):
                        with timed(seconds):
                            await _hop(producer, consumer, count)
                    tell(f"Kafka, {count} record(s) published and received", seconds, count)
        finally:
            server.kill()


@asynccontextmanager
async def _linked(servers: str) -> AsyncIterator[tuple[AIOKafkaProducer, AIOKafkaConsumer]]:
    broker = f"{servers}"
    producer = AIOKafkaProducer(bootstrap_servers=broker, acks="all", linger_ms=0)
    consumer = AIOKafkaConsumer(bootstrap_servers=broker, auto_offset_reset="earliest")
    await producer.start()
    try:
        await _create_topic(broker)
        await consumer.start()
        try:
            consumer.subscribe([TOPIC])
            await _hop(producer, consumer, 1)
            yield producer, consumer
        finally:
            await consumer.stop()
    finally:
        await producer.stop()


async def _create_topic(servers: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(TOPIC, num_partitions=1, replication_factor=1)])
    finally:
        await admin.close()


async def _hop(producer: AIOKafkaProducer, consumer: AIOKafkaConsumer, count: int) -> None:
    value = b"x" * 400
    sent = [await producer.send(TOPIC, value) for _ in range(count)]
    for _ in range(count):
        await consumer.getone()
    await asyncio.gather(*sent)


async def postgres(rounds: int) -> None:
    """One committed row, then the scheduler's own statement for batches of instances."""
    with folder() as scratch:
        server = PostgresServer(scratch / "postgres", programs=binaries())
        server.start()
        try:
            connection = await asyncpg.connect(server.url)
            await connection.execute("CREATE TABLE floor (value int); INSERT INTO floor VALUES (0)")
            seconds: list[float] = []
            for _ in range(rounds):
                with timed(seconds):
                    await connection.execute("UPDATE floor SET value = value + 1")
            tell("Postgres, one row updated and on disk", seconds)
            await connection.close()
            async with Database(server.url) as database:
                await upgrade(database)
                await _batches(database)
        finally:
            server.kill()


async def _batches(database: Database) -> None:
    async with LocalBroker() as broker, broker.producer() as producer:
        scene = Scene(database, broker, producer)
        await scene.set_up()
        template = await scene.publish_template(chain(NODES))
        for size in BATCHES:
            created = [await scene.create(template, start=False) for _ in range(size)]
            async with database.hot() as connection:
                ids = [one.instance_id for one in created]
                held = list((await load_instances(connection, ids, {})).values())
                seconds = [
                    await _stored(connection, held, is_start=place == 0)
                    for place in range(NODES + 1)
                ]
            # The first write begins the instances and the last ends them.
            tell(f"Postgres, write_batch of {size} instance(s), one node each", seconds[1:-1], size)


async def _stored(
    connection: asyncpg.Connection, held: Sequence[HeldInstance], *, is_start: bool
) -> float:
    writes = [
        decide(
            one, [Item(partial(_begun if is_start else _went_on, one))], EPOCH, is_fresh=True
        ).write
        for one in held
    ]
    seconds: list[float] = []
    with timed(seconds):
        stored, _ = await write_batch(connection, writes)
    if len(stored) != len(held):
        raise RuntimeError(f"Expected {len(held)} instances to be stored, but {len(stored)} were")
    for one in held:
        one.snapshot.revision += 1
    return seconds[0]


def _begun(_: HeldInstance, at: datetime) -> Event:
    return StartInstance(at=at)


def _went_on(held: HeldInstance, at: datetime) -> Event:
    node = next(one for one in held.snapshot.nodes.values() if one.status is NodeStatus.READY)
    if node.attempt is None:
        raise LookupError(node.node_id)
    key = AttemptKey(node_id=node.node_id, number=node.attempt.number, step=node.attempt.step)
    return StepSucceeded(key=key, at=at, outputs={})


async def http(rounds: int) -> None:
    """A request with a small JSON body on a kept connection: uvicorn, httptools, uvloop."""
    body = orjson.dumps({"value": "x" * 400})
    async with AppServer(_answering, "127.0.0.1", 0) as server:
        async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
            seconds: list[float] = []
            before = time.process_time()
            for _ in range(rounds):
                with timed(seconds):
                    await client.post("/", content=body)
            used = (time.process_time() - before) / rounds
        tell("HTTP, a request by httpx and its answer, both ends in one process", seconds)
        sys.stdout.write(f"  of which processor time {used * 1000:.3f} ms\n")
        await _bare_http(server.port, body, rounds)


async def _bare_http(port: int, body: bytes, rounds: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    seconds: list[float] = []
    for _ in range(rounds):
        with timed(seconds):
            writer.write(head + body)
            await reader.readuntil(b"\r\n\r\n{}")
    tell("HTTP, the same by a bare connection", seconds)
    writer.close()
    await writer.wait_closed()


async def _answering(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        while True:
            said = (await receive())["type"]
            await send({"type": f"{said}.complete"})
            if said == "lifespan.shutdown":
                return
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-length", b"2"), (b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"{}"})


def json_cost(rounds: int) -> None:
    """One record of each kind, written and read: with its model, and as plain JSON."""
    instance_id = new_id()
    ref = StepRef(instance_id=instance_id, partition=1, node_id="build", number=1, step=0)
    records = (
        StepResult(ref=ref, outcome="succeeded", outputs={"image": "registry/app:1.4.2"}),
        ReadyStep(
            ref=ref,
            attempt_id=instance_id,
            project="shop",
            plugin="noop",
            version="1.0",
            inputs={"url": "http://127.0.0.1:9000/prepare"},
            timeout_seconds=60,
            callback_token=new_secret(),
            traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ),
    )
    for record in records:
        name, text = type(record).__name__, record.model_dump_json().encode()
        plain = orjson.loads(text)
        _repeated(f"{name}, written by pydantic", record.model_dump_json, rounds)
        read = partial(type(record).model_validate_json, text)
        _repeated(f"{name}, read by pydantic", read, rounds)
        _repeated(f"{name}, written by orjson alone", partial(orjson.dumps, plain), rounds)
        _repeated(f"{name}, read by orjson alone", partial(orjson.loads, text), rounds)


def _repeated(part: str, call: Callable[[], object], rounds: int) -> None:
    seconds: list[float] = []
    for _ in range(5):
        with timed(seconds, time.process_time):
            for _ in range(rounds):
                call()
    sys.stdout.write(f"JSON, {part}: {min(seconds) / rounds * MICRO:.2f} us\n")


def engine(rounds: int) -> None:
    """Processor time of deciding and applying one node's end, which begins the next one."""
    for length in (20, 200, 2000):
        graph = chain(length)
        seconds: list[float] = []
        for _ in range(max(1, rounds // length)):
            held = snapshot_of(graph)
            apply_changes(held, advance(held, StartInstance(at=EPOCH)).changes)
            names = [one for one, node in graph.nodes.items() if node.kind is NodeKind.ACTIVITY]
            with timed(seconds, time.process_time):
                for name in names:
                    key = AttemptKey(node_id=name, number=1, step=0)
                    event = StepSucceeded(key=key, at=EPOCH, outputs={})
                    apply_changes(held, advance(held, event).changes)
        tell(f"engine, a chain of {length} nodes", seconds, length)


def main() -> int:
    """Measure the parts that are asked for, one after another."""
    parts: dict[str, Callable[[int], Awaitable[None] | None]] = {
        "kafka": kafka,
        "postgres": postgres,
        "http": http,
        "json": json_cost,
        "engine": engine,
    }
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*parts, []], help="All unless given.")
    parser.add_argument("--rounds", type=int, default=1000)
    arguments = parser.parse_args()
    for name in arguments.parts or parts:
        waiting = parts[name](arguments.rounds)
        if waiting is not None:
            uvloop.run(_awaited(waiting))
    return 0


async def _awaited(waiting: Awaitable[None]) -> None:
    await waiting


if __name__ == "__main__":
    sys.exit(main())
