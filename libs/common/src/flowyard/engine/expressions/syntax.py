"""Which of Python's expressions are expressions of Flowyard.

An allow-list of node types: what Python adds one day is refused until it is
listed here. Names are checked in the tree, where Python has already normalised
their letters (NFKC), so that no other spelling of an underscore slips through.
"""

import ast
import math
from collections.abc import Callable, Iterator

from flowyard.engine.expressions.errors import RefusedError
from flowyard.engine.expressions.functions import FUNCTIONS
from flowyard.engine.expressions.limits import MAX_DEPTH, MAX_INTEGER_BITS
from flowyard.engine.expressions.methods import METHODS

WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
"""JSON's spelling of three values; a variable of the same name hides it."""

_ALLOWED: frozenset[type[ast.AST]] = frozenset(
    {
        *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow),
        *(ast.LShift, ast.RShift, ast.BitAnd, ast.BitOr, ast.BitXor),
        *(ast.UAdd, ast.USub, ast.Not, ast.Invert, ast.And, ast.Or),
        *(ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE),
        *(ast.In, ast.NotIn, ast.Is, ast.IsNot, ast.Load),
        *(ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp),
        *(ast.Constant, ast.Name, ast.Attribute, ast.Subscript),
        *(ast.List, ast.Tuple, ast.Dict),
        *(ast.Call, ast.keyword, ast.comprehension),
        *(ast.ListComp, ast.GeneratorExp, ast.DictComp),
    }
)

_WORDINGS: dict[type[ast.AST], str] = {
    ast.Lambda: "lambda is not available",
    ast.NamedExpr: ":= is not available, expressions change nothing",
    ast.Set: "sets are not available, a list in [ ] serves",
    ast.SetComp: "sets are not available, a list in [ ] serves",
    ast.Starred: "a star stands only inside a list",
    ast.Slice: "a slice stands only by itself inside [ ]",
    ast.MatMult: "@ is not available",
}

_Place = tuple[ast.AST, int, frozenset[str]]
"""A node, how deep it lies, and the names that comprehensions around it bind."""


def read_paths(body: ast.expr, position: Callable[[ast.AST], int]) -> frozenset[tuple[str, ...]]:
    """Check a tree, and return the names that it reads with the fixed keys behind them.

    Parameters
    ----------
    body
        What Python's parser returned.
    position
        Tells where a node stands.

    Raises
    ------
    RefusedError
        Raised at the first node that is not allowed.
    """
    paths: set[tuple[str, ...]] = set()
    pending: list[_Place] = [(body, 1, frozenset())]
    while pending:
        node, depth, bound = pending.pop()
        try:
            _check_depth(depth)
            _check(node)
            children = list(_children(node, bound))
        except RefusedError as error:
            raise RefusedError(error.reason, position(node)) from error
        path = _path(node)
        if path and path[0] not in bound and path[0] not in WORDS:
            paths.add(path)
        pending.extend(reversed([(child, depth + 1, inner) for child, inner in children]))
    # The walk also meets the beginnings of every chain.
    return frozenset(paths - {path[:end] for path in paths for end in range(1, len(path))})


def _path(node: ast.AST) -> tuple[str, ...]:
    """Return the name and fixed keys of a chain like ``a.b["c"]``, or nothing for all else."""
    keys: list[str] = []
    for _ in range(MAX_DEPTH):
        match node:
            case ast.Attribute(attr=key, value=inner):
                pass
            case ast.Subscript(slice=ast.Constant(value=str(key)), value=inner):
                pass
            case ast.Name(id=name):
                return (name, *reversed(keys))
            case _:
                return ()
        keys.append(key)
        node = inner
    return ()


