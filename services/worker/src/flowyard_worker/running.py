"""Tells the owners of instances about steps that take long."""

import asyncio
from collections.abc import Callable, Iterable

from flowyard.clock import Clock
from flowyard_worker.reporter import Report, Reporter
from flowyard_worker.step import TakenStep
from flowyard_worker.wire import write_result


class RunningReports:
    """Looks through the open steps and reports the ones that still run.

    Only what a gateway has in hand is running; a step that waits for a gateway is
    not, and its owner must be able to see that.

    Parameters
    ----------
    open_steps
        Returns the steps without a result.
    reporter
        Where the reports go, all that are due in one publish.
    clock
        How long a step has run.
    after_seconds, every_seconds
        When a step is first reported, and how often from then on.
    """

    def __init__(
        self,
        open_steps: Callable[[], Iterable[TakenStep]],
        *,
        reporter: Reporter,
        clock: Clock,
        after_seconds: float,
        every_seconds: float,
    ) -> None:
        self._open_steps = open_steps
        self._reporter = reporter
        self._clock = clock
        self._after_seconds = after_seconds
        self._every_seconds = every_seconds

    async def report_forever(self, check_seconds: float) -> None:
        """Report what is due, now and then."""
        while True:
            await asyncio.sleep(check_seconds)
            self.report_due()

    def report_due(self) -> None:
        """Report every step that runs and was not reported for long enough."""
        now = self._clock.monotonic()
        due = [step for step in self._open_steps() if self._is_due(step, now)]
        for step in due:
            step.told_at = now
        self._reporter.report_running([_running(step) for step in due])

    def _is_due(self, step: TakenStep, now: float) -> bool:
        if step.posted_at is None or now - step.posted_at < self._after_seconds:
            return False
        return step.told_at is None or now - step.told_at >= self._every_seconds


def _running(step: TakenStep) -> Report:
    return Report(step, "running", write_result(step.ready.ref, "running", step.began_at))
