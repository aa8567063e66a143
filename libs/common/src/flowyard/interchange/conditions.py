"""Branch conditions of bamboo as expressions of ours, where both mean the same.

What is translated is simple: references, whole numbers and texts, compared and joined by
``and`` or ``or`` alone. Where bamboo would compare what is no number as text, ours fails at the
node; it never takes another branch. All else is kept, in a form that refuses to run.
"""

import re
from collections.abc import Iterator

from flowyard.engine.boolrule import BoolRuleError, quirks
from flowyard.engine.boolrule.grammar import Chain, Comparison, Value, parse
from flowyard.engine.boolrule.quirks import QUIRKS
from flowyard.engine.boolrule.rendering import REFERENCE
from flowyard.engine.expressions import check_expression
from flowyard.interchange.diagnostics import Findings
from flowyard.interchange.references import References

_TRANSLATABLE_QUIRKS = {"bare_reference"}
_MARK = re.compile(r"\$\{r([0-9]+)\}")
_WHOLE = re.compile(r"(?:int|len)\([^()]*(?:\([^()]*\)[^()]*)*\)")
_PLAIN_WORD = re.compile(r"(?!(?:true|false|none|null)$)[A-Za-z_][A-Za-z0-9_]*", re.IGNORECASE)
_PLAIN_TEXT = re.compile(r"(?!(?:true|false|none|null)$)[^\[{$\\]*", re.IGNORECASE)
_TRUTHS = '{"true": 1, "True": 1, "1": 1, "false": 0, "False": 0, "0": 0}'
_PLAIN_OPERATORS = ("==", "!=")


class _NotSimpleError(Exception):
    """Raised for what means something else in our language, or cannot be written in it."""


def translated(condition: str, references: References, findings: Findings) -> str:
    """Return a condition as an expression of ours, and say what became of it."""
    if condition == "*":
        return "True"
    try:
        named = quirks(condition)
    except BoolRuleError as error:
        return _refusing(condition, findings, str(error))
    if set(named) - _TRANSLATABLE_QUIRKS:
        return _refusing(condition, findings, " ".join(QUIRKS[name] for name in named))
    try:
        expression = _Translator(condition, references).expression()
    except _NotSimpleError as error:
        return _refusing(condition, findings, str(error))
    findings.note("condition_translated", f"{condition} is written {expression} here")
    return expression


def _refusing(condition: str, findings: Findings, reason: str) -> str:
    findings.error(
        "condition_not_translated",
        f"Expected a condition that can be translated, but {condition!r} cannot: {reason}",
        "Write the condition anew; until then the node fails when it is reached.",
    )
    # No number can be read from it, so that it fails at the node with the text in sight.
    kept = repr(condition.replace("${", "$ {")[:2000])
    return f"int({kept}) == 0"


class _Translator:
    def __init__(self, condition: str, references: References) -> None:
        self._expressions: list[str] = []
        self._references = references
        self._chain = parse(REFERENCE.sub(self._placeholder, condition))

    def expression(self) -> str:
        """Return the whole condition."""
        expression = self._of_chain(self._chain)
        if check_expression(expression):
            raise _NotSimpleError("It is too long.")
        return expression

    def _placeholder(self, match: re.Match[str]) -> str:
        expression = self._references.expression(match[1])
        if expression is None:
            raise _NotSimpleError(f"{match[0]} cannot be read.")
        self._expressions.append(expression)
        return f"${{r{len(self._expressions) - 1}}}"

    def _of_chain(self, chain: Chain) -> str:
        parts = [
            f"({self._of_chain(part)})" if isinstance(part, Chain) else self._of_comparison(part)
            for part in chain.conditions
        ]
        joint = f" {chain.joints[0]} " if chain.joints else ""
        return joint.join(parts)

    def _of_comparison(self, comparison: Comparison) -> str:
        left, right = comparison.left, comparison.right
        if not isinstance(left, Value):
            raise _NotSimpleError("A list stands on the left.")
        if comparison.operator in ("in", "notin"):
            return self._membership(left, right, is_in=comparison.operator == "in")
        if not isinstance(right, Value):
            raise _NotSimpleError("A list is compared.")
        if self._reference(right) is not None:
            return self._two_references(left, comparison.operator, right)
        return self._pair(left, comparison.operator, right)

    def _pair(self, left: Value, operator: str, right: Value) -> str:
        if right.kind == "integer":
            return f"{self._whole(left)} {operator} {right.value}"
        is_plain = operator in _PLAIN_OPERATORS
        reference = self._reference(left)
        if is_plain and left.kind == right.kind == "truth":
            return f"{left.value} {operator} {right.value}"
        if is_plain and right.kind == "truth" and reference is not None:
            # Looking it up fails for what is no truth value.
            return f"{_TRUTHS}[str({reference})] {operator} {int(right.value)}"
        if is_plain and right.kind == "text":
            return f"{self._text(left, (right,))} {operator} {_literal(right)}"
        raise _NotSimpleError("The two sides are of different kinds.")

    def _two_references(self, left: Value, operator: str, right: Value) -> str:
        sides = (self._reference(left), self._reference(right))
        if None in sides or not any(_WHOLE.fullmatch(side or "") for side in sides):
            raise _NotSimpleError("A value put in stands on the right.")
        return f"{self._whole(left)} {operator} {self._whole(right)}"

    def _membership(self, left: Value, right: Value | tuple[Value, ...], *, is_in: bool) -> str:
        if isinstance(right, Value):
            raise _NotSimpleError("It looks for a part of a text.")
        word = "in" if is_in else "not in"
        if all(item.kind == "integer" for item in right):
            listed = ", ".join(str(item.value) for item in right)
            return f"{self._whole(left)} {word} [{listed}]"
        if all(item.kind == "text" for item in right):
            listed = ", ".join(_literal(item) for item in right)
            return f"{self._text(left, right)} {word} [{listed}]"
        raise _NotSimpleError("The list holds values of different kinds.")

    def _whole(self, value: Value) -> str:
        """Return what is compared with whole numbers."""
        if value.kind == "integer":
            return str(value.value)
        reference = self._reference(value)
        if reference is None:
            raise _NotSimpleError("A text is compared with a number.")
        return reference if _WHOLE.fullmatch(reference) else f"int({reference})"

    def _text(self, value: Value, others: tuple[Value, ...]) -> str:
        """Return what is compared with texts that ours and bamboo's rendering agree about."""
        reference = self._reference(value)
        allowed = _PLAIN_TEXT if reference is None else _PLAIN_WORD
        if not all(allowed.fullmatch(str(other.value)) for other in others):
            raise _NotSimpleError("Values are written in another way than in bk-sops.")
        if reference is not None:
            return f"str({reference})"
        if value.kind != "text":
            raise _NotSimpleError("A word stands without quotes.")
        pieces = list(self._pieces(str(value.value)))
        return " + ".join(pieces) if pieces else '""'

    def _pieces(self, text: str) -> Iterator[str]:
        for index, piece in enumerate(_MARK.split(text)):
            if index % 2:
                yield f"str({self._expressions[int(piece)]})"
            elif piece:
                yield repr(piece)

    def _reference(self, value: Value) -> str | None:
        match = _MARK.fullmatch(value.source)
        return None if match is None else self._expressions[int(match[1])]


def _literal(value: Value) -> str:
    text = str(value.value)
    if "${" in text:
        raise _NotSimpleError("A value put in stands on the right.")
    return repr(text)
