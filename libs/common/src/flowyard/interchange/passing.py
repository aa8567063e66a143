"""Values that a flow gives to a subflow, as the subflow's inputs take them."""

import re
from collections.abc import Mapping

from flowyard.engine.boolrule.rendering import REFERENCE
from flowyard.engine.graph import JsonValue
from flowyard.interchange.diagnostics import Findings
from flowyard.interchange.input_forms import JOINED_TYPES, PASSWORD, as_integer, words

_TEXTS = ("string", "text")


def passed(
    value: JsonValue, spec: Mapping[str, JsonValue], texts: frozenset[str], findings: Findings
) -> JsonValue:
    """Return a translated value in the type of a subflow's input.

    In bk-sops nothing has a type: what a text field is given may be a number, and what a field
    of numbers is given a text.

    Parameters
    ----------
    spec
        The input.
    texts
        Names of variables that are text for sure.
    findings
        Where to say what is left out.
    """
    kind = spec.get("type")
    lone = REFERENCE.fullmatch(value) if isinstance(value, str) else None
    expression = lone[1] if lone else ""
    if kind in _TEXTS:
        return _text(value, expression, texts)
    if kind == "integer":
        if expression:
            return value if _is_call("int", expression) else f"${{int({expression})}}"
        number = as_integer(value)
        return value if number is None else number
    if kind in JOINED_TYPES:
        if expression.startswith("["):
            return value
        if expression:
            parts = f"str({expression}).split(',')"
            return f"${{[one.strip() for one in {parts} if one.strip()]}}"
        return list(words(value)) if isinstance(value, str) else value
    if kind == PASSWORD and not expression:
        findings.warning(
            "password_left_out",
            "Expected no password in a definition, so its value is left out",
            "Store it as a secret and give ${secrets.NAME} here.",
        )
        return None
    return value


def _text(value: JsonValue, expression: str, texts: frozenset[str]) -> JsonValue:
    if not expression:
        is_scalar = isinstance(value, bool | int | float)
        return str(value) if is_scalar else value
    is_text = (
        expression in texts
        or _is_call("str", expression)
        or re.fullmatch(r"instance\.(?!parent)\w+", expression)
    )
    return f"${{{expression}}}" if is_text else f"${{str({expression})}}"


def _is_call(function: str, expression: str) -> bool:
    """Tell whether an expression is a call of a function with one simple argument."""
    return re.fullmatch(rf"{function}\([^()]*(\([^()]*\)[^()]*)*\)", expression) is not None
