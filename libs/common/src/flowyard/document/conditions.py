"""``when`` texts, in which ``${...}`` may stand around the whole, around parts, or not at all."""

from flowyard.document.part import Part
from flowyard.engine.boolrule import BoolRuleError, quirks
from flowyard.engine.boolrule.rendering import REFERENCE
from flowyard.engine.expressions import (
    ExpressionError,
    SyntaxProblem,
    check,
    check_expression,
    plain_condition,
)
from flowyard.engine.expressions.text import Marked, split_text


def read_condition(part: Part) -> str:
    """Return a condition without ``${}``; what is wrong with it is reported in place."""
    text = part.text("an expression")
    marked = check(text)
    for problem in marked:
        _report(part, problem, problem.offset + problem.position)
    if marked:
        return text
    try:
        expression = _plain(text)
    except ExpressionError as error:
        part.wrong("expression_syntax", error.reason)
        return text
    for problem in check_expression(expression):
        # Where ${} was taken away the positions differ, and the text's own place has to do.
        _report(part, problem, problem.position if expression == text else None)
    return expression


def read_boolrule(part: Part) -> str:
    """Return a condition in the language of bk-sops; what is wrong with it is reported in place."""
    text = part.text("a condition")
    if not isinstance(part.value, str):
        return text
    for reference in REFERENCE.finditer(text):
        for problem in check_expression(reference[1].strip()):
            _report(part, problem, reference.start(1) + problem.position)
    try:
        quirks(text)
    except BoolRuleError as error:
        place = None
        if error.position is not None:
            place = part.report.places.within(part.path, error.position)
        part.report.add(
            "boolrule_syntax", error.reason, part.path, node_id=part.node_id, place=place
        )
    return text


def _plain(text: str) -> str:
    pieces = list(split_text(text.strip()))
    if len(pieces) == 1 and isinstance(pieces[0], Marked):
        return pieces[0].text.strip()
    return plain_condition(text)


def _report(part: Part, problem: SyntaxProblem, position: int | None) -> None:
    places = part.report.places
    part.report.add(
        "expression_syntax",
        problem.reason,
        part.path,
        node_id=part.node_id,
        place=places.of(part.path) if position is None else places.within(part.path, position),
    )
