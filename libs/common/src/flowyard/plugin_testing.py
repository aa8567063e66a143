"""What tests of plugins are written with: it runs a plugin's steps without any service.

The steps follow each other at once: a timer is due as soon as it is set, and a
:class:`ProbeClock` is moved on by what was waited for. Answers are held to the
rules of the plugin gateway, and what is kept in a state goes through JSON, so
that a plugin that passes here behaves the same in a flow.
"""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, Literal

import orjson
from pydantic import ValidationError

from flowyard.contracts.answer_rules import check_text, dump_outputs, encode
from flowyard.contracts.plugin import (
    Done,
    Failed,
    InputsT,
    LogLevel,
    OutputsT,
    Plugin,
    StepContext,
    Wait,
)
from flowyard.contracts.records import ResumeData

PROBE_START = datetime(2031, 5, 1, 12, 0, tzinfo=UTC)
"""The instant at which a probe's clock begins."""

MAX_STEPS = 1000
"""Steps after which a plugin counts as one that never ends."""

INSTANCE_ID = uuid.UUID("018f0000-0000-7000-8000-000000000001")
ATTEMPT_ID = uuid.UUID("018f0000-0000-7000-8000-000000000002")


class ProbeError(AssertionError):
    """Raised when a plugin does what the plugin gateway does not allow, or never ends."""


class ProbeClock:
    """A clock that stands still, but for the time that a probed plugin waits."""

    def __init__(self) -> None:
        self._elapsed = timedelta(0)

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return PROBE_START + self._elapsed

    def monotonic(self) -> float:
        """Return the seconds that have passed."""
        return self._elapsed.total_seconds()

    def move(self, by: timedelta) -> None:
        """Let time pass."""
        self._elapsed += by


@dataclass(frozen=True, slots=True)
class LogLine:
    """What a plugin has logged."""

    level: LogLevel
    text: str


@dataclass(frozen=True, slots=True)
class Callback:
    """An outside system calls back."""

    data: Any = None


@dataclass(frozen=True, slots=True)
class Decision:
    """A person approves or rejects."""

    approved: bool
    comment: str = ""
    actor: str = "ada"


@dataclass(frozen=True, slots=True)
class NobodyCame:
    """The wait for a callback or a decision is over before there was one."""


Resume = Callback | Decision | NobodyCame
"""What ends a wait for a callback or an approval."""


@dataclass(slots=True)
class ProbedRun(Generic[OutputsT]):
    """What a plugin did."""

    answer: Done[OutputsT] | Failed | None = None
    """The last answer; None for a run that was cancelled."""
    waits: list[Wait] = field(default_factory=list)
    """Every wait, in order."""
    logs: list[LogLine] = field(default_factory=list)
    """Every log line, in order."""

    @property
    def outputs(self) -> OutputsT:
        """What the plugin gave when it was done.

        Raises
        ------
        ProbeError
            Raised if it failed or was cancelled.
        """
        if isinstance(self.answer, Done):
            return self.answer.outputs
        raise ProbeError(f"Expected outputs, but the plugin ended with {self.answer}")

    @property
    def failure(self) -> Failed:
        """The failure that the plugin ended with.

        Raises
        ------
        ProbeError
            Raised if it did not fail.
        """
        if isinstance(self.answer, Failed):
            return self.answer
        raise ProbeError(f"Expected a failure, but the plugin ended with {self.answer}")

    def write(self, level: LogLevel, text: str) -> None:
        """Keep a log line."""
        self.logs.append(LogLine(level, text))


