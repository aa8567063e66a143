"""Random facts and commands, legal and illegal ones, and what must hold whatever they are."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flowyard.engine.advance import advance
from flowyard.engine.effects import (
    Decision,
)
from flowyard.engine.errors import UnknownAttemptError
from flowyard.engine.events import (
    AttemptKey,
    CancelInstance,
    CheckPostponed,
    ChildEnded,
    ChooseBranches,
    DeadlinePassed,
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
    SetPriority,
    SetVariables,
    SkipNode,
    SlotGranted,
    StepFailed,
    StepStarted,
    StepSucceeded,
    StepWaited,
    TimerElapsed,
)
from flowyard.engine.graph import (
    COMPENSATION,
    CONDITIONAL_KINDS,
    NOTICE,
    SATELLITE_SEPARATOR,
    WORK_KINDS,
    scope_of,
)
from flowyard.engine.lifecycle import FINAL_INSTANCE_STATUSES, InstanceStatus
from flowyard.engine.snapshot import NodeState, Snapshot, WaitReason
from flowyard.testing.driving import Driver
from tests.support.playing import check, reloaded
from tests.support.surroundings import (
    HANDED_OUT,
    WAITS,
    World,
    as_loaded,
    check_looks,
    check_world,
    outline,
    times_of,
)

MAX_STEPS = 5000
"""Most events that an instance may take to its end when nobody gets in its way."""


@dataclass
class Meddler:
    """Sends an instance whatever may come, in any order, and checks it after each event."""

    driver: Driver
    choices: list[int]
    position: int = 0
    world: World = field(default_factory=World)

    @property
    def snapshot(self) -> Snapshot:
        return self.driver.snapshot

    def choose(self, below: int) -> int:
        self.position += 1
        return self.choices[self.position % len(self.choices)] % below

    def pick(self, among: list[Any]) -> Any:
        return among[self.choose(len(among))]

    def send(self, event: Event) -> Decision:
        """Offer an event to the instance as it is held, and as it would be loaded."""
        before = reloaded(self.snapshot)
        loaded = advance(as_loaded(self.snapshot), event)
        decision = advance(self.snapshot, event)
        assert self.snapshot == before, "a decision changes nothing by itself"
        assert outline(decision) == outline(loaded), "memory and storage lead to the same"
        self.driver.send(event)
        self._take_ends(event, decision)
        self.world.follow(decision)
        check(self.snapshot)
        check_world(self.snapshot, self.world)
        check_looks(decision, event.at)
        return decision

    def _take_ends(self, event: Event, decision: Decision) -> None:
        if decision.is_stale or decision.rejection is not None:
            return
        match event:
            case StepSucceeded(key=key) | StepFailed(key=key):
                self.world.at_work.discard((key.node_id, key.number))
            case ChildEnded():
                self.world.children.discard((event.node_id, event.number))
            case _:
                pass  # whatever else counts ends nothing by itself

    def meddle(self) -> None:
        """Send something: what is due, what a person asks for, or what makes no sense."""
        match self.choose(8):
            case 0 | 1:
                self._offer(self._command())
            case 2:
                self._offer(self._instance_command())
            case 3:
                self._offer(self._any_fact())
            case 4 if self.driver.events:
                self._offer(self.pick(self.driver.events))
            case 5:
                self.driver.snapshot = reloaded(self.snapshot)
            case _:
                self.work()

    def _offer(self, event: Event) -> None:
        try:
            self.send(event)
        except UnknownAttemptError:
            assert not is_command(event)

    def _instance_command(self) -> Event:
        at = self.driver.tick()
        queued = frozenset(
            key for key, one in self.snapshot.nodes.items() if one.reason is WaitReason.QUEUED
        )
        commands: list[Event] = [
            PauseInstance(at=at, withdrawn=queued if self.choose(2) else frozenset()),
            ResumeInstance(at=at),
            SetPriority(at=at, priority=self.choose(11)),
            SetVariables(at=at, values={"v": 1}),
            CheckPostponed(node_id=self._any_node(), at=at, check_at=at + timedelta(days=1)),
            ResumeInstance(at=at),
            ResumeInstance(at=at),
            CancelInstance(at=at, is_rollback=self.choose(4) > 0),
        ]
        return self.pick(commands)  # type: ignore[no-any-return]  # it is one of them

    def _any_node(self) -> str:
        graph = list(self.snapshot.graph.nodes)
        reached = list(self.snapshot.nodes)
        standing = [key for key, one in self.snapshot.nodes.items() if one.reason is not None]
        role = self.pick(["0", "2", COMPENSATION, NOTICE, "none", "0:notify"])
        some = self.pick(graph)
        return str(
            self.pick([some, self.pick(reached or graph), f"{some}{SATELLITE_SEPARATOR}{role}"])
            if not standing or self.choose(3) == 0
            else self.pick(standing)
        )

    def _command(self) -> Event:
        node_id, at = self._any_node(), self.driver.tick()
        node = self.snapshot.graph.outgoing.get(node_id, ())
        targets = tuple(one.target for one in node[: 1 + self.choose(2)])
        makers: list[Callable[[], Event]] = [
            lambda: RetryNode(node_id=node_id, at=at),
            lambda: RetryNode(node_id=node_id, at=at, inputs={"edited": True}),
            lambda: SkipNode(node_id=node_id, at=at),
            lambda: ForceFail(node_id=node_id, at=at),
            lambda: ForceSucceed(node_id=node_id, at=at, outputs={"n": 0}),
            lambda: PauseNode(node_id=node_id, at=at),
            lambda: ResumeNode(node_id=node_id, at=at),
            lambda: ChooseBranches(node_id=node_id, at=at, targets=targets),
            lambda: ResetTimer(node_id=node_id, at=at, after=timedelta(seconds=self.choose(2))),
            lambda: RestartSubflow(node_id=node_id, at=at),
            lambda: RestartSubflow(node_id=node_id, at=at, inputs={"edited": True}),
            lambda: DecideApproval(
                node_id=node_id, at=at, approved=bool(self.choose(2)), comment="", actor="ann"
            ),
        ]
        return self.pick(makers)()  # type: ignore[no-any-return]  # each makes one

    def _any_fact(self) -> Event:
        node_id, at = self._any_node(), self.driver.tick()
        state = self.snapshot.nodes.get(node_id)
        attempt = None if state is None else state.attempt
        number = (0 if attempt is None else attempt.number) + self.pick([0, 0, 0, -1, 1])
        step = (0 if attempt is None else attempt.step) + self.pick([0, 0, 0, -1, 1])
        key = AttemptKey(node_id=node_id, number=number, step=step)
        if self.choose(3) == 0 and state is not None:
            at = self.driver.at = max([at, *times_of(state)])
        makers: list[Callable[[], Event]] = [
            lambda: StepStarted(key=key, at=at),
            lambda: StepSucceeded(key=key, at=at, outputs={"n": 1}),
            lambda: StepFailed(key=key, at=at, code="broken", message="It broke"),
            lambda: TimerElapsed(key=key, at=at),
            lambda: RetryDue(node_id=node_id, number=number, at=at),
            lambda: DeadlinePassed(node_id=node_id, number=number, at=at),
            lambda: DeadlinePassed(node_id=node_id, number=number, at=at),
            lambda: SlotGranted(node_id=node_id, number=number, at=at),
            lambda: DeliverCallback(node_id=node_id, number=number, at=at, data=1),
            lambda: ChildEnded(
                node_id=node_id,
                number=number,
                at=at,
                succeeded=bool(self.choose(2)),
                outputs={},
            ),
        ]
        return self.pick(makers)()  # type: ignore[no-any-return]  # each makes one

    def work(self) -> None:
        """Let something happen that is to be expected."""
        standing = [one for one in self.snapshot.nodes.values() if one.reason is not None]
        if standing:
            self._go_on(self.pick(standing), mishaps=True)

    def _go_on(self, state: NodeState, *, mishaps: bool) -> None:
        attempt, at = state.attempt, self.driver.tick()
        if attempt is None or (not attempt.is_open and state.reason is not WaitReason.RETRY):
            return
        key = AttemptKey(node_id=state.node_id, number=attempt.number, step=attempt.step)
        number, node_id = attempt.number, state.node_id
        reason = state.reason
        if mishaps and state.deadline_at is not None and self.choose(3) == 0:
            self.driver.at = max(at, state.deadline_at)
            self.send(DeadlinePassed(node_id=node_id, number=number, at=self.driver.at))
        elif reason in HANDED_OUT:
            self.send(self._result(key, at) if mishaps else _success(key, at))
        elif reason is WaitReason.CONCURRENCY:
            assert (node_id, number) in self.world.slots
            self.send(SlotGranted(node_id=node_id, number=number, at=at))
        elif reason is WaitReason.CHILD:
            succeeded = not mishaps or self.choose(3) > 0
            self.send(
                ChildEnded(
                    node_id=node_id, number=number, at=at, succeeded=succeeded, outputs={"n": 2}
                )
            )
        elif reason is WaitReason.RETRY and state.resume_at is not None:
            self.driver.at = max(at, state.resume_at)
            self.send(RetryDue(node_id=node_id, number=number, at=self.driver.at))
        elif reason in WAITS:
            self._end_wait(state, key)

    def _end_wait(self, state: NodeState, key: AttemptKey) -> None:
        at, attempt = self.driver.at, state.attempt
        if state.reason is WaitReason.CALLBACK:
            self.send(DeliverCallback(node_id=key.node_id, number=key.number, at=at, data=None))
        elif state.reason is WaitReason.APPROVAL:
            self.send(
                DecideApproval(node_id=key.node_id, at=at, approved=True, comment="", actor="ann")
            )
        elif attempt is not None and attempt.wait_until is not None:
            self.driver.at = max(at, attempt.wait_until)
            self.send(TimerElapsed(key=key, at=self.driver.at))

    def _result(self, key: AttemptKey, at: datetime) -> Event:
        match self.choose(8):
            case 0 | 1:
                return StepFailed(key=key, at=at, code="broken", message="It broke")
            case 2:
                return StepStarted(key=key, at=at)
            case 3 | 4:
                return StepWaited(
                    key=key,
                    at=at,
                    reason=self.pick(list(WAITS)),
                    after=timedelta(seconds=5),
                    state={"plugin": "noop"},
                )
            case _:
                return _success(key, at)

    def finish(self) -> None:
        """Bring the instance to its end, as people would who want it over with."""
        for _ in range(MAX_STEPS):
            if self.snapshot.status in FINAL_INSTANCE_STATUSES:
                return
            if self.snapshot.status is InstanceStatus.PAUSED:
                self.send(ResumeInstance(at=self.driver.tick()))
                continue
            standing = [one for one in self.snapshot.nodes.values() if one.reason is not None]
            before = len(self.driver.events)
            for state in standing:
                now = self.snapshot.nodes[state.node_id]
                if now == state and self.snapshot.status not in FINAL_INSTANCE_STATUSES:
                    self._bring_on(state)
            assert len(self.driver.events) > before, "it stands still"
        raise AssertionError("the instance does not end")

    def _bring_on(self, state: NodeState) -> None:
        if state.reason is WaitReason.BREAKPOINT:
            self._let_in(state.node_id)
        elif state.reason is WaitReason.INCIDENT:
            self._help(state.node_id)
        else:
            self._go_on(state, mishaps=False)

    def _let_in(self, node_id: str) -> None:
        """Take back whatever stops a token at a node: a stop there, or at what it lies in."""
        while node_id:
            if node_id in self.snapshot.breakpoints:
                self.send(ResumeNode(node_id=node_id, at=self.driver.tick()))
            node_id = scope_of(node_id)

    def _help(self, node_id: str) -> None:
        node, at = self.snapshot.graph.find(node_id), self.driver.tick()
        assert node is not None
        if node.kind in WORK_KINDS:
            self.send(ForceSucceed(node_id=node_id, at=at, outputs={}))
        elif node.kind in CONDITIONAL_KINDS:
            ahead = [one.target for one in self.snapshot.graph.outgoing[node_id] if not one.is_back]
            self.send(ChooseBranches(node_id=node_id, at=at, targets=(ahead[0],)))
        else:
            self.send(RetryNode(node_id=node_id, at=at))


def _success(key: AttemptKey, at: datetime) -> StepSucceeded:
    return StepSucceeded(key=key, at=at, outputs={"n": 3})


def is_command(event: Event) -> bool:
    """Tell whether an event is a person's: those are rejected, never unknown."""
    return isinstance(
        event,
        RetryNode | SkipNode | ForceFail | ForceSucceed | PauseNode | ResumeNode | ChooseBranches
        | ResetTimer | RestartSubflow | DecideApproval | PauseInstance | ResumeInstance
        | CancelInstance | SetPriority | SetVariables | DeliverCallback,
    )  # fmt: skip
