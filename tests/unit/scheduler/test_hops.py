"""How long nodes wait between their plugins, and what of it is remembered."""

import uuid
from datetime import timedelta

from flowyard.telemetry.metrics import MetricName, Metrics
from flowyard.testing.driving import EPOCH
from flowyard_scheduler.dispatch import Dispatcher
from flowyard_scheduler.hops import Hops
from flowyard_scheduler.measures import oldest_steps
from flowyard_scheduler.queue_line import MAX_IDLE_PLUGINS, UNKNOWN_PLUGIN, Entry, QueueLine
from flowyard_scheduler.window import Window
from tests.unit.scheduler.test_dispatch import dispatcher, instance, key

STARTED: MetricName = "flowyard_scheduler_dispatched_to_started_seconds"
READIED: MetricName = "flowyard_scheduler_finished_to_ready_seconds"
SECOND = timedelta(seconds=1)


def begun(found: Dispatcher, number: int, *, after: timedelta) -> None:
    """Hand out a step of an instance, and let it begin after a while."""
    held = instance(number)
    found.enqueue(held, key(held), EPOCH, is_first=True)
    found.take(EPOCH)
    found.note_begun(uuid.UUID(int=number), "a", EPOCH + after, EPOCH + 2 * SECOND)


def sums(metrics: Metrics, name: MetricName) -> float:
    text = metrics.render().decode()
    return sum(float(line.split()[-1]) for line in text.splitlines() if f"{name}_sum" in line)


def test_a_step_that_begins_is_measured_once_however_often_that_is_told() -> None:
    found, metrics = dispatcher(), Metrics("scheduler")

    begun(found, 1, after=0.25 * SECOND)
    found.note_begun(uuid.UUID(int=1), "a", EPOCH + SECOND, EPOCH + 2 * SECOND)
    found.hops.observe(metrics)
    found.hops.observe(metrics)

    assert metrics.value(STARTED, queue="default") == 1
    assert sums(metrics, STARTED) == 0.25


def test_what_an_earlier_owner_has_handed_out_is_not_measured() -> None:
    found, metrics = dispatcher(), Metrics("scheduler")
    found.note_handed_out(key(instance(1)), "default", 0, EPOCH)

    found.note_begun(uuid.UUID(int=1), "a", EPOCH + SECOND, EPOCH + 2 * SECOND)
    found.hops.observe(metrics)

    assert metrics.value(STARTED, queue="default") == 0


def test_a_clock_that_is_behind_takes_nothing_from_the_sum() -> None:
    hops, metrics = Hops(), Metrics("scheduler")

    for seconds in (-3.0, 0.5):
        hops.readied(seconds)
        hops.started("default", seconds)
    hops.observe(metrics)

    assert sums(metrics, READIED) == 0.5
    assert sums(metrics, STARTED) == 0.5
    assert metrics.value(READIED) == 2


def test_the_oldest_step_of_each_plugin_is_the_one_that_came_first_and_does_not_run() -> None:
    found = dispatcher()
    for number in (1, 2):
        held = instance(number)
        found.enqueue(held, key(held), EPOCH + number * SECOND)
    at = EPOCH + 10 * SECOND

    waiting = oldest_steps(found.lines, at)
    found.take(at)
    handed_out = oldest_steps(found.lines, at)
    found.note_begun(uuid.UUID(int=1), "a", None, at)
    one_runs = oldest_steps(found.lines, at)
    found.release(uuid.UUID(int=2), "a")
    all_run = oldest_steps(found.lines, at)

    (place,) = {one for one in waiting if one[1] != UNKNOWN_PLUGIN}
    assert [one[place] for one in (waiting, handed_out, one_runs, all_run)] == [9, 9, 8, 0]


def test_a_step_that_could_not_be_published_keeps_its_age() -> None:
    found = dispatcher()
    held = instance(1)
    found.enqueue(held, key(held), EPOCH)
    (taken,) = found.take(EPOCH + SECOND)

    found.put_back(taken)

    assert max(oldest_steps(found.lines, EPOCH + 4 * SECOND).values()) == 4


def test_plugins_without_a_step_are_forgotten_beyond_a_bound() -> None:
    line = QueueLine("default", Window(0.1))

    for number in range(3 * MAX_IDLE_PLUGINS):
        one = Entry(key(instance(1)), line, "", 5, EPOCH, is_first=True, plugin=f"plugin-{number}")
        line.expect(one)
        line.hear(one)

    assert len(line.oldest_by_plugin()) == MAX_IDLE_PLUGINS
