"""Models that many have in common.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, JsonValue

from flowyard.client.model import OPEN, Answer


class AcceptedView(Answer):
    """A command that was taken in."""

    command_id: int
    outcome: Annotated[Literal["applied", "rejected"], OPEN] | None = None
    """Null while it is open; with `wait`, what became of it."""
    code: str | None = None
    """Why it was rejected."""
    message: str | None = None


class ChildView(Answer):
    """The instance that an attempt of a subflow has started."""

    instance_id: UUID
    status: str


class ClaimView(Answer):
    """The plugin gateway's record that a step has begun."""

    runner: UUID
    """The gateway process that claimed it."""
    step: int
    claimed_at: AwareDatetime | None
    outcome: Annotated[Literal["open", "known", "unknown"], OPEN]
    """`unknown`: the gateway died in between."""


class FailureView(Answer):
    """Why something stopped."""

    code: str
    message: str


class AttemptView(Answer):
    """One attempt of a node."""

    number: int
    """Counted from 1."""
    attempt_id: UUID
    """Receivers of its effects may deduplicate on it."""
    step: int
    """0 at first, one more after every wait."""
    status: str
    inputs: dict[str, JsonValue] | None
    outputs: dict[str, JsonValue] | None
    failure: FailureView | None
    opened_at: AwareDatetime
    dispatched_at: AwareDatetime | None
    visit: int
    """Which visit of its node it belongs to."""
    actor: str | None
    """Who it acts as, if another than the instance's."""
    wait_until: AwareDatetime | None
    """When its present wait ends by itself; null where it waits without a bound."""
    started_at: AwareDatetime | None
    closed_at: AwareDatetime | None
    claim: ClaimView | None
    has_late_outcome: bool
    """A result came after its claim was given up."""
    cancel_requested_at: AwareDatetime | None
    """When it was closed from outside, so that its plugin has to stop."""
    cancel_confirmed_at: AwareDatetime | None
    """When nothing of it went on any more; null while that is not known."""
    child_instance_id: UUID | None
    """For subflows."""
    child: ChildView | None
    """The same with its status: while a child is `failed`, its node waits."""


DeliveryStatus = Literal["pending", "delivered", "given_up"]
"""What has become of a delivery."""


class DeliveryView(Answer):
    """One event for one webhook."""

    delivery_id: UUID
    """The header `webhook-id`, the same with every try."""
    event: str
    """One of the events, or `webhook.ping`."""
    instance_id: UUID | None
    """Null for a test."""
    occurred_at: AwareDatetime
    status: Annotated[DeliveryStatus, OPEN]
    attempts: int
    """How often it was tried."""
    next_at: AwareDatetime | None
    """When it is tried next; null once it is settled."""
    settled_at: AwareDatetime | None
    """When it was delivered, or given up."""


class DiagnosticView(Answer):
    """One thing that a person should know about an import or an export."""

    file: str
    template: str
    """Id of the flow in the file; empty for the file as a whole."""
    path: list[str | int]
    """Where in the file."""
    node_id: str | None
    """The node's id in the file."""
    severity: Annotated[Literal["error", "warning", "note"], OPEN]
    """An error has to be changed by a person; a warning is something lost.

    A note is something that is written in another way.
    """
    code: str
    """Stable name of the cause."""
    reason: str
    repair: str


class FaultView(Answer):
    """What is wrong at one place of the request."""

    loc: list[str | int]
    msg: str
    type: str
    node_id: str | None = None
    """Of a document: the node that it is about."""
    line: int | None = None
    """Of a document's text, counted from 1."""
    column: int | None = None
    """Of a document's text, counted from 1."""


class FormOptionView(Answer):
    """One value to choose."""

    value: JsonValue
    label: str


class FormValidationView(Answer):
    """What a value has to meet; null where nothing is asked."""

    pattern: str | None
    """Matches the whole text; in Python's syntax."""
    pattern_message: str
    """What the text has to be, as the end of a sentence."""
    minimum: float | None
    maximum: float | None
    min_length: int | None
    max_length: int | None
    min_items: int | None
    max_items: int | None


VariableType = Literal[
    "string",
    "text",
    "integer",
    "number",
    "boolean",
    "select",
    "multi_select",
    "date",
    "datetime",
    "time",
    "password",
    "table",
    "json",
    "list",
    "object",
    "host_list",
    "user_list",
]
"""The types that an input may have."""


