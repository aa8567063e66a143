"""bamboo's branch conditions with exactly their own meaning, for flows that were imported.

Rules: ``${...}`` is rendered to text first, by our expressions; the text is then read as a
condition (``grammar``) and told true or false (``meaning``). It is bounded by the length and
the nesting of the text. Only :class:`BoolRuleError` comes out of it. What surprises people is
kept as it is, and named by :func:`quirks`.
"""

from collections.abc import Mapping

from flowyard.engine.boolrule.errors import BoolRuleError
from flowyard.engine.boolrule.grammar import parse
from flowyard.engine.boolrule.meaning import holds
from flowyard.engine.boolrule.quirks import QUIRKS, quirks
from flowyard.engine.boolrule.rendering import rendered

__all__ = ["QUIRKS", "BoolRuleError", "evaluate_boolrule", "quirks"]


def evaluate_boolrule(text: str, names: Mapping[str, object]) -> bool:
    """Tell whether a condition holds.

    Parameters
    ----------
    text
        The condition as it was written; ``*`` alone always holds.
    names
        What its ``${...}`` may read; asked only for what they do read.

    Raises
    ------
    BoolRuleError
        Raised if an expression in it fails, if it cannot be read, or if its operands cannot
        be compared.
    """
    condition = rendered(text, names)
    return condition == "*" or holds(parse(condition), condition)
