"""Random moves on one instance, and what must hold after each of them."""

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta

from msgspec.structs import replace

from flowyard.engine.errors import UnknownAttemptError
from flowyard.engine.events import (
    CancelInstance,
    ChooseBranches,
    DecideApproval,
    DeliverCallback,
    Event,
    ForceFail,
    ForceSucceed,
    PauseInstance,
    PauseNode,
    ResetTimer,
    RestartSubflow,
    ResumeInstance,
    ResumeNode,
    RetryDue,
    RetryNode,
    SkipNode,
    StepStarted,
)
from flowyard.engine.graph import Graph
from flowyard.engine.lifecycle import FINAL_INSTANCE_STATUSES, InstanceStatus, NodeStatus
from flowyard.engine.snapshot import Phase, Snapshot, WaitReason
from flowyard.testing.driving import Driver

MAX_STEPS = 400


@dataclass
class Player:
    """Plays random moves on one instance and checks what must hold after each."""

    driver: Driver
    choices: list[int]
    position: int = 0
    sent: list[Event] = field(default_factory=list)

    def choose(self, below: int) -> int:
        self.position += 1
        return self.choices[self.position % len(self.choices)] % below

    def move(self) -> None:
        match self.choose(13):
            case 0 if self.driver.events:
                self.repeat_an_event()
            case 1:
                self.driver.send(PauseInstance(at=self.driver.tick()))
            case 2:
                self.driver.send(ResumeInstance(at=self.driver.tick()))
            case 3:
                self.driver.snapshot = reloaded(self.driver.snapshot)
            case 4 | 5:
                self.repair()
            case 6:
                self.step_in()
            case _:
                self.work()
        check(self.driver.snapshot)

    def repeat_an_event(self) -> None:
        event = self.driver.events[self.choose(len(self.driver.events))]
        try:
            self.driver.send(event)
        except UnknownAttemptError:
            assert not isinstance(event, CancelInstance)

    def repair(self) -> None:
        failed = self.nodes(NodeStatus.FAILED)
        if not failed:
            return
        node_id = failed[self.choose(len(failed))]
        command = RetryNode if self.choose(3) else SkipNode
        self.driver.send(command(node_id=node_id, at=self.driver.tick()))

    def step_in(self) -> None:
        """Offer any operation at any node; what does not fit is rejected."""
        node_ids = [*self.driver.snapshot.graph.nodes, *self.driver.snapshot.nodes]
        node_id = node_ids[self.choose(len(node_ids))]
        at = self.driver.tick()
        after = timedelta(seconds=self.choose(3))
        edges = self.driver.snapshot.graph.outgoing.get(node_id, ())
        commands: tuple[Event, ...] = (
            ForceFail(node_id=node_id, at=at),
            ForceSucceed(node_id=node_id, at=at, outputs={"n": self.position}),
            PauseNode(node_id=node_id, at=at),
            ResumeNode(node_id=node_id, at=at),
            ChooseBranches(node_id=node_id, at=at, targets=tuple(e.target for e in edges)),
            ChooseBranches(node_id=node_id, at=at, targets=tuple(e.target for e in edges[:1])),
            ResetTimer(node_id=node_id, at=at, after=after),
            RestartSubflow(node_id=node_id, at=at),
        )
        self.driver.send(commands[self.choose(len(commands))])

    def work(self) -> None:
        ready = self.driver.ready()
        if not ready:
            self.end_a_wait()
            return
        node_id = ready[self.choose(len(ready))]
        match self.choose(8):
            case 0:
                self.driver.fail(node_id)
            case 1:
                self.driver.wait(node_id, after=timedelta(seconds=5))
            case 2:
                self.driver.wait(node_id, reason=WaitReason.CALLBACK, after=None)
            case 3:
                self.driver.wait(node_id, reason=WaitReason.APPROVAL, after=None)
            case 4:
                key = self.driver.key(node_id)
                self.driver.send(StepStarted(key=key, at=self.driver.tick()))
            case _:
                self.driver.succeed(node_id, {"n": self.position})

    def end_a_wait(self) -> None:
        for node_id in self.nodes(NodeStatus.WAITING):
            node = self.driver.snapshot.nodes[node_id]
            if node.reason is WaitReason.TIMER:
                self.driver.elapse(node_id)
            elif node.reason is WaitReason.CALLBACK and node.attempt is not None:
                self.driver.send(
                    DeliverCallback(
                        node_id=node_id,
                        number=node.attempt.number,
                        at=self.driver.tick(),
                        data=None,
                    )
                )
            elif node.reason is WaitReason.RETRY and node.attempt and node.resume_at:
                self.driver.at = max(self.driver.at, node.resume_at)
                self.driver.send(
                    RetryDue(node_id=node_id, number=node.attempt.number, at=self.driver.at)
                )
            elif node.reason is WaitReason.APPROVAL:
                self.driver.send(
                    DecideApproval(
                        node_id=node_id,
                        at=self.driver.tick(),
                        approved=True,
                        comment="",
                        actor="ann",
                    )
                )

    def nodes(self, status: NodeStatus) -> list[str]:
        return [key for key, node in self.driver.statuses().items() if node is status]

    def finish(self) -> None:
        """Bring the instance to its end without further mishaps."""
        for _ in range(MAX_STEPS * 10):
            if self.driver.snapshot.status in FINAL_INSTANCE_STATUSES:
                return
            if self.driver.snapshot.status is InstanceStatus.PAUSED:
                self.driver.send(ResumeInstance(at=self.driver.tick()))
            for node_id in self.driver.snapshot.breakpoints:
                self.driver.send(ResumeNode(node_id=node_id, at=self.driver.tick()))
            failed = self.nodes(NodeStatus.FAILED)
            if failed:
                self.driver.send(RetryNode(node_id=failed[0], at=self.driver.tick()))
            ready = self.driver.ready()
            if ready:
                self.driver.succeed(ready[0])
            else:
                self.end_a_wait()
            check(self.driver.snapshot)
        raise AssertionError("the instance does not end")