class FormFieldView(Answer):
    """One field of a form, or one column of a table in it."""

    name: str
    type: Annotated[VariableType, OPEN]
    widget: str
    """How it is drawn.

    `text`, `textarea`, `number`, `switch`, `select`, `multi_select`, `date`, `datetime`, `time`,
    `secret` (choose a stored secret), `table`, `json`, `hosts` or `users`.
    """
    order: int
    """Place in the form, from 0."""
    label: str
    help: str
    placeholder: str
    group: str
    """Fields of one group stand together; empty for none."""
    required: bool
    default: JsonValue
    options: list[FormOptionView]
    """Empty where nothing is to be chosen from."""
    columns: list["FormFieldView"]
    """Of a table."""
    validation: FormValidationView
    show: bool
    """False for what is not asked for: it always has its default."""
    visible_when: str | None
    """Expression over other inputs.

    Where it is false, the field is not asked for and has its default.
    """
    depends_on: list[str]
    """The inputs that `visible_when` reads."""


class PreviewProblemView(Answer):
    """Why an input cannot be rendered."""

    code: str
    """`not_known_yet` where something has still to be given, or made by a node."""
    message: str
    expression: str
    """Without its `${` and `}`."""
    position: int
    """In the expression, in characters from 0."""
    known_names: list[str]
    missing: list[str]
    """Names of variables, or `nodes.<id>`, that are not known yet."""


class InputPreviewView(Answer):
    """One input of a node."""

    name: str
    value: JsonValue
    """As rendered; null where there is a problem."""
    problem: PreviewProblemView | None = None


class NodePreviewView(Answer):
    """What a node would be given."""

    node_id: str
    inputs: list[InputPreviewView]
    """In the order of the definition."""


class NodeView(Answer):
    """One node of the graph; pending until it is reached."""

    node_id: str
    kind: str
    name: str
    plugin: str | None
    subflow: str | None
    parent: str | None
    """The node that this one runs on behalf of (`deploy` of `deploy:3`).

    Or the inline subflow that it lies in (`deploy` of `deploy.build`).
    """
    status: str
    mark: str | None
    """What is peculiar about its end.

    `ignored`, `condition`, `deadline`, `forced`, `mocked` or `reused`.
    """
    reason: str | None
    """Why it does not go on by itself right now."""
    check_at: AwareDatetime | None
    """When the reason is looked at again."""
    visits: int
    """How often a token has entered it."""
    outputs: dict[str, JsonValue] | None
    """Of its last success."""
    variables: dict[str, JsonValue] | None
    """For an inline subflow: what its nodes see."""
    failure: FailureView | None
    reached_at: AwareDatetime | None
    ended_at: AwareDatetime | None
    retries: int
    """Automatic retries of the present visit."""
    resume_at: AwareDatetime | None
    """When the next automatic attempt is due."""
    deadline_at: AwareDatetime | None
    """When its attempt has taken too long."""
    has_breakpoint: bool
    """The next token that reaches it stops there."""
    allowed: list[str]
    """Operations that its status allows."""
    attempts: list[AttemptView]


class RefusalView(Answer):
    """Why an operation was not taken in, as a request for it alone would be told."""

    code: str
    status: int
    detail: str
    present_status: str | None
    allowed: list[str] | None
    retry_after_seconds: int | None = None
    """With `overloaded`: when to come again."""


class StoppedView(Answer):
    """The command that asks one instance to end."""

    instance_id: UUID
    command_id: int


class StoppedListView(Answer):
    """What was asked to end, the oldest instances first."""

    items: list[StoppedView]
    has_more: bool
    """True when the limit was reached: ask again."""


class TakenView(Answer):
    """What became of one of many operations: a command, or a refusal."""

    instance_id: UUID
    node_id: str | None
    command_id: int | None
    """Null where it was refused."""
    problem: RefusalView | None


class TakenListView(Answer):
    """What became of many operations, in the order of the request."""

    items: list[TakenView]
    has_more: bool
    """More than could be taken at once were found: the same request goes on."""


class UpdatedView(Answer):
    """What became of one template."""

    project: str
    template_id: UUID
    template: str
    outcome: Annotated[Literal["published", "draft", "unchanged", "refused"], OPEN]
    """`draft`: only the draft names it, and was changed; `refused`.

    Nothing of this template was changed, for the reason given.
    """
    version: int | None
    """Latest version now."""
    draft_revision: int
    code: str | None
    """Why it was refused."""
    detail: str | None = None
    errors: list[FaultView]
    """What is wrong at which place of its document."""
