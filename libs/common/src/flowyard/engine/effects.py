"""What a decision changes, and what has to be done about it once it is stored."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from flowyard.engine.graph import JsonValue
from flowyard.engine.lifecycle import InstanceStatus
from flowyard.engine.snapshot import AttemptState, Failure, NodeState, Phase


class InstanceChanged(Struct, frozen=True, kw_only=True):
    """The new state of the instance itself, whole."""

    status: InstanceStatus
    variables: Mapping[str, JsonValue]
    outputs: Mapping[str, JsonValue] | None
    failure: Failure | None
    started_at: datetime | None
    ended_at: datetime | None
    phase: Phase
    breakpoints: frozenset[str]
    priority: int


class NodeChanged(Struct, frozen=True, kw_only=True):
    """The new state of one node, whole, with its latest attempt."""

    node: NodeState


class AttemptOpened(Struct, frozen=True, kw_only=True):
    """A further attempt of a node; its state stands in the node change that follows."""

    node_id: str
    attempt: AttemptState


class AttemptChanged(Struct, frozen=True, kw_only=True):
    """The new state of an attempt that was opened before."""

    node_id: str
    attempt: AttemptState


Change = InstanceChanged | NodeChanged | AttemptOpened | AttemptChanged
"""One thing to store, in order; the last one about the same thing wins."""


class DispatchStep(Struct, frozen=True, kw_only=True):
    """Publish the present step of a node's open attempt to its queue."""

    node_id: str
    number: int
    step: int


class WithdrawAttempt(Struct, frozen=True, kw_only=True):
    """Stop counting an attempt as in flight: it was closed from outside; its plugin is told."""

    node_id: str
    number: int


class StartChild(Struct, frozen=True, kw_only=True):
    """Create and start the child instance of a subflow's attempt."""

    node_id: str
    number: int
    template: str
    version: int | None
    """None for the latest one."""
    inputs: Mapping[str, JsonValue]
    schemes: tuple[str, ...] = ()


class AcquireSlot(Struct, frozen=True, kw_only=True):
    """Have an attempt wait until its concurrency key has room."""

    node_id: str
    number: int
    key: str
    limit: int


class ReleaseSlot(Struct, frozen=True, kw_only=True):
    """Give back what an attempt holds of its concurrency key, or its place in the line."""

    node_id: str
    number: int


class CancelChild(Struct, frozen=True, kw_only=True):
    """Cancel the child instance of a subflow's attempt."""

    node_id: str
    number: int


class NotifyParent(Struct, frozen=True, kw_only=True):
    """Tell the parent's attempt that this instance has ended."""

    succeeded: bool
    outputs: Mapping[str, JsonValue]


Effect = (
    DispatchStep
    | WithdrawAttempt
    | StartChild
    | CancelChild
    | NotifyParent
    | AcquireSlot
    | ReleaseSlot
)
"""One order to carry out after the transaction, or, for other instances, within it."""


class Rejection(Struct, frozen=True, kw_only=True):
    """Why a command was not applied."""

    code: str
    message: str


class Decision(Struct, frozen=True, kw_only=True):
    """What follows from one event."""

    changes: tuple[Change, ...] = ()
    """In the order they must be stored."""
    effects: tuple[Effect, ...] = ()
    """To be carried out once the changes are stored."""
    rejection: Rejection | None = None
    """Set when a command was refused; nothing changes then."""
    is_stale: bool = False
    """True for a fact about a closed attempt or an older step; nothing changes then."""
    is_deferred: bool = False
    """True for a callback whose wait has not arrived yet; it is to be offered again."""