def check(snapshot: Snapshot) -> None:
    """What must hold after every event."""
    nodes = snapshot.nodes.values()
    assert snapshot.active_count == sum(node.is_active for node in nodes)
    assert snapshot.failed_count == sum(node.is_stopped for node in nodes)
    for node in nodes:
        waits = node.is_open or node.status is NodeStatus.FAILED
        assert (node.reason is not None) == waits, node
        assert (node.check_at is not None) == waits, node
        if node.attempt is not None and node.attempt.is_open:
            assert node.is_open, node
    if snapshot.status in FINAL_INSTANCE_STATUSES:
        assert not any(node.reason for node in nodes)
        assert snapshot.ended_at is not None
    if snapshot.phase is Phase.ROLLBACK:
        check_rollback(snapshot)
        return
    if snapshot.status is InstanceStatus.RUNNING:
        assert snapshot.active_count > 0
    if snapshot.status is InstanceStatus.FAILED:
        assert snapshot.failed_count > 0
        assert snapshot.active_count == 0


def check_rollback(snapshot: Snapshot) -> None:
    """What must hold after every event while what succeeded is undone: one thing at a time."""
    standing = [node for node in snapshot.nodes.values() if node.reason is not None]
    assert all(node.node_id.endswith(":rollback") for node in standing)
    assert len(standing) <= 1
    if snapshot.status is InstanceStatus.RUNNING:
        assert [node.is_open for node in standing] == [True]
    if snapshot.status is InstanceStatus.FAILED:
        assert [node.status for node in standing] == [NodeStatus.FAILED]


def reloaded(snapshot: Snapshot) -> Snapshot:
    """Return what a new owner would load: the same rows, with counts made anew."""
    fresh = replace(snapshot, nodes={}, active_count=0, failed_count=0)
    for node in deepcopy(list(snapshot.nodes.values())):
        fresh.nodes[node.node_id] = node
        fresh.active_count += node.is_active
        fresh.failed_count += node.is_stopped
    return fresh


def play(flow: Graph, choices: list[int]) -> Player:
    player = Player(Driver(flow), choices)
    player.driver.start()
    check(player.driver.snapshot)
    for _ in range(min(len(choices) * 4, MAX_STEPS)):
        player.move()
        if player.driver.snapshot.status in FINAL_INSTANCE_STATUSES:
            break
    return player