def _children(node: ast.AST, bound: frozenset[str]) -> Iterator[tuple[ast.AST, frozenset[str]]]:
    match node:
        case ast.Call(func=ast.Name()):
            parts: list[ast.AST] = [*node.args, *node.keywords]
        case ast.Call(func=ast.Attribute(value=target)):
            parts = [target, *node.args, *node.keywords]
        case ast.Subscript(slice=ast.Slice() as bounds):
            parts = [node.value, *ast.iter_child_nodes(bounds)]
        case ast.List() | ast.Tuple():
            parts = [item.value if isinstance(item, ast.Starred) else item for item in node.elts]
        case ast.ListComp() | ast.GeneratorExp() | ast.DictComp():
            yield from _comprehended(node, bound)
            return
        case _:
            parts = list(ast.iter_child_nodes(node))
    for part in parts:
        yield part, bound


def _comprehended(
    node: ast.ListComp | ast.GeneratorExp | ast.DictComp, bound: frozenset[str]
) -> Iterator[tuple[ast.AST, frozenset[str]]]:
    for generator in node.generators:
        _check_generator(generator)
        yield generator.iter, bound
        names = (part.id for part in ast.walk(generator.target) if isinstance(part, ast.Name))
        bound = bound.union(names)
        for condition in generator.ifs:
            yield condition, bound
    if isinstance(node, ast.DictComp):
        yield node.key, bound
        yield node.value, bound
    else:
        yield node.elt, bound


def _check_generator(generator: ast.comprehension) -> None:
    if generator.is_async:
        raise RefusedError("Expected for, but async for is not available")
    for part in ast.walk(generator.target):
        match part:
            case ast.Name():
                _check_name(part.id)
            case ast.Tuple() | ast.List() | ast.Store():
                pass
            case _:
                raise RefusedError("Expected names between for and in")


def _check_depth(depth: int) -> None:
    if depth > MAX_DEPTH:
        raise RefusedError(f"Expected at most {MAX_DEPTH} nested operations")


def _check(node: ast.AST) -> None:
    if type(node) not in _ALLOWED:
        wording = _WORDINGS.get(type(node), f"{type(node).__name__} is not available")
        raise RefusedError(f"Expected an allowed operation, but {wording}")
    match node:
        case ast.Constant():
            _check_constant(node.value)
        case ast.Name():
            _check_name(node.id)
        case ast.Attribute():
            _check_name(node.attr)
        case ast.Call():
            _check_function(node.func)
        case ast.keyword(arg=None):
            raise RefusedError("Expected arguments one by one, but ** stands there")
        case ast.keyword(arg=str(name)):
            _check_name(name)
        case ast.Compare():
            for operation, right in zip(node.ops, node.comparators, strict=True):
                _check_comparison(operation, right)
        case _:
            pass


def _check_name(name: str) -> None:
    if name.startswith("_"):
        raise RefusedError("Expected a name that does not begin with an underscore")


def _check_constant(value: object) -> None:
    if not isinstance(value, str | int | float | None):
        raise RefusedError("Expected a text, a number, true, false or null")
    if isinstance(value, int) and value.bit_length() > MAX_INTEGER_BITS:
        raise RefusedError(f"Expected an integer of at most {MAX_INTEGER_BITS} bits")
    if isinstance(value, float) and not math.isfinite(value):
        raise RefusedError("Expected a finite number")


def _check_function(function: ast.expr) -> None:
    match function:
        case ast.Name(id=name):
            known, kind = sorted(FUNCTIONS), "function"
        case ast.Attribute(attr=name):
            known, kind = sorted(METHODS), "method"
        case _:
            raise RefusedError("Expected the name of a function or method before the brackets")
    if name not in known:
        raise RefusedError(f"Expected a known {kind} ({', '.join(known)}), but this is none")


def _check_comparison(operation: ast.cmpop, right: ast.expr) -> None:
    if not isinstance(operation, ast.Is | ast.IsNot):
        return
    match right:
        case ast.Constant(value=None | True | False):
            pass
        case ast.Name(id=name) if name in WORDS:
            pass
        case _:
            raise RefusedError("Expected None, True or False after is; == compares values")
