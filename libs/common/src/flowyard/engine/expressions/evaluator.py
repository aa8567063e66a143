"""The interpreter: simpleeval's walk over the tree, with every door closed that it leaves open.

Theory of operation: simpleeval looks attributes up on the live object and keeps
a list of those that are forbidden. Here nothing is ever looked up on an object:
a dot reads a field of a mapping, a call names an entry of a table. What is
taken over is the walk itself with its branches, comparisons and arithmetic over
a table of operators. Every node costs a step, whatever works on long values
costs more, and every result is checked before the next node sees it.
"""

import ast
import difflib
from collections.abc import Iterable, Mapping
from itertools import islice

from simpleeval import EvalWithCompoundTypes, InvalidExpression  # type: ignore[import-untyped]
from typing_extensions import override

from flowyard.engine.expressions.errors import ExpressionError, RefusedError, sorted_names
from flowyard.engine.expressions.functions import FUNCTIONS, items_of
from flowyard.engine.expressions.limits import MAX_STEPS
from flowyard.engine.expressions.methods import call_method
from flowyard.engine.expressions.operators import operators
from flowyard.engine.expressions.parse import Code
from flowyard.engine.expressions.syntax import WORDS
from flowyard.engine.expressions.values import (
    PLAIN_TYPES,
    Meter,
    Reference,
    admit,
    bounded,
    kind,
    new_key,
)

_NOTHING: Mapping[str, object] = {}
_MAX_SUGGESTED_FROM = 200
_MAX_SUGGESTION = 64


