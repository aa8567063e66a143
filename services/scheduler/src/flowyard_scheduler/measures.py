"""What the loop tells of its batches and of its memory, in numbers."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime

from flowyard.clock import Clock
from flowyard.contracts.topics import INSTANCE_EVENT
from flowyard.engine.lifecycle import FINAL_INSTANCE_STATUSES, InstanceStatus
from flowyard.messaging.consume import lag_of
from flowyard.messaging.ports import Consumer
from flowyard.telemetry.metric_registry import Key, Source
from flowyard.telemetry.metrics import MetricName, Metrics
from flowyard_scheduler.dispatch import Dispatcher
from flowyard_scheduler.intake import Intake
from flowyard_scheduler.memory import Memory
from flowyard_scheduler.ownership import Ownership
from flowyard_scheduler.queue_line import QueueLine
from flowyard_scheduler.rounds import BatchResult

_STOPPED = FINAL_INSTANCE_STATUSES | {InstanceStatus.FAILED}


OBSERVE_SECONDS = 0.5
"""Longest pause between two looks at the hops while there is work; noted meanwhile."""


class Measures:
    """Tells of batches; everything in it is called once a batch.

    Parameters
    ----------
    memory
        What is told of.
    clock
        Measures pauses.
    """

    def __init__(self, metrics: Metrics, memory: Memory, clock: Clock) -> None:
        self._metrics = metrics
        self._hops = memory.dispatcher.hops
        self._postgres_clock = memory.clock
        self._clock = clock
        self._observed_at = 0.0

    def failed(self) -> None:
        """Count a batch that has failed for a reason nobody has thought of."""
        self._metrics.count("flowyard_scheduler_failed_batches_total")

    def took_in(self, intake: Intake) -> None:
        """Count what came in and could not be read."""
        if intake.undecodable:
            self._metrics.count(
                "flowyard_scheduler_dead_letters_total", intake.undecodable, code="undecodable"
            )

    def stored(self, intake: Intake, result: BatchResult, seconds: float) -> None:
        """Tell of a batch that has changed something."""
        self._metrics.observe("flowyard_scheduler_batch_events", intake.event_count)
        self._metrics.observe("flowyard_scheduler_batch_seconds", seconds)
        now = self._postgres_clock.now().timestamp()
        for outcome in result.outcomes:
            for reported_at in outcome.readied:
                self._hops.readied(now - reported_at)
            status = outcome.write.held.snapshot.status
            if status in _STOPPED and status is not outcome.before:
                self._metrics.count("flowyard_scheduler_instances_ended_total", status=status.value)

    def observe(self) -> None:
        """Tell of the hops, now and then: for many at once each costs hardly anything."""
        now = self._clock.monotonic()
        if now - self._observed_at >= OBSERVE_SECONDS:
            self._observed_at = now
            self._hops.observe(self._metrics)


@contextmanager
def shown(
    metrics: Metrics, memory: Memory, ownership: Ownership, consumer: Consumer
) -> Iterator[None]:
    """Let everybody who looks see what a scheduler holds, for the length of the block."""
    dispatcher, clock = memory.dispatcher, memory.clock
    with ExitStack() as stack:
        stack.enter_context(metrics.before_looking(lambda: dispatcher.hops.observe(metrics)))
        sources: dict[MetricName, Source] = {
            "flowyard_kafka_lag_records": lambda: lag_of(consumer),
            "flowyard_scheduler_partition_owned": lambda: _owned(ownership),
            "flowyard_scheduler_held_instances": lambda: {(): len(memory.holding)},
            "flowyard_scheduler_waiting_starts": lambda: {(): len(memory.starts)},
            "flowyard_scheduler_queued_steps": lambda: _by_queue(
                dispatcher, dispatcher.waiting_count
            ),
            "flowyard_scheduler_handed_out_steps": lambda: _by_queue(
                dispatcher, dispatcher.handed_out_count
            ),
            "flowyard_scheduler_queue_window": lambda: _by_queue(dispatcher, dispatcher.window_of),
            "flowyard_scheduler_oldest_step_seconds": lambda: oldest_steps(
                dispatcher.lines, clock.now()
            ),
        }
        for name, source in sources.items():
            stack.enter_context(metrics.showing(name, source))
        yield


def oldest_steps(lines: Iterable[QueueLine], now: datetime) -> dict[Key, float]:
    """Return the age in seconds of the oldest step that is not known to run, by queue and plugin.

    A queue without such a step shows 0 for the plugins that it had steps of.
    """
    found: dict[Key, float] = {}
    for line in lines:
        for plugin, since in line.oldest_by_plugin().items():
            age = 0.0 if since is None else max(0.0, (now - since).total_seconds())
            found[line.name, plugin] = age
    return found


def _by_queue(dispatcher: Dispatcher, count: Callable[[str], int]) -> dict[Key, float]:
    return {(queue,): count(queue) for queue in dispatcher.queues}


def _owned(ownership: Ownership) -> dict[Key, float]:
    return {(INSTANCE_EVENT, str(partition)): 1.0 for partition in ownership.share.owned}
