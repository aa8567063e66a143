"""Our expressions in the language of bk-sops, where that can read them."""

import re
from collections.abc import Collection, Mapping

from flowyard.engine.boolrule.rendering import REFERENCE
from flowyard.engine.expressions import names_in
from flowyard.engine.expressions.text import Marked, split_text
from flowyard.engine.graph import JsonValue
from flowyard.engine.scope import SYSTEM_NAMES as OUR_NAMES
from flowyard.interchange.diagnostics import Findings
from flowyard.interchange.references import LITERAL_DOLLAR, PROJECT_PREFIX, SYSTEM_NAMES

_THEIR_SYSTEM_NAMES = {ours: theirs for theirs, ours in reversed([*SYSTEM_NAMES.items()])}
_WORD = re.compile(
    r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
    r"|(?<![\w.])(?:instance|project)\.[a-z_A-Z0-9]+|(?<![\w.])[^\W\d]\w*"
)


class BackReferences:
    """Translates expressions of one definition.

    Parameters
    ----------
    known
        Names of its variables.
    derived
        Variables that expressions read for the names in this mapping.
    """

    def __init__(self, known: Collection[str], derived: Mapping[str, str]) -> None:
        self._known = known
        self._derived = derived

    def value(self, value: JsonValue, findings: Findings) -> tuple[JsonValue, bool]:
        """Return a value in the other language, and whether it is to be rendered there."""
        if not _has_expressions(value) and self._reads_variables(unescaped(value)):
            return unescaped(value), False
        return self._value(value, findings), True

    def literal(self, value: JsonValue) -> tuple[JsonValue, bool]:
        """Return a value that is taken as it is here, and whether it can be rendered there."""
        return value, not self._reads_variables(value)

    def _reads_variables(self, value: JsonValue) -> bool:
        """Tell whether bk-sops would put variables into a value that is to stay as it is."""
        match value:
            case str():
                return any(
                    names_in(match[0]) & {*self._known} or "_system." in match[0]
                    for match in REFERENCE.finditer(value)
                )
            case list():
                return any(self._reads_variables(item) for item in value)
            case dict():
                return any(self._reads_variables(item) for item in value.values())
            case _:
                return False

    def _value(self, value: JsonValue, findings: Findings) -> JsonValue:
        match value:
            case str():
                return self._text(value, findings)
            case list():
                return [
                    self._value(item, findings.about(index)) for index, item in enumerate(value)
                ]
            case dict():
                return {key: self._value(item, findings.about(key)) for key, item in value.items()}
            case _:
                return value

    def _text(self, text: str, findings: Findings) -> str:
        if "${" not in text:
            return text
        pieces = [
            self.expression(piece.text, findings) if isinstance(piece, Marked) else piece
            for piece in split_text(text)
        ]
        return "".join(pieces)

    def expression(self, text: str, findings: Findings) -> str:
        """Return one expression, given without ``${}``, in theirs."""
        if text == '"$"':
            return "$"
        translated = _WORD.sub(self._name, text)
        found = f"${{{translated}}}"
        left = names_in(f"${{{translated}}}") & {*OUR_NAMES}
        if left or REFERENCE.fullmatch(found) is None:
            findings.error(
                "expression_not_there",
                f"Expected an expression that bk-sops can read, but ${{{text}}} is none",
                "Use variables in place of nodes, loop, secrets and brackets.",
            )
        return found

    def _name(self, match: re.Match[str]) -> str:
        word = str(match[0])
        if word in _THEIR_SYSTEM_NAMES:
            return _THEIR_SYSTEM_NAMES[word]
        if word.startswith("project.") and "project" not in self._known:
            return PROJECT_PREFIX + word.removeprefix("project.")
        return self._derived.get(word, word)

    def condition(self, boolrule: str, findings: Findings) -> str:
        """Return a condition of a branch."""

        def translated(match: re.Match[str]) -> str:
            if match[0] == LITERAL_DOLLAR:
                return "$"
            return self.expression(match[1], findings)

        return REFERENCE.sub(translated, boolrule)


def _has_expressions(value: JsonValue) -> bool:
    match value:
        case str():
            return any(isinstance(piece, Marked) for piece in split_text(value))
        case list():
            return any(_has_expressions(item) for item in value)
        case dict():
            return any(_has_expressions(item) for item in value.values())
        case _:
            return False


def unescaped(value: JsonValue) -> JsonValue:
    """Return a value without expressions as it means."""
    match value:
        case str():
            return value.replace("$${", "${")
        case list():
            return [unescaped(item) for item in value]
        case dict():
            return {key: unescaped(item) for key, item in value.items()}
        case _:
            return value
