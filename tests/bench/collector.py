"""A collector that takes what comes by OTLP over HTTP, counts the spans and keeps nothing."""

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.sharedctypes import Synchronized

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
START_SECONDS = 10


@contextmanager
def counting_collector(port: int) -> Iterator["Synchronized[int]"]:
    """Run one in a process of its own; yields how many spans it has been sent so far."""
    spawning = multiprocessing.get_context("spawn")
    spans = spawning.Value("q", 0)
    listening = spawning.Event()
    process = spawning.Process(target=_serve, args=(port, spans, listening), daemon=True)
    process.start()
    try:
        if not listening.wait(START_SECONDS):
            raise RuntimeError("The collector does not listen")
        yield spans
    finally:
        process.terminate()
        process.join()


def _serve(port: int, spans: "Synchronized[int]", listening: asyncio.Event) -> None:
    asyncio.run(_listen(port, spans, listening))


async def _listen(port: int, spans: "Synchronized[int]", listening: asyncio.Event) -> None:
    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
                content = await reader.readexactly(int(length))
                if b" /v1/traces " in head:
                    spans.value += _count(content)
                writer.write(ANSWER)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async with await asyncio.start_server(take, "127.0.0.1", port) as server:
        listening.set()
        await server.serve_forever()


def _count(content: bytes) -> int:
    request = ExportTraceServiceRequest.FromString(content)
    return sum(
        len(scope.spans) for resource in request.resource_spans for scope in resource.scope_spans
    )
