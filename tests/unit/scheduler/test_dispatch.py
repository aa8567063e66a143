"""Which step is handed out next, and what is kept of those that wait no longer."""

import uuid

from msgspec.structs import replace

from flowyard.storage.advance_store import HeldInstance, StepKey
from flowyard.testing.driving import EPOCH, snapshot_of
from flowyard.testing.graphs import activity, graph, optioned
from flowyard_scheduler.dispatch import Dispatcher, HandOut
from flowyard_scheduler.queue_line import Entry
from flowyard_scheduler.window import FIRST_SIZE

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
    found.note_handed_out(key(instance(99)), "default", 0, EPOCH)
    found.release(uuid.UUID(int=99), "a")
    found.set_partitions("default", 2)
    return found


def waiting(found: Dispatcher, held: HeldInstance, nodes: int) -> None:
    """Have several nodes of an instance wait."""
    flow = graph(*(f"start n{number} end" for number in range(nodes)))
    held.snapshot.graph = flow
    for number in range(nodes):
        found.enqueue(held, key(held, f"n{number}"), EPOCH)


def finish(found: Dispatcher, one: HandOut) -> None:
    found.release(one.key.instance_id, one.key.node_id)


def taken(found: Dispatcher) -> list[int]:
    return [one.key.instance_id.int for one in found.take(EPOCH)]


def test_higher_priorities_go_first_and_then_whoever_has_the_least_out() -> None:
    found = dispatcher()
    for number in (1, 2, 3):
        held = instance(number)
        found.enqueue(held, key(held), EPOCH)
    other, urgent = instance(4, project="two"), instance(5, priority=9)
    found.enqueue(other, key(other), EPOCH)
    found.enqueue(urgent, key(urgent), EPOCH)

    assert taken(found) == [5, 4, 1, 2, 3]


def test_a_step_of_another_priority_changes_places_once() -> None:
    found = dispatcher()
    first, second = instance(1), instance(2)
    found.enqueue(first, key(first), EPOCH)
    found.enqueue(second, key(second), EPOCH)

    for priority in (0, 9, 1, 9, 0, 8):
        second.snapshot.priority = priority
        found.reorder(second)

    assert found.waiting_count("default") == 2
    assert taken(found) == [2, 1]


def test_a_nodes_own_priority_stays() -> None:
    found = dispatcher()
    held, other = instance(1), instance(2, priority=6)
    found.enqueue(held, key(held, "b"), EPOCH)
    found.enqueue(other, key(other), EPOCH)

    held.snapshot.priority = 0
    found.reorder(held)

    assert taken(found) == [1, 2]


def test_rule_9_steps_that_wait_no_longer_leave_nothing_behind() -> None:
    found = dispatcher(window=0)
    held = instance(1)

    for _ in range(3):
        found.enqueue(held, key(held), EPOCH)
        assert found.withdraw(uuid.UUID(int=1)) == {"a"}
    for number in range(10):
        other = instance(number)
        found.enqueue(other, key(other), EPOCH)
        found.forget(uuid.UUID(int=number))

    assert found.waiting_count("default") == 0


def test_what_could_not_be_published_keeps_its_turn() -> None:
    found = dispatcher()
    for number, project in ((1, "one"), (2, "two"), (3, "one")):
        held = instance(number, project=project)
        found.enqueue(held, key(held), EPOCH)
    handed_out = found.take(EPOCH)

    for one in reversed(handed_out):
        found.put_back(one)

    assert found.handed_out_count("default") == 0
    assert taken(found) == [1, 2, 3]


def test_a_project_with_much_work_does_not_delay_one_with_little() -> None:
    found = dispatcher(window=16)
    waiting(found, instance(1, project="flood"), 5000)
    out = found.take(EPOCH)
    assert len(out) == 16

    waiting(found, instance(2, project="little"), 10)
    served: list[str] = []
    for _ in range(10):
        finish(found, out.pop(0))
        (one,) = found.take(EPOCH)
        served.append(one.project)
        out.append(one)

    assert served.count("little") >= 8


def test_long_steps_of_one_project_leave_another_its_half_of_the_window() -> None:
    found = dispatcher(window=20)
    waiting(found, instance(1, project="long"), 500)
    waiting(found, instance(2, project="short"), 500)

    found.take(EPOCH)
    served = 0
    for _ in range(20):
        for one in [one for one in out_of(found) if one.project == "short"]:
            found.release(one.key.instance_id, one.key.node_id)
        served += sum(one.project == "short" for one in found.take(EPOCH))

    assert sum(one.project == "long" for one in out_of(found)) == 10
    assert served == 200


def test_steps_that_run_for_long_leave_room_for_others_but_never_beyond_the_setting() -> None:
    found = dispatcher(window=80)
    held = instance(1)
    waiting(found, held, 100)
    for _ in range(4):
        for one in found.take(EPOCH):
            found.note_begun(one.key.instance_id, one.key.node_id, None, EPOCH)

    assert found.window_of("default") == FIRST_SIZE
    assert found.handed_out_count("default") == 80
    assert found.take(EPOCH) == []


def test_instances_of_a_project_take_turns() -> None:
    found = dispatcher(window=6)
    waiting(found, instance(1), 100)
    waiting(found, instance(2), 100)
    small = instance(3)
    found.enqueue(small, key(small), EPOCH)

    assert taken(found) == [1, 2, 3, 1, 2, 1]


def test_a_step_that_goes_out_and_comes_back_is_counted_once() -> None:
    found = dispatcher(window=4)
    waiting(found, instance(1, project="a"), 3)
    waiting(found, instance(2, project="b"), 3)

    out = found.take(EPOCH)
    for one in reversed(out):
        found.put_back(one)
    again = found.take(EPOCH)

    assert [one.key for one in again] == [one.key for one in out]
    assert found.handed_out_count("default") == 4


def out_of(found: Dispatcher) -> list[Entry]:
    (line,) = found.lines
    return [*line.unbegun, *line.begun]
