"""Expressions as trees, checked once: what may never be evaluated is refused here."""

import ast
from functools import lru_cache

from flowyard.engine.expressions.errors import ExpressionError, RefusedError
from flowyard.engine.expressions.limits import MAX_SOURCE_CHARS
from flowyard.engine.expressions.source import Kind, tokens
from flowyard.engine.expressions.syntax import read_paths

_SHORT = 256
"""Expressions up to this length are cached in large numbers, longer ones in small."""


class Code:
    """An expression that was parsed and may be evaluated; never changed.

    Parameters
    ----------
    expression
        Its text.
    body
        Its tree.
    line
        The text that the tree's places count in: one line, without space around it.
    """

    __slots__ = ("_line", "body", "expression", "names", "paths")

    def __init__(self, expression: str, body: ast.expr, line: str) -> None:
        self.expression = expression
        self.body = body
        self._line = line
        self.paths = read_paths(body, self.position)
        """What it reads: a name and the fixed keys behind it, as far as they are known."""
        self.names = frozenset(path[0] for path in self.paths)
        """Top-level names that it reads."""

    def position(self, node: ast.AST) -> int:
        """Return where a node begins, in characters of the expression."""
        offset = getattr(node, "col_offset", 0)
        if isinstance(node, ast.Attribute) and node.end_col_offset is not None:
            # The name after the dot; the node itself begins where its value does.
            offset = node.end_col_offset - len(node.attr.encode())
        before = self._line.encode()[: max(offset, 0)]
        return _indent(self.expression) + len(before.decode(errors="replace"))


def parse(expression: str) -> Code:
    """Return an expression as a checked tree, from a cache where it was seen before.

    Raises
    ------
    ExpressionError
        Raised if it does not parse or holds what may not be evaluated.
    """
    return _parse_short(expression) if len(expression) <= _SHORT else _parse_long(expression)


@lru_cache(maxsize=4096)
def _parse_short(expression: str) -> Code:
    return _parse(expression)


@lru_cache(maxsize=64)
def _parse_long(expression: str) -> Code:
    return _parse(expression)


def _parse(expression: str) -> Code:
    try:
        line = _one_line(expression)
        return Code(expression, _tree(line, _indent(expression)), line)
    except RefusedError as error:
        raise ExpressionError(
            expression=expression, position=error.position or 0, reason=error.reason
        ) from error


def _indent(expression: str) -> int:
    return len(expression) - len(expression.lstrip())


def _one_line(expression: str) -> str:
    """Check the text, and return it with plain spaces for all space, without that around it."""
    if len(expression) > MAX_SOURCE_CHARS:
        raise RefusedError(f"Expected at most {MAX_SOURCE_CHARS} characters", MAX_SOURCE_CHARS)
    pieces: list[str] = []
    end = 0
    for token in tokens(expression):
        end = token.end
        is_space = token.kind is Kind.SPACE
        pieces.append(" " * (end - token.start) if is_space else expression[token.start : end])
    if end < len(expression):
        raise RefusedError("Expected brackets in pairs, but } closes none", end)
    line = "".join(pieces).strip(" ")
    if not line:
        raise RefusedError("Expected an expression, but there is none", 0)
    return line


def _tree(line: str, indent: int) -> ast.expr:
    try:
        return ast.parse(line, mode="eval").body
    except SyntaxError as error:
        # Python gives 0 where the text ends too early.
        column = error.offset - 1 if error.offset else len(line)
        position = indent + min(max(column, 0), len(line))
        raise RefusedError("Expected an expression in Python's syntax", position) from error
    except (ValueError, MemoryError, RecursionError) as error:
        raise RefusedError("Expected an expression that can be parsed", indent) from error
