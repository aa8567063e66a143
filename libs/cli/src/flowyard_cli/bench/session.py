"""A whole measurement: every workload as often as asked, and the medians with their conditions."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from flowyard_cli.bench.conditions import conditions
from flowyard_cli.bench.documents import chain
from flowyard_cli.bench.results import Measured, summary
from flowyard_cli.bench.stand import Stand
from flowyard_cli.bench.steady import run_steady
from flowyard_cli.bench.workload import Workload
from flowyard_cli.bench.workloads import CHAIN_INSTANCES, CHAIN_NODES, LATENCY_NODES, MEASURES
from flowyard_cli.terminal import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is measured, and what is known of the server."""

    workloads: Sequence[Workload]
    repeat: int = 1
    size: float = 1.0
    warm_up_seconds: float = 0.0
    """How long all kinds of load run before anything is measured; once in any case.

    What a server does only at first is no part of the figures: a broker that was just
    started compiles itself for half a minute.
    """
    steady_minutes: float = 0.0
    """How long steady load goes on after everything else; 0 leaves it out."""
    steady_nodes_per_s: float = 0.0
    is_embedded: bool = False
    noted: Mapping[str, str] = field(default_factory=dict)
    """Conditions, keyed by name."""


WARM_UP_RUNS = 20
"""Single nodes, one run after another, between two chains of the warm-up."""

Heard = Callable[[Workload, Measured], None]
"""Is told of each run as soon as it has ended."""


def measure(stand: Stand, plan: Plan, heard: Heard) -> JsonObject:
    """Run everything, and return the result as it is saved.

    The workloads take turns, so that whatever slows the machine for a while
    slows all of them.
    """
    stand.prepare()
    warm_up(stand, plan.warm_up_seconds)
    runs: dict[str, list[Measured]] = {one.value: [] for one in plan.workloads}
    for _ in range(plan.repeat):
        for workload in plan.workloads:
            measured = MEASURES[workload](stand)
            runs[workload.value].append(measured)
            heard(workload, measured)
    steady = _steady(stand, plan)
    return {
        **summary(runs),
        **steady,
        "rss_mb": stand.processes.memory_mb(),
        "conditions": conditions(
            plan.workloads,
            is_embedded=plan.is_embedded,
            repeat=plan.repeat,
            size=plan.size,
            noted=plan.noted,
        ),
    }


def warm_up(stand: Stand, seconds: float) -> None:
    """Run chains side by side, a long one and single nodes, which count for nothing."""
    template = stand.publish(chain("bench-warm-up", CHAIN_NODES))
    long = stand.publish(chain("bench-warm-up-long", LATENCY_NODES))
    single = stand.publish(chain("bench-warm-up-single", 1))
    until = time.monotonic() + seconds
    while True:
        many = stand.start_many(template, stand.count(CHAIN_INSTANCES), nodes=CHAIN_NODES)
        stand.await_settled(many)
        stand.await_settled(stand.start_many(long, 1, nodes=LATENCY_NODES))
        for _ in range(stand.count(WARM_UP_RUNS)):
            stand.run(single)
        if time.monotonic() >= until:
            return


def _steady(stand: Stand, plan: Plan) -> JsonObject:
    if not plan.steady_minutes:
        return {}
    found = run_steady(stand, minutes=plan.steady_minutes, nodes_per_s=plan.steady_nodes_per_s)
    return {"steady": found}
