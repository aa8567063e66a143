"""What holds of the dispatcher whatever is queued, finished, taken back and forgotten."""

import uuid
from collections import Counter

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from msgspec.structs import replace
from typing_extensions import override

from flowyard.storage.advance_store import HeldInstance, StepKey
from flowyard.testing.driving import EPOCH, snapshot_of
from flowyard.testing.graphs import activity, graph
from flowyard_scheduler.dispatch import Dispatcher, HandOut

NODES = 4
QUEUES = ("default", "slow")
FLOW = graph(
    *(f"start n{number} end" for number in range(NODES)),
    *(activity(f"n{number}", queue=QUEUES[number % 2]) for number in range(NODES)),
)
WINDOW = 5


def _instance(number: int) -> HeldInstance:
    snapshot = snapshot_of(FLOW)
    snapshot.facts = replace(
        snapshot.facts, instance_id=uuid.UUID(int=number), project=f"p{number % 3}"
    )
    snapshot.priority = 5 + (number % 4 == 0)
    return HeldInstance(
        snapshot=snapshot, project_id=uuid.UUID(int=1), partition=number, traceparent=None
    )


INSTANCES = [_instance(number) for number in range(8)]
instances = st.sampled_from(INSTANCES)
nodes = st.integers(0, NODES - 1).map(lambda number: f"n{number}")


class DispatchMachine(RuleBasedStateMachine):
    """Drives a dispatcher and keeps beside it what must be waiting and what must be out."""

    def __init__(self) -> None:
        super().__init__()
        self.found = Dispatcher(WINDOW)
        self.waiting: dict[tuple[int, str], StepKey] = {}
        self.out: dict[tuple[int, str], HandOut] = {}
        self.steps = 0

    @rule(held=instances, node_id=nodes)
    def queue_step(self, held: HeldInstance, node_id: str) -> None:
        number = held.snapshot.facts.instance_id.int
        self.steps += 1
        key = StepKey(instance_id=uuid.UUID(int=number), node_id=node_id, number=1, step=self.steps)
        self.found.enqueue(held, key, EPOCH)
        self.found.enqueue(held, key, EPOCH)
        self.out.pop((number, node_id), None)
        self.waiting[number, node_id] = key
        for queue in self.found.unopened():
            self.found.set_partitions(queue, 3)

    @rule()
    def take(self) -> None:
        before = self._waiting_projects()
        for one in self.found.take(EPOCH):
            place = (one.key.instance_id.int, one.key.node_id)
            assert self.waiting.pop(place) == one.key
            self._check_turn(one, before)
            before = self._waiting_projects()
            self.out[place] = one

    @rule(held=instances, node_id=nodes)
    def finish(self, held: HeldInstance, node_id: str) -> None:
        number = held.snapshot.facts.instance_id.int
        self.found.release(uuid.UUID(int=number), node_id)
        self.out.pop((number, node_id), None)
        self.waiting.pop((number, node_id), None)

    @rule(held=instances, node_id=nodes)
    def report_running(self, held: HeldInstance, node_id: str) -> None:
        self.found.note_begun(held.snapshot.facts.instance_id, node_id, EPOCH, EPOCH)

    @precondition(lambda self: self.out)
    @rule(data=st.data())
    def put_back(self, data: st.DataObject) -> None:
        place = data.draw(st.sampled_from(sorted(self.out)))
        one = self.out.pop(place)
        self.found.put_back(one)
        self.waiting[place] = one.key

    @rule(held=instances)
    def withdraw(self, held: HeldInstance) -> None:
        number = held.snapshot.facts.instance_id.int
        taken_back = {node_id for owner, node_id in self.waiting if owner == number}
        assert self.found.withdraw(uuid.UUID(int=number)) == taken_back
        for node_id in taken_back:
            del self.waiting[number, node_id]

    @rule(partition=st.integers(0, 3))
    def lose_partition(self, partition: int) -> None:
        self.found.forget_partitions(frozenset({partition}), 4)
        self.out = {place: one for place, one in self.out.items() if place[0] % 4 != partition}
        self.waiting = {
            place: key for place, key in self.waiting.items() if place[0] % 4 != partition
        }

    @rule(held=instances, priority=st.integers(0, 9))
    def change_priority(self, held: HeldInstance, priority: int) -> None:
        held.snapshot.priority = priority
        self.found.reorder(held)

    @invariant()
    def counts_are_those_of_the_steps(self) -> None:
        for queue in self.found.queues:
            waits = sum(QUEUES[int(node_id[1:]) % 2] == queue for _, node_id in self.waiting)
            out = [one for one in self.out.values() if one.queue == queue]
            assert self.found.waiting_count(queue) == waits
            assert self.found.handed_out_count(queue) == len(out) <= WINDOW
        for line in self.found.lines:
            assert sum(line.outstanding) == line.handed_out_count
            assert sum(line.out.values()) == line.handed_out_count
            assert sum(map(len, line.waiting.values())) == line.waiting_count
            assert all(lane.shares for lane in line.lanes.values())
        assert self.found.node_count == len(self.waiting) + len(self.out)

    @override
    def teardown(self) -> None:
        for held in INSTANCES:
            self.found.forget(held.snapshot.facts.instance_id)
            held.snapshot.priority = 5
        assert self.found.node_count == 0
        assert not self.found.is_crowded
        assert all(not line.lanes and not line.out for line in self.found.lines)

    def _waiting_projects(self) -> dict[str, list[tuple[int, str]]]:
        """Return priority and project of what waits, by queue."""
        found: dict[str, list[tuple[int, str]]] = {queue: [] for queue in QUEUES}
        for number, node_id in self.waiting:
            held = INSTANCES[number]
            place = (held.snapshot.priority, held.snapshot.facts.project)
            found[QUEUES[int(node_id[1:]) % 2]].append(place)
        return found

    def _check_turn(self, one: HandOut, before: dict[str, list[tuple[int, str]]]) -> None:
        """Nobody is passed over who has a higher priority, or as high a one and less out."""
        rivals = before[one.queue]
        assert one.priority == max(priority for priority, _ in rivals)
        out = Counter(other.project for other in self.out.values() if other.queue == one.queue)
        equals = {project for priority, project in rivals if priority == one.priority}
        assert out[one.project] == min(out[project] for project in equals)


TestDispatch = DispatchMachine.TestCase
TestDispatch.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
