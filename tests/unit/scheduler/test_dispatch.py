"""Which step is handed out next, and what is kept of those that wait no longer."""

import uuid
from dataclasses import replace

from flowyard.storage.advance_store import HeldInstance, StepKey
from flowyard.testing.driving import EPOCH, snapshot_of
from flowyard.testing.graphs import activity, graph, optioned
from flowyard_scheduler.dispatch import Dispatcher

FLOW = graph("start a b end", optioned(activity("b"), priority=7))


def instance(number: int, *, project: str = "one", priority: int = 5) -> HeldInstance:
    snapshot = snapshot_of(FLOW)
    snapshot.facts = replace(snapshot.facts, instance_id=uuid.UUID(int=number), project=project)
    snapshot.priority = priority
    return HeldInstance(
        snapshot=snapshot, project_id=uuid.UUID(int=1), partition=0, traceparent=None
    )


def key(held: HeldInstance, node_id: str = "a", number: int = 1) -> StepKey:
    return StepKey(
        instance_id=held.snapshot.facts.instance_id, node_id=node_id, number=number, step=0
    )


def dispatcher(window: int = 100) -> Dispatcher:
    found = Dispatcher(window)
    found.note_handed_out(key(instance(99)), "default", 0)
    found.release(uuid.UUID(int=99), "a")
    found.set_partitions("default", 2)
    return found


def taken(found: Dispatcher) -> list[int]:
    return [one.key.instance_id.int for one in found.take(EPOCH)]


def test_higher_priorities_go_first_and_projects_take_turns() -> None:
    found = dispatcher()
    for number in (1, 2, 3):
        held = instance(number)
        found.enqueue(held, key(held))
    other, urgent = instance(4, project="two"), instance(5, priority=9)
    found.enqueue(other, key(other))
    found.enqueue(urgent, key(urgent))

    assert taken(found) == [5, 1, 4, 2, 3]


def test_a_step_of_another_priority_changes_places_once() -> None:
    found = dispatcher()
    first, second = instance(1), instance(2)
    found.enqueue(first, key(first))
    found.enqueue(second, key(second))

    for priority in (0, 9, 1, 9, 0, 8):
        second.snapshot.priority = priority
        found.reorder(second)

    assert found.waiting_count("default") == 2
    assert taken(found) == [2, 1]


def test_a_nodes_own_priority_stays() -> None:
    found = dispatcher()
    held, other = instance(1), instance(2, priority=6)
    found.enqueue(held, key(held, "b"))
    found.enqueue(other, key(other))

    held.snapshot.priority = 0
    found.reorder(held)

    assert taken(found) == [1, 2]


def test_rule_9_steps_that_wait_no_longer_leave_nothing_behind() -> None:
    found = dispatcher(window=0)
    held = instance(1)

    for _ in range(3):
        found.enqueue(held, key(held))
        assert found.withdraw(uuid.UUID(int=1)) == {"a"}
    for number in range(10):
        other = instance(number)
        found.enqueue(other, key(other))
        found.forget(uuid.UUID(int=number))

    assert found.waiting_count("default") == 0


def test_what_could_not_be_published_keeps_its_turn() -> None:
    found = dispatcher()
    for number, project in ((1, "one"), (2, "two"), (3, "one")):
        held = instance(number, project=project)
        found.enqueue(held, key(held))
    handed_out = found.take(EPOCH)

    for one in reversed(handed_out):
        found.put_back(one)

    assert found.handed_out_count("default") == 0
    assert taken(found) == [1, 2, 3]
