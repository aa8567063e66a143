"""What may happen to an instance: facts in the past tense, and people's commands.

Every event carries the instant at which it counts; the engine has no clock.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from flowyard.engine.graph import JsonValue
from flowyard.engine.snapshot import Failure, WaitReason


class AttemptKey(Struct, frozen=True, kw_only=True):
    """Which step of which attempt a fact is about."""

    node_id: str
    number: int
    step: int


class StepStarted(Struct, frozen=True, kw_only=True):
    """A plugin has been working on a step for a while and still does."""

    key: AttemptKey
    at: datetime
    started_at: datetime | None = None


class StepSucceeded(Struct, frozen=True, kw_only=True):
    """A plugin has finished."""

    key: AttemptKey
    at: datetime
    outputs: Mapping[str, JsonValue]
    started_at: datetime | None = None


class StepFailed(Struct, frozen=True, kw_only=True):
    """A plugin has failed, or could not be run."""

    key: AttemptKey
    at: datetime
    code: str
    message: str
    outputs: Mapping[str, JsonValue] | None = None
    started_at: datetime | None = None


class StepWaited(Struct, frozen=True, kw_only=True):
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


class TimerElapsed(Struct, frozen=True, kw_only=True):
    """The time that a wait was bounded by has come."""

    key: AttemptKey
    at: datetime


class ChildEnded(Struct, frozen=True, kw_only=True):
    """A child instance has reached its end or was cancelled."""

    node_id: str
    number: int
    at: datetime
    succeeded: bool
    outputs: Mapping[str, JsonValue]
    failure: Failure | None = None
    """Why there was no child at all; None for one that was cancelled."""


class RetryDue(Struct, frozen=True, kw_only=True):
    """The pause before an automatic retry is over."""

    node_id: str
    number: int
    """Of the attempt that failed."""
    at: datetime


class DeadlinePassed(Struct, frozen=True, kw_only=True):
    """An attempt has taken as long as it may."""

    node_id: str
    number: int
    at: datetime


class SlotGranted(Struct, frozen=True, kw_only=True):
    """An attempt that waited for its concurrency key may work."""

    node_id: str
    number: int
    at: datetime


class AdvanceBroken(Struct, frozen=True, kw_only=True):
    """The engine itself failed on this instance; a person has to look at it."""

    at: datetime
    code: str
    message: str


class CheckPostponed(Struct, frozen=True, kw_only=True):
    """The owner has looked at an overdue node and found its reason still true."""

    node_id: str
    at: datetime
    check_at: datetime


class StartInstance(Struct, frozen=True, kw_only=True):
    """Begin at the start node."""

    at: datetime


class PauseInstance(Struct, frozen=True, kw_only=True):
    """Start nothing new."""

    at: datetime
    withdrawn: frozenset[str] = frozenset()
    """Nodes whose queued attempts the dispatcher has taken back."""


class ResumeInstance(Struct, frozen=True, kw_only=True):
    """Go on after a pause."""

    at: datetime


class CancelInstance(Struct, frozen=True, kw_only=True):
    """End now; nothing that is still reported counts."""

    at: datetime
    is_rollback: bool = False
    """Undo what has succeeded first."""


class SetVariables(Struct, frozen=True, kw_only=True):
    """Give variables other values that no node has used yet."""

    at: datetime
    values: Mapping[str, JsonValue]


class SetPriority(Struct, frozen=True, kw_only=True):
    """Have the instance's steps dispatched sooner or later than others."""

    at: datetime
    priority: int


class RetryNode(Struct, frozen=True, kw_only=True):
    """Try a failed node again."""

    node_id: str
    at: datetime
    inputs: Mapping[str, JsonValue] | None = None
    """New rendered inputs; None repeats those of the failed attempt."""


class SkipNode(Struct, frozen=True, kw_only=True):
    """Pass over a failed node."""

    node_id: str
    at: datetime


class ForceFail(Struct, frozen=True, kw_only=True):
    """Stop a node that works or waits; its plugin is told."""

    node_id: str
    at: datetime
    message: str = ""


class ForceSucceed(Struct, frozen=True, kw_only=True):
    """Let a node count as succeeded with the given outputs."""

    node_id: str
    at: datetime
    outputs: Mapping[str, JsonValue]


class PauseNode(Struct, frozen=True, kw_only=True):
    """Stop the next token that reaches a node."""

    node_id: str
    at: datetime


class ResumeNode(Struct, frozen=True, kw_only=True):
    """Take a stop back, and let a token in that waits at it."""

    node_id: str
    at: datetime


class ChooseBranches(Struct, frozen=True, kw_only=True):
    """Say which way a token takes at a gateway that failed."""

    node_id: str
    at: datetime
    targets: tuple[str, ...]
    """Ids of the nodes that the chosen branches lead to."""


class ResetTimer(Struct, frozen=True, kw_only=True):
    """Have a wait for a time end at another one."""

    node_id: str
    at: datetime
    after: timedelta
    """From now on."""


class RestartSubflow(Struct, frozen=True, kw_only=True):
    """Begin a subflow once more from its start; what is left of the earlier run is cancelled."""

    node_id: str
    at: datetime
    inputs: Mapping[str, JsonValue] | None = None
    """New rendered inputs; None repeats those of the earlier run."""


class DeliverCallback(Struct, frozen=True, kw_only=True):
    """Hand the body of a callback to the attempt that waits for it."""

    node_id: str
    number: int
    at: datetime
    data: JsonValue


class DecideApproval(Struct, frozen=True, kw_only=True):
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
