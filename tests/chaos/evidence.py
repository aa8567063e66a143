"""What processes say of themselves: their logs, their detectors, what they still hold."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from flowyard.contracts.topics import DEAD_LETTER_SUFFIX
from tests.support.processes import ServiceProcess

DETECTORS = (
    "flowyard_scheduler_stuck_nodes_total",
    "flowyard_scheduler_broken_instances_total",
    "flowyard_scheduler_failed_batches_total",
    "flowyard_scheduler_unknown_instances_total",
    "flowyard_worker_dead_letters_total",
)
"""Counters of what may never happen."""

TOLD = (
    "flowyard_scheduler_overdue_nodes_total",
    "flowyard_scheduler_revision_conflicts_total",
    "flowyard_scheduler_stale_facts_total",
)
"""Counters that tell what repair and guards had to do."""

HELD = (
    "flowyard_scheduler_queued_steps",
    "flowyard_scheduler_handed_out_steps",
    "flowyard_worker_steps_in_flight",
    "flowyard_plugin_gateway_held_steps",
)
"""Gauges of what is under way: nothing, at the end."""

STUCK = "A node is stuck"
OF_OURS = "flowyard"
"""The loggers that are ours begin with it; clients of Kafka call an absent broker an error."""


@dataclass(slots=True)
class Meter:
    """Counters of processes that are killed now and then: what they lose is added up.

    A process that is killed takes along what it counted since the last look.
    """

    sums: Counter[str] = field(default_factory=Counter)
    _last: dict[tuple[str, str], float] = field(default_factory=dict)

    async def look(self, processes: Mapping[str, ServiceProcess]) -> None:
        """Read the counters of whoever answers."""
        async with httpx.AsyncClient(timeout=1, trust_env=False) as client:
            for name, process in processes.items():
                with suppress(httpx.TransportError):
                    answer = await client.get(f"{process.url}/metrics")
                    self._take(name, answer.text)

    def _take(self, process: str, text: str) -> None:
        for metric in (*DETECTORS, *TOLD):
            value = summed(text, metric)
            before = self._last.get((process, metric), 0.0)
            # A smaller one is that of a new process.
            self.sums[metric] += int(value - before if value >= before else value)
            self._last[process, metric] = value


def summed(text: str, metric: str) -> float:
    """Return the sum of a metric over its labels, from Prometheus' text."""
    return sum(
        float(line.rsplit(" ", 1)[1])
        for line in text.splitlines()
        if line.startswith((f"{metric} ", f"{metric}{{"))
    )


def held(processes: Mapping[str, ServiceProcess]) -> list[str]:
    """Return what processes still hold."""
    return [one for name, process in processes.items() for one in _held(name, process)]


def _held(name: str, process: ServiceProcess) -> list[str]:
    try:
        values = {metric: process.metric(metric) for metric in HELD}
    except httpx.TransportError as error:
        return [f"{name} does not tell what it still has: {error!r}"]
    return [f"{name} still has {metric} = {value:.0f}" for metric, value in values.items() if value]


def bad_lines(logs: Mapping[str, Path]) -> Counter[str]:
    """Return what our own code has called an error, with how often it did, and every fault."""
    found: Counter[str] = Counter()
    for name, log in logs.items():
        service = name.rpartition("-")[0]
        for line in log.read_text(errors="replace").splitlines():
            said = _decoded(line)
            if said is None:
                # What is not a log line comes from an interpreter that dies, or from a library.
                if line.startswith("Traceback"):
                    found[f"{service}: a traceback outside of the log"] += 1
            elif said["level"] in {"error", "critical"} and said["logger"].startswith(OF_OURS):
                found[f"{service}: {said['message']}"] += 1
    return found


def _decoded(line: str) -> dict[str, Any] | None:
    try:
        said = json.loads(line)
    except ValueError:
        return None
    return said if isinstance(said, dict) and "level" in said else None


async def dead_letters(servers: str) -> list[str]:
    """Return which dead-letter topics have records, and how many."""
    async with AIOKafkaConsumer(bootstrap_servers=servers) as consumer:
        topics = [one for one in await consumer.topics() if one.endswith(DEAD_LETTER_SUFFIX)]
        found: list[str] = []
        for topic in topics:
            places = [TopicPartition(topic, n) for n in consumer.partitions_for_topic(topic) or ()]
            ends = await consumer.end_offsets(places)
            if total := sum(ends.values()):
                found.append(f"{total} dead letters on {topic}")
        return found


def tails(logs: Mapping[str, Path], names: Sequence[str], *, characters: int = 2500) -> str:
    """Return the ends of some logs."""
    parts: list[str] = []
    for name in names:
        text = logs[name].read_text(errors="replace") if logs[name].exists() else ""
        parts.append(f"--- {name}\n{text[-characters:]}")
    return "\n".join(parts)
