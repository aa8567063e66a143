"""``${...}`` in conditions, rendered to text as bamboo's template language does it."""

import re
from collections.abc import Mapping

from flowyard.engine.boolrule.errors import BoolRuleError
from flowyard.engine.expressions import ExpressionError, Together
from flowyard.engine.graph import JsonValue

REFERENCE = re.compile(r"\$\{([^${}#]+)\}")
"""What is rendered: an expression in it has no ``$``, ``{``, ``}`` and ``#``."""

_ESCAPED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_ESCAPING = str.maketrans(_ESCAPED)


def rendered(condition: str, names: Mapping[str, object]) -> str:
    """Return a condition with the values of its ``${...}`` in their place.

    Values become text as Python writes them: ``True``, ``None``, ``['a']``. Breaks and tabs
    in texts are escaped, so that a text in quotes stays on its line.

    Raises
    ------
    BoolRuleError
        Raised if an expression fails, or if its value holds a secret.
    """
    together = Together(names)

    def replaced(match: re.Match[str]) -> str:
        try:
            value = together.evaluate(match[1].strip())
        except ExpressionError as error:
            position = match.start(1)
            raise BoolRuleError(
                condition=condition, position=position, reason=error.reason
            ) from error
        if _has_secret(value):
            raise BoolRuleError(
                condition=condition,
                position=match.start(1),
                reason="Expected a value that may be looked at, but it holds a secret",
            )
        return _text(value)

    return REFERENCE.sub(replaced, condition)


def _text(value: JsonValue) -> str:
    if not isinstance(value, str):
        return str(value)
    if any(escape in value for escape in _ESCAPED.values()):
        return value
    return value.translate(_ESCAPING)


def _has_secret(value: JsonValue) -> bool:
    pending = [value]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            if any(key.startswith("$") for key in part):
                return True
            pending.extend(part.values())
        elif isinstance(part, list):
            pending.extend(part)
    return False
