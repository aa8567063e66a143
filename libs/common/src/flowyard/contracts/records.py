"""The records that services exchange over Kafka, as JSON.

Every record is one model with a ``type`` where a topic carries several; the
header ``schema`` names model and version, so that a reader knows a newer form
before it decodes it.
"""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class Record(BaseModel):
    """What all records share."""

    # Timers and comparisons go wrong on what is no number.
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Doorbell(Record):
    """Open commands of an instance wait to be read."""

    type: Literal["doorbell"] = "doorbell"
    instance_id: UUID
    partition: int


class StepRef(Record):
    """Which step of which attempt of which instance."""

    instance_id: UUID
    partition: int
    node_id: str
    number: int
    step: int


class StepResult(Record):
    """How one step ended, or that it still runs."""

    type: Literal["result"] = "result"
    ref: StepRef
    outcome: Literal["succeeded", "failed", "waiting", "running"]
    outputs: dict[str, Any] | None = None
    """For succeeded; for failed and waiting where the plugin has left some."""
    code: str | None = None
    """For failed: stable name of the cause."""
    message: str | None = None
    """For failed: one sentence without secrets."""
    wait_for: Literal["timer", "callback", "approval"] | None = None
    """For waiting: what ends the wait."""
    after_seconds: float | None = None
    """For waiting: when the next step is due at the latest."""
    state: Any = None
    """For waiting: what the plugin keeps, sealed."""
    started_at: datetime | None = None
    """When the plugin began this step."""


InstanceEvent = Annotated[Doorbell | StepResult, Field(discriminator="type")]
"""What stands on ``flowyard.instance-event.v1``."""

INSTANCE_EVENTS: TypeAdapter[InstanceEvent] = TypeAdapter(InstanceEvent)
"""Decodes a value of ``flowyard.instance-event.v1``."""


class ResumeData(Record):
    """What ended the wait before a step."""

    kind: Literal["timer", "callback", "approval"]
    data: Any = None


class ReadyStep(Record):
    """One step for a worker to have run by a plugin gateway."""

    ref: StepRef
    attempt_id: UUID
    """Derived from instance, node and number; receivers may deduplicate on it."""
    project: str
    actor: str = ""
    """Who the plugin is to act as: the node's ``run_as``, else who started the instance."""
    plugin: str
    version: str
    inputs: dict[str, Any]
    """Rendered inputs; secrets are references."""
    timeout_seconds: float = Field(ge=0)
    """How long the step may run."""
    state: Any = None
    """What the plugin kept at its last wait, sealed."""
    resume: ResumeData | None = None
    """None for the first step."""
    callback_token: str
    """Lets an outside system resume the attempt."""
    secret_outputs: list[str] = Field(default_factory=list)
    """Names of outputs that are to be sealed."""
    traceparent: str | None = None

    @property
    def is_repeatable(self) -> bool:
        """Tell whether the step is a poll, which needs no claim."""
        return self.resume is not None and self.resume.kind == "timer"


class InstanceChange(Record):
    """An instance has a new revision; live views read Postgres for what it is."""

    instance_id: UUID
    project_id: UUID
    revision: int
    status: str
    node_ids: list[str]
    """Nodes that changed with this revision."""


class TemplateChange(Record):
    """The drafts of a template, or who edits it, have changed; Postgres knows how."""

    template_id: UUID
    project_id: UUID


class DeadLetter(Record):
    """A record that could not be handled, and where it stood."""

    topic: str
    partition: int
    offset: int
    code: str
    message: str
    key: str | None
    """The record's key, text or base64."""
    value_base64: str
    """The record's value as it was."""
