"""What a worker reads of the JSON that it carries: who a step is, and how it ended.

Inputs, outputs and states pass through as the bytes that they came in. These
forms stand for :class:`flowyard.contracts.records.ReadyStep` and
:class:`flowyard.contracts.plugin_api.StepMessage`, which a test holds them to; reading
them costs an eighth of the models.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import DecodeError, Meta, Raw, Struct, field, json
from msgspec.structs import replace

StepKey = tuple[int, str, int, int]
"""Instance, node, attempt and step; a number hashes faster than a UUID."""

_NULL = Raw(b"null")


class UnreadableError(ValueError):
    """Raised if bytes are not what they should be; says where, never what stands there."""


class Ref(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """Which step of which attempt of which instance."""

    instance_id: UUID
    partition: int
    node_id: str
    number: int
    step: int

    @property
    def key(self) -> StepKey:
        """What tells the step from all others."""
        return (self.instance_id.int, self.node_id, self.number, self.step)


class Resume(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What ended the wait before a step."""

    kind: Literal["timer", "callback", "approval"]
    data: Raw = _NULL


class Ready(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One step for a plugin gateway to run."""

    ref: Ref
    attempt_id: UUID
    project: str
    plugin: str
    version: str
    inputs: dict[str, Raw]
    timeout_seconds: Annotated[float, Meta(ge=0)]
    callback_token: str
    actor: str = ""
    state: Raw = _NULL
    resume: Resume | None = None
    secret_outputs: list[str] = field(default_factory=list)
    traceparent: str | None = None


class Result(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="type",
    tag="result",
    kw_only=True,
):
    """How one step ended, or that it still runs."""

    ref: Ref
    outcome: Literal["succeeded", "failed", "waiting", "running"]
    outputs: dict[str, Raw] | None = None
    code: str | None = None
    message: str | None = None
    wait_for: Literal["timer", "callback", "approval"] | None = None
    after_seconds: float | None = None
    state: Raw = _NULL
    started_at: datetime | None = None


class Joined(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="joined"):
    """The step runs already for an earlier delivery; its result will follow."""

    ref: Ref


class Refused(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="refused"):
    """The step was not run and must not be reported."""

    ref: Ref
    code: Literal["stale", "unknown_plugin", "draining"]


class Finished(Struct, frozen=True):
    """A step's result, and the bytes in which it goes on to the owner of its instance."""

    result: Result
    value: bytes


class _FinishedLine(Struct, forbid_unknown_fields=True, tag_field="type", tag="finished"):
    result: Raw


StepAnswer = Finished | Joined | Refused
"""What a gateway says about one step."""

_NOT_READABLE = (DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding raises: for bytes that are no UTF-8, and for endless nesting, none of its own."""

_READY = json.Decoder(Ready)
_LINE = json.Decoder(_FinishedLine | Joined | Refused)
_RESULT = json.Decoder(Result)


def read_step(value: bytes) -> Ready:
    """Return the step that a record carries.

    Raises
    ------
    UnreadableError
        Raised if it carries none.
    """
    try:
        return _READY.decode(value)
    except _NOT_READABLE as error:
        raise UnreadableError(f"Expected a step, but {_problem(error)}") from error


def with_traceparent(ready: Ready, traceparent: str) -> bytes:
    """Return a step as JSON with another trace context, and without what nobody has set."""
    return json.encode(replace(ready, traceparent=traceparent))


def write_result(
    ref: Ref,
    outcome: Literal["failed", "running"],
    began_at: datetime | None,
    *,
    code: str | None = None,
    message: str | None = None,
) -> bytes:
    """Return what the worker itself has to say about a step, as JSON."""
    return json.encode(
        Result(ref=ref, outcome=outcome, code=code, message=message, started_at=began_at)
    )


def read_answer(line: bytes) -> StepAnswer:
    """Return what a line of a gateway's answer says.

    Raises
    ------
    UnreadableError
        Raised if it says nothing that a gateway may say.
    """
    try:
        message: _FinishedLine | Joined | Refused = _LINE.decode(line)
        if isinstance(message, _FinishedLine):
            return Finished(_RESULT.decode(message.result), bytes(message.result))
    except _NOT_READABLE as error:
        raise UnreadableError(f"Expected an answer, but {_problem(error)}") from error
    return message


def _problem(error: Exception) -> str:
    # The full text of what does not fit may repeat what was given.
    text, at, place = str(error).rpartition(" - at ")
    return f"what stands at {place} does not fit" if at else text or place
