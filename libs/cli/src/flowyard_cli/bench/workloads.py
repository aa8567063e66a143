"""The workloads, each driven and read back through the public API.

A workload counts only if everything that it started stands there as succeeded
afterwards, node by node; the times are those that the server stored.
"""

import time
from collections.abc import Callable
from functools import partial

from flowyard_cli.bench.documents import PLUGIN, UNCLAIMED, chain, fanout
from flowyard_cli.bench.growth import live, timers
from flowyard_cli.bench.measures import gaps, spread_ms
from flowyard_cli.bench.results import Measured
from flowyard_cli.bench.stand import Ended, Stand, node_ends
from flowyard_cli.bench.workload import Workload

CHAIN_INSTANCES = 200
"""Instances of the chain workload. Source: the peers were measured on 200 x 20."""

CHAIN_NODES = 20
"""Nodes of each of them."""

LATENCY_NODES = 200
"""Nodes of the latency workload's only instance."""

FANOUT_WIDTH = 500
"""Branches of the fan-out."""

START_RUNS = 100
"""Runs of the start workload, one after another."""

LONG_NODES = 10_000
"""Nodes of the long chain. Source: what bamboo-engine's own benchmark goes up to."""

WIDE_WIDTH = 5_000
"""Branches of the wide fan-out."""


Measure = Callable[[Stand], Measured]
"""Runs one workload once."""


def measure_chain(stand: Stand, *, plugin: str = PLUGIN, key: str = "bench-chain") -> Measured:
    """Run many chains at once: from the first accepted start to the last end."""
    count = stand.count(CHAIN_INSTANCES)
    template = stand.publish(chain(key, CHAIN_NODES, plugin=plugin))
    with stand.watched():
        batch = stand.start_many(template, count, nodes=CHAIN_NODES)
        stand.await_settled(batch)
    wall = stand.ended(batch).wall_seconds
    nodes = count * CHAIN_NODES
    figures = {"wall_s": round(wall, 3), "nodes_per_s": round(nodes / wall, 1)}
    return Measured(figures=figures, nodes=nodes, cpu_seconds=stand.used)


def measure_latency(
    stand: Stand, *, length: int = LATENCY_NODES, key: str = "bench-latency"
) -> Measured:
    """Run one long chain alone: the time from each node's end to the next one's."""
    nodes = stand.count(length)
    ended = _run(stand, stand.publish(chain(key, nodes)), nodes)
    figures = spread_ms(gaps(node_ends(ended.views[0])))
    return Measured(
        figures={**figures, "ms_per_node": _ms_per_node(ended, nodes)},
        nodes=nodes,
        cpu_seconds=stand.used,
    )


def measure_fanout(
    stand: Stand, *, width: int = FANOUT_WIDTH, key: str = "bench-fanout"
) -> Measured:
    """Run one node, then many at once, then one: from its start to its end."""
    branches = stand.count(width)
    nodes = branches + 2
    ended = _run(stand, stand.publish(fanout(key, branches)), nodes)
    figures = {
        "wall_s": round(ended.wall_seconds, 3),
        "ms_per_node": _ms_per_node(ended, nodes),
    }
    return Measured(figures=figures, nodes=nodes, cpu_seconds=stand.used)


def measure_start(stand: Stand) -> Measured:
    """Run single nodes one after another: from the request to the end as the client sees it."""
    runs = stand.count(START_RUNS)
    template = stand.publish(chain("bench-start", 1))
    _run(stand, template, 1)
    seconds: list[float] = []
    ids: list[str] = []
    with stand.watched():
        for _ in range(runs):
            begun = time.monotonic()
            ids.append(stand.run(template))
            seconds.append(time.monotonic() - begun)
    for instance_id in ids:
        stand.checked(instance_id, 1)
    return Measured(figures=spread_ms(seconds), nodes=runs, cpu_seconds=stand.used)


MEASURES: dict[Workload, Measure] = {
    Workload.CHAIN: measure_chain,
    Workload.LATENCY: measure_latency,
    Workload.FANOUT: measure_fanout,
    Workload.START: measure_start,
    Workload.CHAIN_IDEMPOTENT: partial(
        measure_chain, plugin=UNCLAIMED, key="bench-chain-idempotent"
    ),
    Workload.LIVE_100: partial(live, instances=100),
    Workload.LIVE_1000: partial(live, instances=1000),
    Workload.LIVE_10000: partial(live, instances=10_000),
    Workload.LONG_CHAIN: partial(measure_latency, length=LONG_NODES, key="bench-long-chain"),
    Workload.WIDE_FANOUT: partial(measure_fanout, width=WIDE_WIDTH, key="bench-wide-fanout"),
    Workload.TIMERS: timers,
}
"""How each workload is measured."""


def _run(stand: Stand, template: str, nodes: int) -> Ended:
    """Run one instance unobserved: what is measured is not disturbed by looking."""
    with stand.watched():
        batch = stand.start_many(template, 1, nodes=nodes)
        stand.await_settled(batch)
    return stand.ended(batch)


def _ms_per_node(ended: Ended, nodes: int) -> float:
    return round(ended.wall_seconds * 1000 / nodes, 3)
