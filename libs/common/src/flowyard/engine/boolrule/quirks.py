"""Forms of bamboo's conditions that mean something else than most people read in them."""

from collections.abc import Iterator, Mapping

from flowyard.engine.boolrule.errors import BoolRuleError
from flowyard.engine.boolrule.grammar import Chain, Comparison, Value, parse
from flowyard.engine.boolrule.rendering import REFERENCE

QUIRKS: Mapping[str, str] = {
    "mixed_and_or": "and and or have no precedence: a false and, or a true or, ends the chain.",
    "number_cut": "A number with a fraction is cut to a whole one beside a whole number.",
    "text_as_number": "A text beside a whole number or truth value is read as a whole number.",
    "text_order": "Two texts are ordered by their characters: '10' comes before '9'.",
    "truth_as_number": "true is 1 and false is 0 beside a whole number.",
    "bare_word": "A word without quotes is the text of its own name.",
    "bare_reference": "A value put in without quotes has to be a number, a truth value or a word.",
    "part_of_text": "in looks for a part of a text, not for an item of a list.",
    "list_as_text": "A list beside a single value is compared as text.",
    "escape_in_text": "In quotes, \\t, \\n, \\f and \\r mean a tab, a break or a feed.",
    "shape_depends_on_values": "Whether it can be read at all depends on the values put in.",
}
"""What each quirk means, keyed by its name."""

_PLACEHOLDER = "${reference}"
_ORDERINGS = ("<", "<=", ">", ">=")


def quirks(condition: str) -> tuple[str, ...]:
    """Return the names of the quirky forms that a condition uses, sorted.

    Parameters
    ----------
    condition
        As it was written; its ``${...}`` stand for values that are not known yet.

    Raises
    ------
    BoolRuleError
        Raised if it can never be read, whatever the values.
    """
    if condition == "*":
        return ()
    try:
        chain = parse(REFERENCE.sub(_PLACEHOLDER, condition))
    except BoolRuleError:
        if REFERENCE.search(condition):
            return ("shape_depends_on_values",)
        raise
    return tuple(sorted(set(_of_chain(chain))))


def _of_chain(chain: Chain) -> Iterator[str]:
    if len(set(chain.joints)) > 1:
        yield "mixed_and_or"
    for condition in chain.conditions:
        if isinstance(condition, Chain):
            yield from _of_chain(condition)
        else:
            yield from _of_comparison(condition)


def _of_comparison(comparison: Comparison) -> Iterator[str]:
    left, right = comparison.left, comparison.right
    for operand in (left, right):
        for value in (operand,) if isinstance(operand, Value) else operand:
            yield from _of_value(value)
    if comparison.operator in ("in", "notin"):
        if isinstance(right, Value) and right.kind in ("text", "word"):
            yield "part_of_text"
    elif comparison.operator in ("issuperset", "notissuperset"):
        return
    elif isinstance(left, Value) and isinstance(right, Value):
        yield from _of_pair(left, right, is_ordering=comparison.operator in _ORDERINGS)
    elif isinstance(left, Value) or isinstance(right, Value):
        yield "list_as_text"


def _of_value(value: Value) -> Iterator[str]:
    if value.kind == "word" and not _is_reference(value):
        yield "bare_word"
    if value.kind == "text" and any(mark in value.source for mark in ("\\t", "\\n", "\\f", "\\r")):
        yield "escape_in_text"


def _of_pair(left: Value, right: Value, *, is_ordering: bool) -> Iterator[str]:
    kinds = {left.kind, right.kind}
    has_reference = _is_reference(left) or _is_reference(right)
    has_integer = bool(kinds & {"integer", "truth"})
    if "real" in kinds and (has_integer or has_reference):
        yield "number_cut"
    if "text" in kinds and has_integer:
        yield "text_as_number"
    if kinds == {"truth", "integer"}:
        yield "truth_as_number"
    if is_ordering and kinds == {"text"}:
        yield "text_order"
    if has_reference and kinds <= {"text", "word"}:
        yield "bare_reference"


def _is_reference(value: Value) -> bool:
    return value.source == _PLACEHOLDER
