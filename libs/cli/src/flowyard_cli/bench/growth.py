"""Workloads that show how cost grows: with live instances, and with timers of one second."""

import math
from datetime import datetime, timedelta

from flowyard.clock import Clock, SystemClock
from flowyard_cli.bench.documents import chain, timer
from flowyard_cli.bench.measures import middle_rate, spread_ms
from flowyard_cli.bench.results import Measured
from flowyard_cli.bench.stand import Batch, Stand, activities, node_ends
from flowyard_cli.errors import BenchFailedError

LIVE_NODES = 20
"""Nodes of each instance. Source: the chain workload's."""

TIMERS = 1000
"""Timers of one second."""

LEAD_SECONDS = 10.0
"""How long before the timers are due the first instance is started; more for many of them."""

STARTS_PER_S = 200.0
"""Instances that can be started and brought to their timer per second, at least.

Source: the slowest machine that the bench was tried on.
"""


def live(stand: Stand, *, instances: int) -> Measured:
    """Run many instances at once: nodes per second over all, and in the middle of it.

    The middle leaves out how the first ones begin and the last ones end, which
    weighs the more the fewer instances there are.
    """
    count = stand.count(instances)
    template = stand.publish(chain("bench-live", LIVE_NODES))
    with stand.watched():
        batch = stand.start_many(template, count, nodes=LIVE_NODES)
        stand.await_settled(batch)
    ended = stand.ended(batch)
    nodes = count * LIVE_NODES
    ends = [moment for view in ended.views for moment in node_ends(view)]
    figures = {
        "wall_s": round(ended.wall_seconds, 3),
        "nodes_per_s": round(nodes / ended.wall_seconds, 1),
        "middle_nodes_per_s": round(middle_rate(ends) * count / len(ended.views), 1),
    }
    return Measured(figures=figures, nodes=nodes, cpu_seconds=stand.used)


def timers(stand: Stand, *, clock: Clock | None = None) -> Measured:
    """Let many timers become due in the same second: how late each is, and how fast they go.

    The clocks of the bench and of the server's database have to agree.
    """
    count = stand.count(TIMERS)
    lead = timedelta(seconds=math.ceil(LEAD_SECONDS + count / STARTS_PER_S))
    due = ((clock or SystemClock()).now() + lead).replace(microsecond=0)
    template = stand.publish(timer("bench-timers", due))
    with stand.watched():
        batch = stand.start_many(template, count, nodes=1)
        stand.await_settled(batch)
    late = _lateness(stand, batch, due)
    latest = max(late)
    figures = {
        **spread_ms(late),
        "max_ms": round(latest * 1000, 2),
        "timers_per_s": round(count / latest, 1),
    }
    return Measured(figures=figures, nodes=count, cpu_seconds=stand.used)


def _lateness(stand: Stand, batch: Batch, due: datetime) -> list[float]:
    """Return by how many seconds each timer was late."""
    late: list[float] = []
    for view in stand.ended(batch, views=len(batch.ids)).views:
        (node,) = activities(view)
        if node.reached_at is None or node.ended_at is None or node.reached_at >= due:
            raise BenchFailedError(
                "Expected every timer to be set before it is due, but one is not"
            )
        late.append((node.ended_at - due).total_seconds())
    return late
