"""Options of nodes, told alike by every format."""

from collections.abc import Mapping

from flowyard.engine.graph import JsonValue
from flowyard.interchange.flow import OPTION_DEFAULTS
from flowyard.interchange.part import Part

_FORMER_NAMES: Mapping[str, tuple[str, ...]] = {
    "error_ignorable": ("error_ignorable", "ignore_error"),
    "retryable": ("retryable", "can_retry"),
    "skippable": ("skippable", "can_skip", "isSkipped"),
}
"""What an option was or is called elsewhere, keyed by its name here."""


def read_options(part: Part) -> dict[str, JsonValue]:
    """Return the options of a node that are not as when left out."""
    found: dict[str, JsonValue] = {}
    for name, default in OPTION_DEFAULTS.items():
        value = part.get(*_FORMER_NAMES.get(name, (name,))).value
        if not _is_default(value, default):
            found[name] = value
    return found


def _is_default(value: JsonValue, default: JsonValue) -> bool:
    if value is None or value == default:
        return True
    if isinstance(default, dict):
        is_off = isinstance(value, dict) and value.get("enable") is False
        return value in ({}, "") or is_off
    return value in ("", [], {}) and not default
