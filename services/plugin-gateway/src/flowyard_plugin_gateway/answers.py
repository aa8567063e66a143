"""From what a plugin returned to a result that may leave the gateway.

Everything is checked here once: the model, the size, NUL bytes, reserved keys;
and secrets are sealed here, on the way out.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import orjson

from flowyard.contracts.answer_rules import AnswerError, check_text, dump_outputs, encode
from flowyard.contracts.plugin import Done, Failed, Wait
from flowyard.storage.sealing import Sealer
from flowyard_plugin_gateway.held_step import HeldStep
from flowyard_plugin_gateway.kept_state import keep_state
from flowyard_plugin_gateway.references import seal_disclosed, sealed
from flowyard_plugin_gateway.stream import ref_object

MAX_MESSAGE_CHARACTERS = 2000
"""Longest failure message that is kept."""


class AnswerGate:
    """Turns answers into results.

    Parameters
    ----------
    sealer
        Seals states, secret outputs, and secrets that came out by accident.
    """

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def result(self, held: HeldStep, answer: object) -> bytes:
        """Return a step's result as JSON; an answer that is not allowed becomes a failure."""
        try:
            match answer:
                case Done(outputs=outputs):
                    return self._succeeded(held, outputs)
                case Wait():
                    return self._waiting(held, answer)
                case Failed():
                    return self._failed(held, answer)
                case _:
                    message = f"The plugin returned {type(answer).__name__}, which is no answer."
                    return self.failure(held, "invalid_outputs", message)
        except AnswerError as error:
            return self.failure(held, error.failure_code, str(error))

    def failure(
        self, held: HeldStep, code: str, message: str, outputs: bytes | None = None
    ) -> bytes:
        """Return a failure as a result; its message leaves without secrets and NUL bytes."""
        safe = held.disclosed.mask(message.replace("\x00", ""))
        fields: dict[str, object] = {
            "code": held.disclosed.mask(code),
            "message": _valid(safe),
        }
        if outputs is not None:
            fields["outputs"] = orjson.Fragment(outputs)
        return _encode(held, "failed", fields)

    def _succeeded(self, held: HeldStep, outputs: object) -> bytes:
        dumped = dump_outputs(held.plugin.outputs_model, outputs)
        return _encode(held, "succeeded", {"outputs": orjson.Fragment(self._checked(held, dumped))})

    def _failed(self, held: HeldStep, answer: Failed) -> bytes:
        try:
            outputs = self._checked(held, answer.outputs) if answer.outputs else None
        except AnswerError:
            # The cause matters more than what else was known.
            outputs = None
        return self.failure(held, str(answer.code) or "failed", str(answer.message), outputs)

    def _waiting(self, held: HeldStep, wait: Wait) -> bytes:
        if wait.reason == "timer" and wait.after is None:
            raise AnswerError("invalid_outputs", "The plugin waits for a timer without a time.")
        fields: dict[str, object] = {"wait_for": wait.reason}
        if wait.after is not None:
            fields["after_seconds"] = max(wait.after, timedelta(0)).total_seconds()
        if wait.state is not None:
            encode(wait.state, "state")
            fields["state"] = keep_state(self._sealer, held.plugin, wait.state)
        if wait.outputs:
            fields["outputs"] = orjson.Fragment(self._checked(held, wait.outputs))
        return _encode(held, "waiting", fields)

    def _checked(self, held: HeldStep, outputs: dict[str, Any]) -> bytes:
        encoded = encode(outputs, "outputs")
        check_text(outputs, encoded)
        hidden = self._hidden(held, outputs)
        return encoded if hidden is outputs else orjson.dumps(hidden)

    def _hidden(self, held: HeldStep, outputs: dict[str, Any]) -> dict[str, Any]:
        named = held.step.secret_outputs
        if not named and held.disclosed.is_empty:
            return outputs
        secret = [name for name in named if outputs.get(name) is not None]
        if not secret and held.disclosed.is_empty:
            return outputs
        if any(held.disclosed.is_in(name) for name in outputs):
            raise AnswerError("invalid_outputs", "The name of an output contains a secret.")
        return {
            name: sealed(self._sealer, value)
            if name in secret
            else seal_disclosed(value, held.disclosed, self._sealer)
            for name, value in outputs.items()
        }


def _valid(text: str) -> str:
    return text[:MAX_MESSAGE_CHARACTERS].encode(errors="replace").decode()


def _encode(held: HeldStep, outcome: str, fields: Mapping[str, object]) -> bytes:
    return orjson.dumps(
        {
            "type": "result",
            "ref": ref_object(held.step.ref),
            "outcome": outcome,
            "started_at": held.started_at,
            **fields,
        }
    )