class Evaluator(EvalWithCompoundTypes):  # type: ignore[misc]
    """Evaluates one expression at a time; may be used again, never at the same time."""

    def __init__(self) -> None:
        self.meter = Meter()
        super().__init__(operators=operators(self.meter), functions={}, names=_NOTHING)
        self._scope: Mapping[str, object] = _NOTHING
        self._bound: dict[str, object] = {}
        # Later than the line above: what simpleeval adds by itself is taken away again.
        self.functions = FUNCTIONS
        self.nodes = {
            ast.Attribute: self._eval_attribute,
            ast.BinOp: self._eval_binop,
            ast.BoolOp: self._eval_boolop,
            ast.Call: self._eval_call,
            ast.Compare: self._eval_compare,
            ast.Constant: self._eval_constant,
            ast.Dict: self._eval_dict,
            ast.DictComp: self._eval_comprehension,
            ast.GeneratorExp: self._eval_comprehension,
            ast.IfExp: self._eval_ifexp,
            ast.List: self._eval_list,
            ast.ListComp: self._eval_comprehension,
            ast.Name: self._eval_name,
            ast.Subscript: self._eval_subscript,
            ast.Tuple: self._eval_list,
            ast.UnaryOp: self._eval_unaryop,
        }

    def run(self, code: Code, names: Mapping[str, object], steps: int = MAX_STEPS) -> object:
        """Return the value of an expression, not yet copied.

        Parameters
        ----------
        code
            The expression.
        names
            What it may read; asked only for what it does read.
        steps
            How many steps it may take.

        Raises
        ------
        ExpressionError
            Raised if it fails or is refused.
        """
        self._scope = names
        self._bound = {}
        self.meter.steps = steps
        try:
            return self._eval(code.body)
        except _StoppedError as error:
            raise ExpressionError(
                expression=code.expression,
                position=code.position(error.node),
                reason=error.reason,
                known_names=sorted_names(names),
            ) from error
        finally:
            self._scope = _NOTHING
            self._bound = {}

    @override
    def _eval(self, node: ast.AST) -> object:
        meter = self.meter
        meter.steps -= 1
        try:
            if meter.steps < 0:
                meter.charge(0)
            value: object = self.nodes[type(node)](node)
            return value if type(value) in PLAIN_TYPES else admit(value)
        except _StoppedError:
            raise
        except RefusedError as error:
            raise _StoppedError(node, error.reason) from error
        except (
            ArithmeticError,
            AttributeError,
            InvalidExpression,
            LookupError,
            MemoryError,
            RecursionError,
            TypeError,
            ValueError,
        ) as error:
            raise _StoppedError(node, _wording(node)) from error

    @override
    def _eval_constant(self, node: ast.Constant) -> object:
        return node.value

    @override
    def _eval_name(self, node: ast.Name) -> object:
        name = node.id
        if name in self._bound:
            return self._bound[name]
        try:
            return self._scope[name]
        except KeyError as error:
            if name in WORDS:
                return WORDS[name]
            raise RefusedError(f"Expected a known name{_suggestion(name, self._scope)}") from error

    @override
    def _eval_attribute(self, node: ast.Attribute) -> object:
        value = self._eval(node.value)
        if isinstance(value, Mapping):
            return _field(value, node.attr)
        raise RefusedError(f"Expected an object before .{node.attr}, but got {kind(value)}")

    @override
    def _eval_subscript(self, node: ast.Subscript) -> object:
        value = self._eval(node.value)
        if isinstance(node.slice, ast.Slice):
            return self._sliced(value, node.slice)
        key = self._eval(node.slice)
        match value, key:
            case (Mapping(), str()):
                return self._item(value, key, is_fixed=isinstance(node.slice, ast.Constant))
            case (list() | str(), int()):
                if not -len(value) <= key < len(value):
                    raise RefusedError(f"Expected an index below {len(value)}, but it is outside")
                return value[key]
            case _:
                raise RefusedError(
                    f"Expected an object and a text or a list and an integer,"
                    f" but got {kind(value)} and {kind(key)}"
                )

    def _item(self, value: Mapping[str, object], key: str, *, is_fixed: bool) -> object:
        if is_fixed:
            return _field(value, key)
        try:
            item = admit(value[key])
        except KeyError as error:
            raise RefusedError("Expected a known field, but the key is none") from error
        # Who starts an instance must not choose which secret its author meant.
        if isinstance(item, Reference):
            raise RefusedError("Expected a secret to be named in the expression itself")
        return item

    def _sliced(self, value: object, part: ast.Slice) -> object:
        if not isinstance(value, list | str):
            raise RefusedError(f"Expected a list or a text to slice, but got {kind(value)}")
        cut = slice(self._place(part.lower), self._place(part.upper), self._place(part.step))
        if cut.step == 0:
            raise RefusedError("Expected a step other than 0 in a slice")
        count = len(range(*cut.indices(len(value))))
        if isinstance(value, str):
            self.meter.charge_chars(count)
        else:
            bounded(count)
            self.meter.charge_items(count)
        return value[cut]

    def _place(self, bound: ast.expr | None) -> int | None:
        place = None if bound is None else self._eval(bound)
        if place is None or isinstance(place, int):
            return place
        raise RefusedError(f"Expected integers in a slice, but got {kind(place)}")

    @override
    def _eval_call(self, node: ast.Call) -> object:
        arguments = node.args
        if isinstance(node.func, ast.Attribute):
            target = self._eval(node.func.value)
            if node.keywords:
                raise RefusedError(f"Expected arguments of {node.func.attr} without names")
            found = call_method(
                self.meter, target, node.func.attr, [self._eval(part) for part in arguments]
            )
            if type(found) not in PLAIN_TYPES and isinstance(admit(found), Reference):
                raise RefusedError("Expected a secret to be named in the expression itself")
            return found
        named = {str(part.arg): self._eval(part.value) for part in node.keywords}
        function = self.functions[node.func.id]  # type: ignore[attr-defined]
        return function(self.meter, *[self._eval(part) for part in arguments], **named)

    @override
    def _eval_dict(self, node: ast.Dict) -> dict[str, object]:
        built: dict[str, object] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None:
                built[new_key(self._eval(key))] = self._eval(value)
                continue
            merged = self._eval(value)
            if not isinstance(merged, Mapping):
                raise RefusedError(f"Expected an object after **, but got {kind(merged)}")
            for name in items_of(self.meter, merged):
                built[new_key(name)] = merged[name]
        return built

    @override
    def _eval_list(self, node: ast.List | ast.Tuple) -> list[object]:
        built: list[object] = []
        for item in node.elts:
            if isinstance(item, ast.Starred):
                built.extend(items_of(self.meter, self._eval(item.value)))
                bounded(len(built))
            else:
                built.append(self._eval(item))
        return built

    @override
    def _eval_comprehension(
        self, node: ast.ListComp | ast.GeneratorExp | ast.DictComp
    ) -> list[object] | dict[str, object]:
        outer = self._bound
        self._bound = dict(outer)
        built: list[object] | dict[str, object] = {} if isinstance(node, ast.DictComp) else []
        try:
            self._generate(node, built, 0)
        finally:
            self._bound = outer
        return built

    def _generate(
        self,
        node: ast.ListComp | ast.GeneratorExp | ast.DictComp,
        built: list[object] | dict[str, object],
        level: int,
    ) -> None:
        generator = node.generators[level]
        for item in items_of(self.meter, self._eval(generator.iter)):
            self.meter.charge(1)
            self._bind(generator.target, item)
            if not all(self._eval(condition) for condition in generator.ifs):
                continue
            if level + 1 < len(node.generators):
                self._generate(node, built, level + 1)
            elif isinstance(node, ast.DictComp):
                key = new_key(self._eval(node.key))
                built[key] = self._eval(node.value)  # type: ignore[call-overload]
            else:
                built.append(self._eval(node.elt))  # type: ignore[union-attr]

    def _bind(self, target: ast.expr, value: object) -> None:
        if isinstance(target, ast.Name):
            self._bound[target.id] = admit(value)
            return
        parts = target.elts  # type: ignore[attr-defined]
        items = items_of(self.meter, value)
        if len(items) != len(parts):
            raise RefusedError(f"Expected {len(parts)} items to unpack, but there are {len(items)}")
        for part, item in zip(parts, items, strict=True):
            self._bind(part, item)


class _StoppedError(Exception):
    """An evaluation that ended at a node."""

    def __init__(self, node: ast.AST, reason: str) -> None:
        super().__init__(reason)
        self.node = node
        self.reason = reason


def _field(value: Mapping[str, object], name: str) -> object:
    try:
        return value[name]
    except KeyError as error:
        raise RefusedError(
            f"Expected a known field, but {name!r} is none{_suggestion(name, value)}"
        ) from error


def _suggestion(name: str, known: Iterable[object]) -> str:
    """Return the known name that was probably meant, as the end of a sentence."""
    if len(name) > _MAX_SUGGESTION:
        return ""
    candidates = [
        other
        for other in islice(known, _MAX_SUGGESTED_FROM)
        if isinstance(other, str) and len(other) <= _MAX_SUGGESTION
    ]
    close = difflib.get_close_matches(name, candidates, n=1)
    return f"; perhaps {close[0]!r} is meant" if close else ""


def _wording(node: ast.AST) -> str:
    match node:
        case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
            return f"Expected arguments that {name} can work on"
        case _:
            return "Expected values that can be evaluated, but they cannot"
