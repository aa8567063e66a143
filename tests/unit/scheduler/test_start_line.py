"""Which new instances begin next, and how many."""

import uuid
from itertools import count

import pytest

from flowyard.storage.starts import Unstarted
from flowyard.testing.driving import EPOCH
from flowyard_scheduler import start_line
from flowyard_scheduler.dispatch import MAX_CROWD, Dispatcher
from flowyard_scheduler.start_line import StartLine
from tests.unit.scheduler.test_dispatch import instance, key

NUMBERS = count(1)
DEFAULT = ("default",)


def unstarted(project: str = "one", *, priority: int = 5, partition: int = 0) -> Unstarted:
    return Unstarted(
        instance_id=uuid.UUID(int=next(NUMBERS)),
        partition=partition,
        priority=priority,
        template_id=uuid.UUID(int=1),
        version=1,
        project=project,
        asked_at=EPOCH,
    )


def full_dispatcher(project: str, waiting: int) -> Dispatcher:
    """Return one whose only queue has no room, with instances of a project waiting in it."""
    found = Dispatcher(window=2)
    for number in range(2 + waiting):
        held = instance(1000 + number, project=project)
        found.enqueue(held, key(held), EPOCH)
        if number == 1:
            found.set_partitions("default", 1)
            found.take(EPOCH)
    return found


def lined(*waiting: Unstarted, queues: tuple[str, ...] = DEFAULT) -> StartLine:
    line = StartLine()
    for one in waiting:
        line.add(one, queues)
    return line


def test_projects_take_turns_and_each_keeps_its_order() -> None:
    flood = [unstarted("flood") for _ in range(5)]
    little = [unstarted("little") for _ in range(2)]

    taken = lined(*flood, *little).take(5, Dispatcher(100), 0.0)

    assert taken == [
        one.instance_id for one in (flood[0], little[0], flood[1], little[1], flood[2])
    ]


def test_turns_go_on_from_one_batch_to_the_next() -> None:
    waiting = [[unstarted(name) for _ in range(3)] for name in ("a", "b", "c")]
    line = lined(*(one for project in waiting for one in project))

    taken = [*line.take(1, Dispatcher(100), 0.0), *line.take(1, Dispatcher(100), 0.0)]

    assert taken == [waiting[0][0].instance_id, waiting[1][0].instance_id]


def test_higher_priorities_begin_first() -> None:
    low, high = unstarted(priority=1), unstarted(priority=9)

    assert lined(low, high).take(1, Dispatcher(100), 0.0) == [high.instance_id]


@pytest.mark.parametrize("waiting", [0, 3, MAX_CROWD])
def test_a_full_queue_lets_few_instances_of_a_project_wait_in_it(waiting: int) -> None:
    line = lined(*(unstarted("flood") for _ in range(50)))

    taken = line.take(100, full_dispatcher("flood", waiting), 0.0)

    assert len(taken) == MAX_CROWD - waiting
    assert len(line) == 50 - len(taken)


def test_a_project_without_anything_in_a_full_queue_begins() -> None:
    line = lined(unstarted("flood"), unstarted("little"))

    taken = line.take(10, full_dispatcher("flood", MAX_CROWD), 0.0)

    assert len(taken) == 1
    assert [group.project for group in line.groups] == ["flood"]


def test_room_in_one_queue_is_not_enough_for_a_flow_that_begins_with_two() -> None:
    line = lined(unstarted("flood"), queues=("default", "other"))

    assert line.take(10, full_dispatcher("flood", MAX_CROWD), 0.0) == []


def test_a_full_queue_holds_up_no_flow_that_begins_with_another() -> None:
    line = lined(unstarted("flood"), queues=("other",))

    assert len(line.take(10, full_dispatcher("flood", MAX_CROWD), 0.0)) == 1


def test_rule_9_whoever_has_left_the_line_leaves_nothing_behind() -> None:
    waiting = [unstarted(partition=number) for number in range(4)]
    line = lined(*waiting)

    line.discard(waiting[0].instance_id)
    line.discard(waiting[0].instance_id)
    line.drop_where(lambda partition: partition in (1, 2))
    line.take(10, Dispatcher(100), 0.0)

    assert len(line) == 0
    assert list(line.groups) == []


def test_rule_10_the_line_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start_line, "MAX_LINE", 3)

    line = lined(*(unstarted() for _ in range(9)))

    assert len(line) == 3


def drain(line: StartLine, seconds: float, per_second: int) -> None:
    """Let so many begin in a second, in ten batches each."""
    for tenth in range(1, int(seconds * 10) + 1):
        line.take(per_second // 10, Dispatcher(1000), tenth / 10)


def test_a_line_that_stands_has_the_pace_at_which_it_is_left() -> None:
    line = lined(*(unstarted() for _ in range(500)))
    line.take(1, Dispatcher(1000), 0.0)

    drain(line, 3, per_second=100)

    assert line.rates(3.0)["one", DEFAULT] == pytest.approx(100, rel=0.05)


def test_a_line_that_has_hardly_stood_has_no_pace_yet() -> None:
    line = lined(*(unstarted() for _ in range(53)))
    line.take(1, Dispatcher(1000), 0.0)

    assert line.rates(0.4)["one", DEFAULT] == 0


def test_time_in_which_nobody_stood_there_slows_no_line_down() -> None:
    line = lined(*(unstarted() for _ in range(101)))
    line.take(1, Dispatcher(1000), 0.0)
    drain(line, 1, per_second=100)
    assert len(line) == 0

    for one in (unstarted() for _ in range(50)):
        line.add(one, DEFAULT)
    line.take(1, Dispatcher(1000), 30.0)

    assert line.rates(30.1)["one", DEFAULT] == pytest.approx(100, rel=0.2)


def test_a_line_that_stands_still_loses_its_pace() -> None:
    line = lined(*(unstarted() for _ in range(500)))
    line.take(1, Dispatcher(1000), 0.0)
    drain(line, 1, per_second=100)

    assert line.rates(11.0)["one", DEFAULT] < 2


def test_rule_9_the_pace_of_a_line_that_is_gone_is_forgotten() -> None:
    line = lined(*(unstarted() for _ in range(2)))
    line.take(1, Dispatcher(1000), 0.0)
    line.take(1, Dispatcher(1000), 1.0)
    assert len(line) == 0

    assert list(line.rates(60.0)) == [("one", DEFAULT)]
    assert line.rates(62.0) == {}
