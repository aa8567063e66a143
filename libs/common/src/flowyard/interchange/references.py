"""``${...}`` of bk-sops in our expression language, where that can read it."""

import re
from collections.abc import Mapping

from flowyard.engine.boolrule.rendering import REFERENCE
from flowyard.engine.expressions import check_expression
from flowyard.engine.graph import JsonValue
from flowyard.interchange.diagnostics import Findings

SYSTEM_NAMES: Mapping[str, str] = {
    "_system.task_name": "instance.name",
    "_system.task_id": "instance.id",
    "_system.task_start_time": "instance.started_at",
    "_system.operator": "instance.actor",
    "_system.executor": "instance.actor",
    "_system.project_name": "instance.project",
}
"""System variables of bk-sops that ours know too."""

_QUOTED_OR_NAME = re.compile(
    r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|(?<![\w.])_system\.[a-z_]+|(?<![\w.])[^\W\d]\w*"
)


class References:
    """Translates expressions of one flow.

    Parameters
    ----------
    names
        Our names of variables, by those in the file.
    late
        Expressions of ours that take the place of variables, by those names.
    """

    def __init__(self, names: Mapping[str, str], late: Mapping[str, str] | None = None) -> None:
        self._names = names
        self._late = late or {}

    def expression(self, text: str) -> str | None:
        """Return one expression without ``${}``; None where our language cannot read it."""
        translated = _QUOTED_OR_NAME.sub(self._name, text.strip())
        has_unknown_system = "_system." in translated or "_env_" in translated
        if has_unknown_system or check_expression(translated):
            return None
        return translated

    def _name(self, match: re.Match[str]) -> str:
        word = match[0]
        if word in self._late:
            return f"({self._late[word]})"
        return SYSTEM_NAMES.get(word) or self._names.get(word) or word

    def value(self, value: JsonValue, findings: Findings) -> JsonValue:
        """Return a value with the expressions in its texts translated.

        What our language cannot read stays as text, as it does in bk-sops, and is an error.
        """
        match value:
            case str():
                return self._text(value, findings)
            case list():
                return [self.value(item, findings.about(index)) for index, item in enumerate(value)]
            case dict():
                return {
                    _safe_key(key, findings): self.value(item, findings.about(key))
                    for key, item in value.items()
                }
            case _:
                return value

    def _text(self, text: str, findings: Findings) -> str:
        pieces: list[str] = []
        place = 0
        for match in REFERENCE.finditer(text):
            before = text[place : match.start()].replace("${", "$${")
            # A dollar sign before an expression would take its meaning away.
            pieces.append(f'{before[:-1]}${{"$"}}' if before.endswith("$") else before)
            pieces.append(self._marked(match, findings))
            place = match.end()
        pieces.append(text[place:].replace("${", "$${"))
        return "".join(pieces)

    def _marked(self, match: re.Match[str], findings: Findings) -> str:
        translated = self.expression(match[1])
        if translated is None:
            findings.error(
                "unreadable_expression",
                f"Expected an expression that can be read here, but {match[0]} is none;"
                " it stays as text",
                "Write it in the expression language of Flowyard.",
            )
            return f"${match[0]}"
        if translated != match[1].strip():
            findings.note("expression_rewritten", f"{match[0]} is written ${{{translated}}} here")
        return f"${{{translated}}}"


def _safe_key(key: str, findings: Findings) -> str:
    """Return a key that is not reserved: those that begin with a dollar sign name secrets."""
    if not key.startswith("$"):
        return key
    findings.error("reserved_key", f"Expected a key without a leading $, but it is {key}")
    return key.lstrip("$") or "_"
