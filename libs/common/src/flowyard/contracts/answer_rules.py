"""What a plugin's answer has to be before anybody else may see it.

The plugin gateway holds every answer to these rules; plugins' own tests do the same.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticSerializationError

from flowyard.contracts.plugin_api import MAX_OUTPUT_BYTES
from flowyard.errors import PermanentError

_ESCAPED_NUL = b"\\u0000"


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


def dump_outputs(model: type[BaseModel], outputs: object) -> dict[str, Any]:
    """Return outputs as their model writes them.

    Raises
    ------
    AnswerError
        Raised with code ``invalid_outputs`` if they do not fit the model.
    """
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


def encode(value: object, what: str) -> bytes:
    """Return outputs or a state as JSON.

    Raises
    ------
    AnswerError
        Raised with code ``invalid_outputs`` if it cannot be JSON, or
        ``output_too_large``.
    """
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
