"""A step in this process's memory, from its delivery until its outcome is stored."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flowyard.contracts.plugin import PluginInputs
from flowyard.contracts.records import ReadyStep
from flowyard.storage.claims import StepKey
from flowyard.telemetry.logs import TRACEPARENT
from flowyard_plugin_gateway.log_writer import AttemptLog
from flowyard_plugin_gateway.references import Disclosed
from flowyard_plugin_gateway.registry import AnyPlugin
from flowyard_plugin_gateway.stream import (
    RefusalCode,
    StepStream,
    finished_line,
    joined_line,
    refused_line,
)


class HeldStep:
    """One step and everybody who waits for its result.

    While it is held, no second run of the same step can begin in this process:
    it is registered before the claim is asked for, and let go only after the
    outcome is stored, or the claim released.
    """

    __slots__ = (
        "_streams",
        "answer",
        "asked_at",
        "disclosed",
        "failure",
        "has_ended",
        "inputs",
        "is_releasing",
        "is_stopping",
        "key",
        "log",
        "needs_claim",
        "plugin",
        "result",
        "started_at",
        "state",
        "step",
        "task",
        "timer",
    )

    def __init__(
        self, key: StepKey, step: ReadyStep, plugin: AnyPlugin, stream: StepStream
    ) -> None:
        self.key = key
        self.step = step
        self.plugin = plugin
        self.inputs: PluginInputs | None = None
        """Validated, with secrets opened; set by the preparation."""
        self.state: Any = None
        """What the plugin kept, unsealed."""
        self.disclosed = Disclosed()
        """The secrets that were opened for it."""
        self.failure: tuple[str, str] | None = None
        """Code and message of what is wrong before any plugin is called."""
        self.needs_claim = not step.is_repeatable
        """False where running it twice is harmless."""
        self.asked_at = 0.0
        """When its row was last asked for, in monotonic seconds: a claim is not older."""
        self.result: bytes | None = None
        """The StepResult as JSON, once known."""
        self.answer: bytes | None = None
        """The last line, once known: a result or a refusal."""
        self.is_releasing = False
        """True while its claim is being taken back; nobody may join it then."""
        self.is_stopping = False
        """True once it was told to stop because its attempt is cancelled."""
        self.has_ended = False
        """True once its result is known, though the answer may still wait for its log."""
        self.log: AttemptLog | None = None
        """Where its lines go; set once it is begun."""
        self.started_at: datetime | None = None
        self.task: asyncio.Task[bytes | None] | None = None
        self.timer: asyncio.TimerHandle | None = None
        self._streams = [stream]

    @property
    def is_listened(self) -> bool:
        """Tell whether anybody still waits for the result."""
        return any(stream.is_open for stream in self._streams)

    @property
    def log_facts(self) -> Mapping[str, object]:
        """What a log line names the step by."""
        return {
            "instance_id": str(self.key.instance_id),
            "node_id": self.key.node_id,
            "attempt": self.key.number,
            "step": self.key.step,
            "plugin": f"{self.plugin.name}@{self.plugin.version}",
            "project": self.step.project,
            TRACEPARENT: self.step.traceparent,
        }

    def join(self, stream: StepStream) -> None:
        """Let a further delivery have the same result."""
        if self.answer is not None:
            stream.finish(self.answer)
            return
        stream.say(joined_line(self.step.ref))
        self._streams.append(stream)

    def say_joined(self) -> None:
        """Tell those who wait that the step runs elsewhere."""
        line = joined_line(self.step.ref)
        for stream in self._streams:
            stream.say(line)

    def settle(self, result: bytes | str) -> None:
        """Give everybody the result."""
        self.result = result.encode() if isinstance(result, str) else result
        self._answer(finished_line(self.result))

    def refuse(self, code: RefusalCode) -> None:
        """Tell everybody that the step was not run."""
        self._answer(refused_line(self.step.ref, code))

    def abandon(self) -> None:
        """End everybody's wait without an answer: nobody knows it."""
        if self.answer is None:
            # What its cancelled task may still return must not be taken for an answer.
            self.answer = b""
        for stream in self._streams:
            stream.cut()
        self._streams.clear()

    def _answer(self, line: bytes) -> None:
        self.answer = line
        for stream in self._streams:
            stream.finish(line)
        self._streams.clear()
