"""What may happen to an instance: facts in the past tense, and people's commands.

Every event carries the instant at which it counts; the engine has no clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from flowyard.engine.graph import JsonValue
from flowyard.engine.snapshot import Failure, WaitReason


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptKey:
    """Which step of which attempt a fact is about."""

    node_id: str
    number: int
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStarted:
    """A plugin has been working on a step for a while and still does."""

    key: AttemptKey
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSucceeded:
    """A plugin has finished."""

    key: AttemptKey
    at: datetime
    outputs: Mapping[str, JsonValue]
    started_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFailed:
    """A plugin has failed, or could not be run."""

    key: AttemptKey
    at: datetime
    code: str
    message: str
    outputs: Mapping[str, JsonValue] | None = None
    started_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepWaited:
    """A plugin has returned a wait and freed its worker."""

    key: AttemptKey
    at: datetime
    reason: Literal[WaitReason.TIMER, WaitReason.CALLBACK, WaitReason.APPROVAL]
    after: timedelta | None
    """When the next step is due at the latest; None waits for the callback or person alone."""
    state: JsonValue
    outputs: Mapping[str, JsonValue] | None = None
    """What is known already; None keeps what was known before."""
    started_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerElapsed:
    """The time that a wait was bounded by has come."""

    key: AttemptKey
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildEnded:
    """A child instance has reached its end or was cancelled."""

    node_id: str
    number: int
    at: datetime
    succeeded: bool
    outputs: Mapping[str, JsonValue]
    failure: Failure | None = None
    """Why there was no child at all; None for one that was cancelled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryDue:
    """The pause before an automatic retry is over."""

    node_id: str
    number: int
    """Of the attempt that failed."""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlinePassed:
    """An attempt has taken as long as it may."""

    node_id: str
    number: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotGranted:
    """An attempt that waited for its concurrency key may work."""

    node_id: str
    number: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvanceBroken:
    """The engine itself failed on this instance; a person has to look at it."""

    at: datetime
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckPostponed:
    """The owner has looked at an overdue node and found its reason still true."""

    node_id: str
    at: datetime
    check_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StartInstance:
    """Begin at the start node."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseInstance:
    """Start nothing new."""

    at: datetime
    withdrawn: frozenset[str] = frozenset()
    """Nodes whose queued attempts the dispatcher has taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeInstance:
    """Go on after a pause."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelInstance:
    """End now; nothing that is still reported counts."""

    at: datetime
    is_rollback: bool = False
    """Undo what has succeeded first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetVariables:
    """Give variables other values that no node has used yet."""

    at: datetime
    values: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPriority:
    """Have the instance's steps dispatched sooner or later than others."""

    at: datetime
    priority: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryNode:
    """Try a failed node again."""

    node_id: str
    at: datetime
    inputs: Mapping[str, JsonValue] | None = None
    """New rendered inputs; None repeats those of the failed attempt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SkipNode:
    """Pass over a failed node."""

    node_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ForceFail:
    """Stop a node that works or waits; its plugin is told."""

    node_id: str
    at: datetime
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForceSucceed:
    """Let a node count as succeeded with the given outputs."""

    node_id: str
    at: datetime
    outputs: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseNode:
    """Stop the next token that reaches a node."""

    node_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeNode:
    """Take a stop back, and let a token in that waits at it."""

    node_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseBranches:
    """Say which way a token takes at a gateway that failed."""

    node_id: str
    at: datetime
    targets: tuple[str, ...]
    """Ids of the nodes that the chosen branches lead to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetTimer:
    """Have a wait for a time end at another one."""

    node_id: str
    at: datetime
    after: timedelta
    """From now on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartSubflow:
    """Begin a subflow once more from its start; what is left of the earlier run is cancelled."""

    node_id: str
    at: datetime
    inputs: Mapping[str, JsonValue] | None = None
    """New rendered inputs; None repeats those of the earlier run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverCallback:
    """Hand the body of a callback to the attempt that waits for it."""

    node_id: str
    number: int
    at: datetime
    data: JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideApproval:
    """Hand a person's yes or no to the node that waits for it."""

    node_id: str
    at: datetime
    approved: bool
    comment: str
    actor: str


Fact = (
    StepStarted
    | StepSucceeded
    | StepFailed
    | StepWaited
    | TimerElapsed
    | RetryDue
    | DeadlinePassed
    | SlotGranted
    | ChildEnded
    | AdvanceBroken
    | CheckPostponed
)
"""What has happened; a stale or repeated fact changes nothing."""

Command = (
    StartInstance
    | PauseInstance
    | ResumeInstance
    | CancelInstance
    | SetVariables
    | SetPriority
    | RetryNode
    | SkipNode
    | ForceFail
    | ForceSucceed
    | PauseNode
    | ResumeNode
    | ChooseBranches
    | ResetTimer
    | RestartSubflow
    | DeliverCallback
    | DecideApproval
)
"""What a person or a parent asks for; it is applied or rejected."""

Event = Fact | Command
"""Everything that :func:`flowyard.engine.advance.advance` accepts."""
