"""What plugins' tests share: a context, and a clock that stands still."""

from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from flowyard.contracts.plugin import StepContext
from flowyard.contracts.records import ResumeData

NOON = datetime(2031, 5, 1, 12, 0, tzinfo=UTC)
ATTEMPT_ID = UUID("018f0000-0000-7000-8000-000000000002")


class StillClock:
    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return (self.at - NOON).total_seconds()

    def push(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def context(
    *,
    resume: Literal["timer", "callback", "approval"] | None = None,
    data: Any = None,
    state: Any = None,
    traceparent: str | None = None,
) -> StepContext:
    return StepContext(
        instance_id=UUID("018f0000-0000-7000-8000-000000000001"),
        node_id="node",
        number=1,
        step=0 if resume is None else 1,
        attempt_id=ATTEMPT_ID,
        project="demo",
        state=state,
        resume=None if resume is None else ResumeData(kind=resume, data=data),
        callback_url="https://flowyard.example.com/callbacks/abc",
        traceparent=traceparent,
    )
