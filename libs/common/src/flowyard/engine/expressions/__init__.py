"""The expression language: a safe subset of Python's expressions in ``${...}``.

Rules: an expression reads names and returns a JSON value; it changes nothing,
reaches no object of Python, and sees no clock and no chance. It is bounded by
steps and by the size of its results, never by time, so that the same names give
the same result or the same error on every machine. Only
:class:`ExpressionError` comes out of it.

Theory of operation, one module per stage: a text is taken apart (``text``), an
expression is cut into tokens (``source``) and only then given to Python's
parser (``parse``); the tree is checked against an allow-list once (``syntax``)
and walked at each evaluation (``evaluator``) over bounded ``operators``,
``functions`` and ``methods``; its ``values`` are checked on the way in and
copied on the way out.

A value that is exactly one ``${...}`` keeps the type of its result; inside text
the result becomes text: texts as they are, all else as JSON. ``$${`` stands for
a literal ``${``. ``secrets.X`` may be returned and put into text, and into
lists and objects; nothing may look at it.
"""

from collections.abc import Mapping

from flowyard.engine.expressions.condition import plain_condition
from flowyard.engine.expressions.errors import ExpressionError, SyntaxProblem, sorted_names
from flowyard.engine.expressions.parse import parse
from flowyard.engine.expressions.template import Budget, Renderer, Run, compile_value
from flowyard.engine.expressions.text import codes_of, has_opening, problem, problems_of
from flowyard.engine.expressions.values import SecretName
from flowyard.engine.graph import JsonValue

__all__ = [
    "Budget",
    "ExpressionError",
    "Renderer",
    "SecretName",
    "SyntaxProblem",
    "Together",
    "check",
    "check_expression",
    "compile_value",
    "evaluate",
    "has_expressions",
    "names_in",
    "paths_in",
    "plain_condition",
    "render",
]


def render(value: JsonValue, names: Mapping[str, object]) -> JsonValue:
    """Return a value with every expression in its texts evaluated.

    A value without expressions is returned as it is, not copied. For a value
    that is rendered often, :func:`compile_value` once is cheaper.

    Parameters
    ----------
    value
        Any JSON; texts in lists and objects may hold expressions, keys may not.
    names
        What expressions may read; asked only for what they do read. Values are
        JSON, :class:`SecretName`, or mappings of these.

    Raises
    ------
    ExpressionError
        Raised if an expression does not parse, is refused, or fails.
    """
    try:
        renderer = compile_value(value)
    except ExpressionError as error:
        raise _knowing(error, names) from error
    return renderer.render(names)


def evaluate(expression: str, names: Mapping[str, object]) -> JsonValue:
    """Return the result of one expression, written without ``${`` and ``}``.

    Parameters
    ----------
    expression
        The text.
    names
        What it may read; asked only for what it does read.

    Raises
    ------
    ExpressionError
        Raised if it does not parse, is refused, or fails.
    """
    return Together(names).evaluate(expression)


class Together:
    """Evaluates several expressions that share the bounds of one rendering.

    Parameters
    ----------
    names
        What they may read; asked only for what they do read.
    """

    def __init__(self, names: Mapping[str, object]) -> None:
        self._run = Run(names)

    def evaluate(self, expression: str) -> JsonValue:
        """Return the result of one expression, written without ``${`` and ``}``.

        Raises
        ------
        ExpressionError
            Raised if it does not parse, is refused, or fails.
        """
        try:
            code = parse(expression)
        except ExpressionError as error:
            raise _knowing(error, self._run.names) from error
        return self._run.copied(code)


def check(value: JsonValue) -> tuple[SyntaxProblem, ...]:
    """Return what can never be evaluated in a value, in the order of its texts."""
    return tuple(problems_of(value))


def check_expression(expression: str) -> tuple[SyntaxProblem, ...]:
    """Return why one expression without ``${`` and ``}`` can never be evaluated, if so."""
    try:
        parse(expression)
    except ExpressionError as error:
        return (problem(error),)
    return ()


def names_in(value: JsonValue) -> frozenset[str]:
    """Return the top-level names that a value's expressions read; those with errors are left out.

    Names that a comprehension binds are no names of its surroundings, and functions are none.
    """
    return frozenset(path[0] for path in paths_in(value))


def paths_in(value: JsonValue) -> frozenset[tuple[str, ...]]:
    """Return what a value's expressions read, as a name and the fixed keys behind it.

    ``${nodes.build.image}`` and ``${nodes["build"].image}`` both give
    ``("nodes", "build", "image")``.
    """
    return frozenset(path for code in codes_of(value) for path in code.paths)


def has_expressions(value: JsonValue) -> bool:
    """Tell whether rendering would do more than return the value."""
    return has_opening(value)


def _knowing(error: ExpressionError, names: Mapping[str, object]) -> ExpressionError:
    """Return an error of the parser with the names that could have been used."""
    return ExpressionError(
        expression=error.expression,
        position=error.position,
        reason=error.reason,
        known_names=sorted_names(names),
    )
