"""Values given on the command line, typed by the inputs that they are for."""

import math
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import orjson

from flowyard.engine.graph import InputSpec, JsonValue, VariableType
from flowyard_cli.errors import UsageError

_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})
_JSON_TYPES = {
    VariableType.LIST: list,
    VariableType.TABLE: list,
    VariableType.OBJECT: dict,
}


def parse_pairs(pairs: Sequence[str], option: str) -> dict[str, str]:
    """Return ``key=value`` texts as a mapping; the last one of a key wins.

    Raises
    ------
    UsageError
        Raised if one of them has no ``=`` or no key.
    """
    found: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key.strip():
            raise UsageError(f"Expected {option} key=value, but got {option} {pair!r}")
        found[key.strip()] = value
    return found


def parse_variables(pairs: Sequence[str], specs: Sequence[InputSpec]) -> dict[str, JsonValue]:
    """Return the inputs of an instance, typed as the template declares them.

    Parameters
    ----------
    pairs
        ``name=value``; ``name=@file`` takes the file's text as the value.
    specs
        The template's inputs.

    Raises
    ------
    UsageError
        Raised if a name is unknown, a required one is missing, or a value does not fit its type.
    """
    known = {spec.name: spec for spec in specs}
    given = parse_pairs(pairs, "--var")
    for name in given:
        if name not in known:
            raise UsageError(f"Expected an input of the template, but got '{name}': {_list(known)}")
    # Whether what has a condition is asked for, the server tells.
    asked = [spec for spec in specs if spec.is_shown and spec.visible_when is None]
    missing = [spec.name for spec in asked if spec.is_required and spec.name not in given]
    if missing:
        wanted = " ".join(f"--var {name}=..." for name in missing)
        raise UsageError(f"Expected a value for each required input, but some lack one: {wanted}")
    return {name: typed(known[name], read_text(value)) for name, value in given.items()}


def typed(spec: InputSpec, text: str) -> JsonValue:
    """Return a text as the value of an input; raises like :func:`parse_variables`."""
    match spec.type:
        case VariableType.STRING | VariableType.TEXT:
            return text
        case VariableType.DATE | VariableType.DATETIME | VariableType.TIME:
            return text.strip()
        case VariableType.INTEGER | VariableType.NUMBER:
            return _number(spec, text)
        case VariableType.BOOLEAN:
            return _boolean(spec, text)
        case VariableType.SELECT:
            return _option(spec, text)
        case VariableType.PASSWORD:
            return _secret(spec, text)
        case VariableType.MULTI_SELECT:
            items = _items(text, r"\s*,\s*")
            return [_option(spec, item) if isinstance(item, str) else item for item in items]
        case VariableType.HOST_LIST | VariableType.USER_LIST:
            return _items(text, r"[\s,]+")
        case _:
            return _json(spec, text)


def _option(spec: InputSpec, text: str) -> JsonValue:
    """Return the option that a text names by its value or its label, else the text."""
    for option in spec.options:
        if text in (str(option.value), orjson.dumps(option.value).decode(), option.label):
            return option.value
    return text


def _secret(spec: InputSpec, text: str) -> JsonValue:
    word, colon, name = text.strip().partition(":")
    if word != "secret" or not colon or not name:
        # What was given may be a password after all: it is not repeated.
        raise UsageError(
            f"Expected secret:NAME for the input '{spec.name}', which takes the name of a stored"
            " secret ('flowyard secret set NAME'), but got something else"
        )
    return {"secret": name}


def _items(text: str, separator: str) -> list[JsonValue]:
    """Return the items of a list: JSON, or with separators between them."""
    if text.lstrip().startswith("["):
        with suppress(orjson.JSONDecodeError):
            found: list[JsonValue] = orjson.loads(text)
            return found
    return [item for item in re.split(separator, text.strip()) if item]


def _number(spec: InputSpec, text: str) -> JsonValue:
    is_whole = spec.type is VariableType.INTEGER
    try:
        number = int(text) if is_whole or text.strip().lstrip("+-").isdigit() else float(text)
    except ValueError:
        raise _misfit(spec, text) from None
    if not math.isfinite(number):
        raise _misfit(spec, text)
    return number


def _boolean(spec: InputSpec, text: str) -> JsonValue:
    word = text.strip().lower()
    if word in _TRUE | _FALSE:
        return word in _TRUE
    raise _misfit(spec, text)


def _json(spec: InputSpec, text: str) -> JsonValue:
    try:
        value: JsonValue = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise _misfit(spec, text) from None
    wanted = _JSON_TYPES.get(spec.type)
    if wanted is not None and not isinstance(value, wanted):
        raise _misfit(spec, text)
    return value


def read_text(value: str) -> str:
    """Return a value as it was given; ``@file`` gives the file's text, ``@@`` stands for ``@``.

    Raises
    ------
    UsageError
        Raised if the file cannot be read.
    """
    if value.startswith("@@"):
        return value[1:]
    if not value.startswith("@"):
        return value
    file = Path(value[1:])
    try:
        return file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"Expected to read the file {file}, but: {_cause(error)}") from error


def _cause(error: OSError | UnicodeDecodeError) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else "it is not UTF-8 text"


def _misfit(spec: InputSpec, text: str) -> UsageError:
    shown = text if len(text) <= 40 else f"{text[:37]}..."  # noqa: PLR2004
    kind = "JSON" if spec.type is VariableType.JSON else f"a {spec.type} as JSON"
    simple = {VariableType.INTEGER, VariableType.NUMBER, VariableType.BOOLEAN}
    wanted = f"a value of type {spec.type}" if spec.type in simple else kind
    return UsageError(f"Expected {wanted} for the input '{spec.name}', but got '{shown}'")


def _list(known: Mapping[str, InputSpec]) -> str:
    if not known:
        return "the template has none"
    return "it has " + ", ".join(f"{name} ({spec.type})" for name, spec in known.items())


def parse_loose(pairs: Sequence[str]) -> dict[str, JsonValue]:
    """Return values whose types nobody declares here: JSON where it is JSON, else text."""
    found: dict[str, JsonValue] = {}
    for name, value in parse_pairs(pairs, "--var").items():
        text = read_text(value)
        try:
            found[name] = orjson.loads(text)
        except orjson.JSONDecodeError:
            found[name] = text
    return found


def parse_object(text: str, option: str) -> dict[str, JsonValue]:
    """Return a JSON object that was given as text or as ``@file``.

    Raises
    ------
    UsageError
        Raised if it is no JSON object.
    """
    try:
        value = orjson.loads(read_text(text))
    except orjson.JSONDecodeError as error:
        raise UsageError(f"Expected {option} to be JSON, but: {error}") from error
    if not isinstance(value, dict):
        raise UsageError(f"Expected {option} to be a JSON object, but it is another kind")
    return value


def holds_reference(value: JsonValue) -> bool:
    """Tell whether a value refers to a secret somewhere, which nobody may send by hand."""
    if isinstance(value, dict):
        return any(key.startswith("$") or holds_reference(item) for key, item in value.items())
    return isinstance(value, list) and any(holds_reference(item) for item in value)
