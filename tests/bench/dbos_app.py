"""The four workloads on DBOS: a program for an environment of its own, which tells JSON.

Run by :mod:`tests.bench.peer`. No-op steps whose outcome DBOS stores in Postgres;
set-ups differ in where workflows run:

- ``threads``: plain functions, started in the process, each in a thread;
- ``asyncio``: coroutines, started on the process' event loop;
- ``queue``: coroutines, enqueued and taken from a queue by the process;
- ``queue-2``: the same, taken by two processes.
"""

import argparse
import asyncio
import json
import math
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

from dbos import DBOS

QUEUE = "bench"
WORKER_CONCURRENCY = 100
POLLING_SECONDS = 0.01
"""How often a queue is looked at; its default of 1 s would be all that is measured."""

CHAIN_INSTANCES, CHAIN_NODES = 200, 20
LATENCY_NODES = 200
FANOUT_WIDTH = 500
START_RUNS = 100
WARM_UP = 20
"""Workflows of as many steps that run before anything is measured. Source: flowyard bench."""

ENDS: list[float] = []
"""When each step of this process was run, by its own clock."""


def _noop() -> None:
    ENDS.append(time.perf_counter())


async def _noop_async() -> None:
    ENDS.append(time.perf_counter())


step: Any = DBOS.step()(_noop)
step_async: Any = DBOS.step()(_noop_async)


def _chain(length: int) -> None:
    for _ in range(length):
        step()


async def _chain_async(length: int) -> None:
    for _ in range(length):
        await step_async()


chain: Any = DBOS.workflow()(_chain)
chain_async: Any = DBOS.workflow()(_chain_async)


def _fan(width: int) -> None:
    """Run branches as workflows of one step each: steps of a plain workflow follow each other."""
    step()
    handles = [DBOS.start_workflow(chain, 1) for _ in range(width)]
    for handle in handles:
        handle.get_result()
    step()


async def _fan_async(width: int) -> None:
    await step_async()
    await asyncio.gather(*(step_async() for _ in range(width)))
    await step_async()


async def _fan_queued(width: int) -> None:
    await step_async()
    handles = await asyncio.gather(
        *(DBOS.enqueue_workflow_async(QUEUE, chain_async, 1) for _ in range(width))
    )
    await asyncio.gather(
        *(handle.get_result(polling_interval_sec=POLLING_SECONDS) for handle in handles)
    )
    await step_async()


fan: Any = DBOS.workflow()(_fan)
fan_async: Any = DBOS.workflow()(_fan_async)
fan_queued: Any = DBOS.workflow()(_fan_queued)

Run = Callable[[Any, int], Awaitable[Any]]
"""Starts a workflow and returns what waits for its result."""


async def _in_thread(workflow: Any, count: int) -> Any:
    handle = await asyncio.to_thread(DBOS.start_workflow, workflow, count)
    return asyncio.to_thread(handle.get_result)


async def _on_loop(workflow: Any, count: int) -> Any:
    return (await DBOS.start_workflow_async(workflow, count)).get_result()


async def _queued(workflow: Any, count: int) -> Any:
    handle = await DBOS.enqueue_workflow_async(QUEUE, workflow, count)
    return handle.get_result(polling_interval_sec=POLLING_SECONDS)


async def _timed(run: Run, workflow: Any, count: int) -> float:
    begun = time.perf_counter()
    await (await run(workflow, count))
    return time.perf_counter() - begun


async def _measure(run: Run, chained: Any, fanned: Any) -> dict[str, dict[str, float]]:
    warming = [await run(chained, WARM_UP) for _ in range(WARM_UP)]
    await asyncio.gather(*warming)
    begun = time.perf_counter()
    waiting = await asyncio.gather(*(run(chained, CHAIN_NODES) for _ in range(CHAIN_INSTANCES)))
    await asyncio.gather(*waiting)
    wall = time.perf_counter() - begun
    ENDS.clear()
    latency = await _timed(run, chained, LATENCY_NODES)
    gaps = [later - earlier for earlier, later in pairwise(ENDS)]
    fanout = await _timed(run, fanned, FANOUT_WIDTH)
    starts = [await _timed(run, chained, 1) for _ in range(START_RUNS)]
    return {
        "chain": {"nodes_per_s": round(CHAIN_INSTANCES * CHAIN_NODES / wall, 1)},
        "latency": _latency(gaps, latency / LATENCY_NODES),
        "fanout": {"wall_s": round(fanout, 3)},
        "start": {"p50_ms": _ms(starts, 0.5), "p99_ms": _ms(starts, 0.99)},
    }


def _latency(gaps: list[float], mean: float) -> dict[str, float]:
    """Return the spread; of a workflow that another process has run only the mean is known."""
    if not gaps:
        return {"p50_ms": _ms([mean], 0.5)}
    return {"p50_ms": _ms(gaps, 0.5), "p99_ms": _ms(gaps, 0.99)}


def _ms(seconds: list[float], share: float) -> float:
    return round(sorted(seconds)[math.ceil(share * len(seconds)) - 1] * 1000, 2)


@contextmanager
def _second_process(arguments: argparse.Namespace) -> Iterator[None]:
    command = [sys.executable, __file__, "--url", arguments.url, "--setup", "serve"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603
    try:
        if process.stdout is not None:
            process.stdout.readline()
        yield
    finally:
        process.kill()
        process.wait()


async def _serve() -> None:
    """Take from the queue until the process is killed, or its parent has gone."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)


async def _main(arguments: argparse.Namespace) -> None:
    setup: str = arguments.setup
    is_serving = setup == "serve"
    DBOS(
        config={
            "name": "bench",
            "system_database_url": arguments.url,
            "application_version": "bench",
            "executor_id": "second" if is_serving else "first",
            "log_level": "ERROR",
        }
    )
    DBOS.launch()
    try:
        if setup.startswith("queue") or is_serving:
            await DBOS.register_queue_async(
                QUEUE, worker_concurrency=WORKER_CONCURRENCY, polling_interval_sec=POLLING_SECONDS
            )
        match setup:
            case "serve":
                await _serve()
            case "threads":
                _tell(await _measure(_in_thread, chain, fan))
            case "asyncio":
                _tell(await _measure(_on_loop, chain_async, fan_async))
            case "queue":
                _tell(await _measure(_queued, chain_async, fan_queued))
            case _:
                with _second_process(arguments):
                    _tell(await _measure(_queued, chain_async, fan_queued))
    finally:
        DBOS.destroy()


def _tell(measured: dict[str, dict[str, float]]) -> None:
    sys.stdout.write(f"{json.dumps(measured)}\n")


def main() -> None:
    """Run one set-up and write its figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True, help="Address of a Postgres database.")
    parser.add_argument(
        "--setup", required=True, choices=["threads", "asyncio", "queue", "queue-2", "serve"]
    )
    asyncio.run(_main(parser.parse_args()))


if __name__ == "__main__":
    main()