class PluginProbe(Generic[InputsT, OutputsT]):
    """Runs one plugin.

    Parameters
    ----------
    plugin
        What is tested.
    clock
        The clock that the plugin was made with, if it takes one.
    project, actor
        What the plugin is told about where and as whom it runs.
    """

    def __init__(
        self,
        plugin: Plugin[InputsT, OutputsT],
        *,
        clock: ProbeClock | None = None,
        project: str = "demo",
        actor: str = "ada",
    ) -> None:
        self._plugin = plugin
        self._clock = clock or ProbeClock()
        self._project = project
        self._actor = actor

    async def run(
        self, inputs: dict[str, Any] | None = None, *, resumes: Iterable[Resume] = ()
    ) -> ProbedRun[OutputsT]:
        """Run the plugin to its end, and return what it did.

        Parameters
        ----------
        inputs
            As in a flow, with secrets and expressions replaced.
        resumes
            What ends the waits for callbacks and decisions, in order. Timers end by
            themselves.

        Raises
        ------
        ProbeError
            Raised if the plugin never ends, waits for what ``resumes`` does not
            have, or does not keep to the rules for answers.
        AnswerError
            Raised if outputs or a state do not keep to them.
        """
        return await self._steps(inputs, iter(resumes), cancelled_wait=MAX_STEPS)

    async def cancel(
        self,
        inputs: dict[str, Any] | None = None,
        *,
        wait: int = 1,
        resumes: Iterable[Resume] = (),
    ) -> ProbedRun[OutputsT]:
        """Run the plugin until it waits for the so-and-so-many-th time, and cancel it there.

        Raises
        ------
        ProbeError
            Raised if it ends before that.
        """
        run = await self._steps(inputs, iter(resumes), cancelled_wait=wait)
        if run.answer is not None:
            raise ProbeError(f"Expected {wait} waits, but the plugin ended after {len(run.waits)}")
        return run

    async def _steps(
        self, given: dict[str, Any] | None, resumes: Iterator[Resume], *, cancelled_wait: int
    ) -> ProbedRun[OutputsT]:
        run: ProbedRun[OutputsT] = ProbedRun()
        try:
            inputs = self._plugin.inputs_model.model_validate(given or {})
        except ValidationError as error:
            run.answer = Failed(code="invalid_inputs", message=str(error))
            return run
        resume: ResumeData | None = None
        while True:
            answer = await self._plugin.execute(self._context(run, resume), inputs)
            if not isinstance(answer, Wait):
                run.answer = self._checked(answer)
                return run
            run.waits.append(_checked_wait(answer))
            if len(run.waits) >= MAX_STEPS:
                raise ProbeError(f"Expected an end, but the plugin waited {MAX_STEPS} times")
            if len(run.waits) == cancelled_wait:
                await self._plugin.cancel(self._context(run, None), inputs)
                return run
            resume = self._ended(answer, resumes)

    def _context(self, run: ProbedRun[OutputsT], resume: ResumeData | None) -> StepContext:
        return StepContext(
            instance_id=INSTANCE_ID,
            node_id="node",
            number=1,
            step=len(run.waits),
            attempt_id=ATTEMPT_ID,
            project=self._project,
            state=run.waits[-1].state if run.waits else None,
            resume=resume,
            callback_url="https://flowyard.example.com/api/v1/callbacks/probe",
            actor=self._actor,
            logger=run,
        )

    def _checked(self, answer: object) -> Done[OutputsT] | Failed:
        match answer:
            case Done(outputs=outputs):
                dumped = dump_outputs(self._plugin.outputs_model, outputs)
                check_text(dumped, encode(dumped, "outputs"))
                return Done(self._plugin.outputs_model.model_validate(outputs))
            case Failed(outputs=outputs):
                check_text(outputs, encode(outputs, "outputs"))
                return answer
            case _:
                raise ProbeError(f"Expected Done, Wait or Failed, but found {answer!r}")

    def _ended(self, wait: Wait, resumes: Iterator[Resume]) -> ResumeData:
        if wait.reason == "timer":
            return self._timer(wait)
        resume = next(resumes, None)
        match resume:
            case Callback(data=data) if wait.reason == "callback":
                return ResumeData(kind="callback", data=data)
            case Decision(approved=approved, comment=comment, actor=actor) if (
                wait.reason == "approval"
            ):
                data = {"approved": approved, "comment": comment, "actor": actor}
                return ResumeData(kind="approval", data=data)
            case NobodyCame() if wait.after is not None:
                return self._timer(wait)
            case _:
                raise ProbeError(f"Expected what ends a wait for {wait.reason}, but got {resume}")

    def _timer(self, wait: Wait) -> ResumeData:
        self._clock.move(max(wait.after or timedelta(0), timedelta(0)))
        return ResumeData(kind="timer")


def _checked_wait(wait: Wait) -> Wait:
    reason: Literal["timer", "callback", "approval"] = wait.reason
    if reason == "timer" and wait.after is None:
        raise ProbeError("Expected a time to wait for, but the plugin waits for a timer without")
    kept = orjson.loads(encode(wait.state, "state"))
    return Wait(reason=reason, after=wait.after, state=kept)
