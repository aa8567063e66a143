"""Taking steps in: each is refused, joined, answered from the store, or run; never run twice.

Rules and theory of operation
-----------------------------
1. A step is *held* in memory from its delivery on. A further delivery to this
   process joins it. So whatever the rows say, this process begins a step once.
2. Steps that must not be repeated are claimed, all of a request in one
   statement. Those that were not free, and those that need no claim, are read in
   one more; :func:`flowyard_plugin_gateway.verdict.judge` decides about each.
3. A row that this process has claimed without holding the step was claimed by a
   statement whose answer was lost: the step was never begun, so it is run.
4. A claim that cannot be used is released before the step is let go.
5. Nothing of this hangs on the request: a client that goes away stops no step.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self, assert_never

from flowyard.contracts.plugin_api import StepBatch
from flowyard.contracts.records import ReadyStep
from flowyard.errors import RetryableError
from flowyard.storage.claims import StepKey, StepRow, claim_steps, read_steps
from flowyard.storage.database import Database
from flowyard.telemetry.logs import about
from flowyard.telemetry.metrics import Metrics
from flowyard_plugin_gateway.answers import AnswerGate
from flowyard_plugin_gateway.execution import StepExecutor
from flowyard_plugin_gateway.held_step import HeldStep
from flowyard_plugin_gateway.lease import RunnerLease
from flowyard_plugin_gateway.log_writer import LogWriter
from flowyard_plugin_gateway.outcomes import OutcomeWriter
from flowyard_plugin_gateway.preparation import Preparation
from flowyard_plugin_gateway.registry import PluginRegistry
from flowyard_plugin_gateway.stream import RefusalCode, StepStream, refused_line
from flowyard_plugin_gateway.verdict import Verdict, judge
from flowyard_plugin_gateway.watch import ClaimWatch

logger = logging.getLogger("flowyard.plugin_gateway")

MAX_INTEGER = 2**31 - 1
"""Largest value of Postgres' type integer."""

OUTCOME_UNKNOWN = "outcome_unknown"
"""Failure code of a step that was begun by a process which died."""

UNKNOWN_MESSAGE = (
    "The step was begun by a plugin gateway that has gone; whether it took effect is not known."
)
"""What a person reads about it."""


