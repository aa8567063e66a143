"""The plugin gateway's HTTP interface as its clients see it.

``POST /v1/steps`` takes a :class:`StepBatch` and answers with one JSON line per
message as it becomes known (``application/x-ndjson``), in no particular order:
first possibly ``joined`` for a step that already runs elsewhere, in the end
exactly one ``finished`` or ``refused`` for every step of the batch.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from flowyard.contracts.records import ReadyStep, StepRef, StepResult

STEPS_PATH = "/v1/steps"
"""Where a worker hands over steps."""

PLUGINS_PATH = "/v1/plugins"
"""Where the plugins and their schemas are listed."""

MAX_OUTPUT_BYTES = 256 * 1024
"""Largest outputs of one step, as JSON.

Source: the issue's limit; Kestra's cliff at 160 KB per task shows why there must be one.
"""


class Message(BaseModel):
    """What all messages share."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class StepBatch(Message):
    """Steps for a gateway to run."""

    steps: list[ReadyStep]


class StepJoined(Message):
    """The step runs already for an earlier delivery; its result will follow on this stream."""

    type: Literal["joined"] = "joined"
    ref: StepRef


class StepFinished(Message):
    """The step's result, to be reported to the instance's owner."""

    type: Literal["finished"] = "finished"
    result: StepResult


class StepRefused(Message):
    """The step was not run and must not be reported."""

    type: Literal["refused"] = "refused"
    ref: StepRef
    code: Literal["stale", "unknown_plugin", "draining"]
    """``stale``: drop it. The others: offer it to another gateway."""


StepMessage = Annotated[StepJoined | StepFinished | StepRefused, Field(discriminator="type")]
"""One line of the answer."""

STEP_MESSAGES: TypeAdapter[StepMessage] = TypeAdapter(StepMessage)
"""Decodes one line of the answer."""


class PluginInfo(Message):
    """One version of one plugin, for people and designers."""

    # Clients of an older release read what newer ones say, and leave alone what they do not know.
    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    version: str
    title: str
    description: str
    idempotency: Literal["always", "never", "by_inputs"]
    """Whether it is harmless when repeated at any later time; then it is not claimed."""
    inputs_schema: dict[str, Any]
    outputs_schema: dict[str, Any]
    is_cancellable: bool = False
    """Whether it stops what goes on elsewhere when it is cancelled while it waits."""
