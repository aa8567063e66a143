"""From what a plugin returned to a result that may leave the gateway.

Everything is checked here once: the model, the size, NUL bytes, reserved keys;
and secrets are sealed here, on the way out.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticSerializationError

from flowyard.contracts.plugin import Done, Failed, Wait
from flowyard.contracts.plugin_api import MAX_OUTPUT_BYTES
from flowyard.errors import PermanentError
from flowyard.storage.sealing import Sealer
from flowyard_plugin_gateway.held_step import HeldStep
from flowyard_plugin_gateway.references import seal_disclosed, sealed
from flowyard_plugin_gateway.stream import ref_object

MAX_MESSAGE_CHARACTERS = 2000
"""Longest failure message that is kept."""

_ESCAPED_NUL = b"\\u0000"

OutputsT = TypeVar("OutputsT", bound=BaseModel)


class AnswerError(PermanentError):
    """Raised when an answer may not leave the gateway.

    Parameters
    ----------
    code
        The failure that it becomes.
    message
        One sentence for people.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.failure_code = code


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
        fields: dict[str, object] = {"code": code, "message": _valid(safe)}
        if outputs is not None:
            fields["outputs"] = orjson.Fragment(outputs)
        return _encode(held, "failed", fields)

    def _succeeded(self, held: HeldStep, outputs: object) -> bytes:
        dumped = _dump(held.plugin.outputs_model, outputs)
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
            _dump_json(wait.state, "state")
            fields["state"] = sealed(self._sealer, wait.state)
        return _encode(held, "waiting", fields)

    def _checked(self, held: HeldStep, outputs: dict[str, Any]) -> bytes:
        encoded = _dump_json(outputs, "outputs")
        check_text(outputs, encoded)
        hidden = self._hidden(held, outputs)
        return encoded if hidden is outputs else orjson.dumps(hidden)

    def _hidden(self, held: HeldStep, outputs: dict[str, Any]) -> dict[str, Any]:
        secret = [name for name in held.step.secret_outputs if outputs.get(name) is not None]
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


def _dump(model: type[OutputsT], outputs: object) -> dict[str, Any]:
    try:
        valid = outputs if isinstance(outputs, model) else model.model_validate(outputs)
        return valid.model_dump(mode="json", warnings="error")
    except ValidationError as error:
        places = [".".join(map(str, problem["loc"])) for problem in error.errors()]
        message = f"The plugin's outputs do not fit its schema at {', '.join(places)}."
        raise AnswerError("invalid_outputs", message) from error
    except PydanticSerializationError as error:
        message = "The plugin's outputs do not fit its schema."
        raise AnswerError("invalid_outputs", message) from error


def _dump_json(value: object, what: str) -> bytes:
    try:
        encoded = orjson.dumps(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise AnswerError("invalid_outputs", f"The plugin's {what} cannot be JSON.") from error
    if len(encoded) > MAX_OUTPUT_BYTES:
        message = f"The plugin's {what} are {len(encoded)} bytes; {MAX_OUTPUT_BYTES} are allowed."
        raise AnswerError("output_too_large", message)
    return encoded


def check_text(value: object, encoded: bytes) -> None:
    """Refuse NUL bytes and reserved keys in a JSON value.

    Parameters
    ----------
    value
        What is to be checked.
    encoded
        The same as JSON: it shows in one glance that there is nothing to find.

    Raises
    ------
    AnswerError
        Raised with code ``nul_byte`` or ``reserved_key``.
    """
    if _ESCAPED_NUL in encoded and any("\x00" in text for text, _ in _texts(value)):
        raise AnswerError("nul_byte", "The plugin's outputs contain a NUL byte.")
    if b'"$' in encoded and any(is_key and text.startswith("$") for text, is_key in _texts(value)):
        message = "The plugin's outputs contain a key that begins with $, which is reserved."
        raise AnswerError("reserved_key", message)


def _texts(value: object) -> Iterable[tuple[str, bool]]:
    if isinstance(value, str):
        yield value, False
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield key, True
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


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