class StepIntake:
    """Takes batches of steps and answers each with a stream of lines.

    Parameters
    ----------
    database, metrics
        As everywhere.
    registry
        The plugins that can be run here.
    lease
        This process's.
    preparation, executor, gate, logs
        What a step goes through.
    capacity
        How many steps may be held at once.
    """

    def __init__(
        self,
        *,
        database: Database,
        metrics: Metrics,
        registry: PluginRegistry,
        lease: RunnerLease,
        preparation: Preparation,
        executor: StepExecutor,
        gate: AnswerGate,
        logs: LogWriter,
        capacity: int,
    ) -> None:
        self._database = database
        self._metrics = metrics
        self._registry = registry
        self._lease = lease
        self._preparation = preparation
        self._executor = executor
        self._gate = gate
        self._logs = logs
        self._capacity = capacity
        self._held: dict[StepKey, HeldStep] = {}
        self._admissions: set[asyncio.Task[None]] = set()
        self._is_draining = False
        self._emptied = asyncio.Event()
        self._writer = OutcomeWriter(database, metrics, boot_id=lease.boot_id, let_go=self._let_go)
        self._watch = ClaimWatch(
            database,
            silence=lease.silence_of_the_dead,
            decide=self._look_at,
            given_up=self._settle_unknown,
        )

    @property
    def is_accepting(self) -> bool:
        """Tell whether a new step would be taken."""
        return not self._is_draining and self._lease.is_held() and len(self._held) < self._capacity

    async def __aenter__(self) -> Self:
        """Begin to take steps."""
        await self._writer.__aenter__()
        await self._watch.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop everything that still runs; call :meth:`drain` first. Safe to call twice."""
        self._is_draining = True
        for held in self._held.values():
            held.abandon()
        tasks = [held.task for held in self._held.values() if held.task is not None]
        for task in [*tasks, *self._admissions]:
            task.cancel()
        await self._watch.__aexit__(kind, error, trace)
        await self._writer.__aexit__(kind, error, trace)
        self._held.clear()

    def accept(self, batch: StepBatch) -> StepStream:
        """Take a batch, and return the stream of its answer."""
        stream = StepStream(len(batch.steps))
        room = self._capacity - len(self._held) if self.is_accepting else 0
        fresh: list[HeldStep] = []
        for step in batch.steps:
            held = self._take(step, stream, may_hold=len(fresh) < room)
            if held is not None:
                fresh.append(held)
        if fresh:
            self._admit(fresh)
        return stream

    async def drain(self, seconds: float) -> None:
        """Take nothing new, and return when nothing is held any more, or the time is over.

        Steps that run elsewhere are refused, so that their workers ask another gateway.
        """
        self._is_draining = True
        for held in self._watch.steps:
            self._watch.forget(held)
            self._refuse(held, "draining")
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.wait_idle()
        for held in self._held.values():
            logger.error("A step was left behind", extra=dict(held.log_facts))

    async def wait_idle(self) -> None:
        """Return when nothing is held: all is answered, and all outcomes are stored."""
        while self._held:
            self._emptied.clear()
            await self._emptied.wait()

    def sample(self) -> None:
        """Show how many steps are held now, and how long the latest took."""
        self._executor.observe()
        self._metrics.set("flowyard_plugin_gateway_held_steps", len(self._held))

    def stop(self, key: StepKey) -> bool:
        """Stop a step whose attempt is cancelled; False if it is not held here.

        One that is not begun yet is not begun any more.
        """
        held = self._held.get(key)
        if held is None:
            return False
        if not (held.is_stopping or held.has_ended or held.is_releasing):
            self._metrics.count("flowyard_plugin_gateway_cancellations_total", result="stopped")
            self._executor.stop(held, self._ended)
        return True

    def running_unclaimed(self) -> list[StepKey]:
        """Return the steps that run here without a claim: no row says that they do."""
        return [
            held.key
            for held in self._held.values()
            if held.task is not None and not held.needs_claim and not held.is_stopping
        ]

    def _take(self, step: ReadyStep, stream: StepStream, *, may_hold: bool) -> HeldStep | None:
        ref = step.ref
        key = StepKey(ref.instance_id, ref.node_id, ref.number, ref.step)
        held = self._held.get(key)
        if held is not None and not held.is_releasing:
            self._count("joined")
            held.join(stream)
            return None
        if not _can_exist(key):
            self._count("stale")
            stream.finish(refused_line(ref, "stale"))
            return None
        plugin = self._registry.get(step.plugin, step.version)
        if held is not None or not may_hold or plugin is None:
            code: RefusalCode = "unknown_plugin" if plugin is None else "draining"
            self._count(code)
            stream.finish(refused_line(ref, code))
            return None
        held = self._held[key] = HeldStep(key, step, plugin, stream)
        return held

    def _admit(self, steps: Sequence[HeldStep]) -> None:
        task = asyncio.create_task(self._admission(steps))
        self._admissions.add(task)
        task.add_done_callback(self._admissions.discard)

    async def _admission(self, steps: Sequence[HeldStep]) -> None:
        undecided = dict.fromkeys(steps)
        try:
            await self._preparation.prepare(steps)
            claimed = await self._claim(steps)
            self._count("claimed", len(claimed))
            for held in claimed:
                del undecided[held]
                self._run(held)
            if undecided:
                await self._read(undecided)
        except RetryableError:
            logger.warning("Steps were given back", extra=about(undecided))
            self._give_back(undecided)
        except Exception:
            # The outermost frame of this task: nothing may stay held that nobody works on.
            logger.exception("Steps could not be taken in", extra=about(undecided))
            self._give_back(undecided)
        finally:
            self._executor.observe()

    async def _claim(self, steps: Sequence[HeldStep]) -> list[HeldStep]:
        wanted = [held for held in steps if held.needs_claim]
        if not wanted:
            return []
        self._note_asked(wanted)
        async with self._database.hot() as connection:
            places = await claim_steps(
                connection,
                self._lease.boot_id,
                [held.key for held in wanted],
                bar_dead_after=self._lease.silence_of_the_dead(),
            )
        return [wanted[place] for place in places]

    async def _read(self, undecided: dict[HeldStep, None]) -> None:
        steps = list(undecided)
        self._note_asked(steps)
        async with self._database.hot() as connection:
            rows = await read_steps(
                connection,
                [held.key for held in steps],
                bar_dead_after=self._lease.silence_of_the_dead(),
            )
        for place, held in enumerate(steps):
            del undecided[held]
            self._decide(held, rows.get(place))

    def _note_asked(self, steps: Iterable[HeldStep]) -> None:
        now = self._lease.monotonic()
        for held in steps:
            held.asked_at = now

    def _judge(self, held: HeldStep, row: StepRow | None) -> Verdict:
        return judge(
            row,
            held.key,
            needs_claim=held.needs_claim,
            boot_id=self._lease.boot_id,
            may_judge=self._lease.may_judge(),
        )

    def _decide(self, held: HeldStep, row: StepRow | None) -> None:
        verdict = self._judge(held, row)
        if verdict in (Verdict.JOINED, Verdict.BARRED):
            self._count(verdict.value)
            held.say_joined()
        if verdict in _UNDECIDED:
            if self._is_draining:
                self._refuse(held, "draining")
            else:
                self._watch.add(held)
            return
        self._conclude(held, row, verdict)

    def _look_at(self, held: HeldStep, row: StepRow | None) -> bool:
        """Decide about a watched step; True asks for its claim to be given up."""
        verdict = self._judge(held, row)
        if verdict is Verdict.ABANDONED:
            return True
        is_waiting = verdict in (Verdict.JOINED, Verdict.BARRED)
        if is_waiting and held.is_listened:
            return False
        self._watch.forget(held)
        if is_waiting:
            self._let_go(held)
        elif verdict is Verdict.UNCLAIMED:
            self._admit([held])
        else:
            self._conclude(held, row, verdict)
        return False

    def _conclude(self, held: HeldStep, row: StepRow | None, verdict: Verdict) -> None:
        match verdict:
            case Verdict.STALE:
                self._refuse(held, "stale")
            case Verdict.RUN:
                self._count("claimed" if held.needs_claim else "unclaimed")
                self._run(held)
            case Verdict.STORED:
                self._count("stored")
                held.settle((row and row.outcome) or "")
                self._let_go(held)
            case Verdict.UNKNOWN:
                self._settle_unknown(held)
            case Verdict.JOINED | Verdict.ABANDONED | Verdict.BARRED | Verdict.UNCLAIMED:
                raise AssertionError(verdict)
            case _:
                assert_never(verdict)

    def _settle_unknown(self, held: HeldStep) -> None:
        self._count("unknown")
        self._watch.forget(held)
        held.settle(self._gate.failure(held, OUTCOME_UNKNOWN, UNKNOWN_MESSAGE))
        self._let_go(held)

    def _run(self, held: HeldStep) -> None:
        if held.is_stopping:
            self._ended(held, self._executor.stopped(held))
        elif held.failure is not None:
            self._ended(held, self._gate.failure(held, *held.failure))
        else:
            self._executor.start(held, self._ended)

    def _ended(self, held: HeldStep, result: bytes | None) -> None:
        held.has_ended = True
        if result is None:
            self._give_back([held])
            return
        self._logs.when_stored(held.log, lambda: self._settle(held, result))

    def _settle(self, held: HeldStep, result: bytes) -> None:
        if held.answer is not None:
            # The process has stopped meanwhile, and nobody waits any more.
            return
        held.settle(result)
        if held.needs_claim:
            self._writer.store(held)
        else:
            self._let_go(held)

    def _refuse(self, held: HeldStep, code: RefusalCode) -> None:
        self._count(code)
        held.refuse(code)
        self._let_go(held)

    def _give_back(self, steps: Iterable[HeldStep]) -> None:
        for held in list(steps):
            self._count("draining")
            held.refuse("draining")
            if held.needs_claim:
                # Whether the claim was made is not known where its answer was lost.
                self._writer.release(held)
            else:
                self._let_go(held)

    def _let_go(self, held: HeldStep) -> None:
        if self._held.get(held.key) is held:
            del self._held[held.key]
        if not self._held:
            self._emptied.set()

    def _count(self, result: str, steps: int = 1) -> None:
        self._metrics.count("flowyard_plugin_gateway_steps_total", steps, result=result)


_UNDECIDED = frozenset({Verdict.JOINED, Verdict.ABANDONED, Verdict.BARRED, Verdict.UNCLAIMED})
"""Verdicts after which a step has to be looked at again."""


def _can_exist(key: StepKey) -> bool:
    """Tell whether Postgres could hold such a row; a key that it refuses would stop the others."""
    return max(key.number, key.step) <= MAX_INTEGER and "\x00" not in key.node_id
