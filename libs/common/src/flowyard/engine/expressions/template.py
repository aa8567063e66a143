"""Values with ``${...}`` in their texts, made ready once and rendered often."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from typing import Protocol, TypeVar

from typing_extensions import override

from flowyard.engine.expressions.errors import (
    ExpressionError,
    RefusedError,
    sorted_names,
)
from flowyard.engine.expressions.evaluator import Evaluator
from flowyard.engine.expressions.limits import (
    MAX_DECISION_STEPS,
    MAX_DEPTH,
    MAX_RENDER_STEPS,
    MAX_STEPS,
)
from flowyard.engine.expressions.parse import Code
from flowyard.engine.expressions.source import OPENING
from flowyard.engine.expressions.text import split_text
from flowyard.engine.expressions.values import Copier, Reference, to_text
from flowyard.engine.graph import JsonValue

_Key = TypeVar("_Key", int, str)

_FREE: list[Evaluator] = []
"""Evaluators that nobody uses right now: making one costs more than an evaluation."""

_EXHAUSTED = f"Expected at most {MAX_DECISION_STEPS} steps between two pieces of work"
_MAX_FREE = 8
_CACHED_TEXT = 1024
"""Texts up to this length are remembered with their expressions parsed."""


class Budget:
    """What the expressions of several renderings may still cost together.

    Parameters
    ----------
    steps
        How many steps are left.
    """

    __slots__ = ("steps",)

    def __init__(self, steps: int = MAX_DECISION_STEPS) -> None:
        self.steps = steps


@dataclass(slots=True)
class Run:
    """One rendering: the names, and what it may still cost.

    Names with a ``budget`` bound all renderings that read them.
    """

    names: Mapping[str, object]
    steps: int = MAX_RENDER_STEPS
    copier: Copier = field(default_factory=Copier)

    def value(self, code: Code) -> object:
        """Return the value of an expression, not yet copied."""
        try:
            evaluator = _FREE.pop()
        except IndexError:
            evaluator = Evaluator()
        budget: Budget | None = getattr(self.names, "budget", None)
        allowed = min(self.steps, MAX_STEPS)
        if budget is not None:
            if budget.steps <= 0:
                raise self.failure(code, RefusedError(_EXHAUSTED))
            allowed = min(allowed, budget.steps)
        try:
            return evaluator.run(code, self.names, allowed)
        finally:
            spent = allowed - max(evaluator.meter.steps, 0)
            self.steps -= spent
            if budget is not None:
                budget.steps -= spent
            if len(_FREE) < _MAX_FREE:
                _FREE.append(evaluator)

    def copied(self, code: Code) -> JsonValue:
        """Return the value of an expression as JSON that shares nothing with the names."""
        value = self.value(code)
        try:
            return self.copier.copy(value)
        except RefusedError as error:
            raise self.failure(code, error) from error

    def pieces(self, code: Code) -> list[JsonValue]:
        """Return the value of an expression as pieces of a text, and references between them."""
        value = self.value(code)
        try:
            if isinstance(value, Reference):
                return [self.copier.copy(part) for part in value.parts]
            return [self.copier.text(to_text(value))]
        except RefusedError as error:
            raise self.failure(code, error) from error

    def failure(self, code: Code, error: RefusedError) -> ExpressionError:
        """Return what is wrong with an expression's result."""
        return ExpressionError(
            expression=code.expression,
            position=0,
            reason=error.reason,
            known_names=sorted_names(self.names),
        )


class _Part(Protocol):
    """A value that has to be rendered."""

    def render(self, run: Run) -> JsonValue: ...

    def codes(self) -> Iterator[Code]: ...


class _Single:
    """A text that is one expression and nothing else: its type is kept."""

    __slots__ = ("_code",)

    def __init__(self, code: Code) -> None:
        self._code = code

    def render(self, run: Run) -> JsonValue:
        return run.copied(self._code)

    def codes(self) -> Iterator[Code]:
        yield self._code


class _Text:
    """A text with expressions inside."""

    __slots__ = ("_pieces",)

    def __init__(self, pieces: tuple[str | Code, ...]) -> None:
        self._pieces = pieces

    def render(self, run: Run) -> JsonValue:
        parts: list[JsonValue] = []
        for piece in self._pieces:
            if isinstance(piece, str):
                parts.append(piece)
            else:
                parts.extend(run.pieces(piece))
        return _joined(parts)

    def codes(self) -> Iterator[Code]:
        return (piece for piece in self._pieces if isinstance(piece, Code))


class _List:
    """A list of which some items have to be rendered."""

    __slots__ = ("_parts", "_values")

    def __init__(self, values: list[JsonValue], parts: dict[int, _Part]) -> None:
        self._values = values
        self._parts = parts

    def render(self, run: Run) -> JsonValue:
        rendered = self._values.copy()
        for index, part in self._parts.items():
            rendered[index] = part.render(run)
        return rendered

    def codes(self) -> Iterator[Code]:
        for part in self._parts.values():
            yield from part.codes()


class _Object:
    """An object of which some values have to be rendered."""

    __slots__ = ("_parts", "_values")

    def __init__(self, values: dict[str, JsonValue], parts: dict[str, _Part]) -> None:
        self._values = values
        self._parts = parts

    def render(self, run: Run) -> JsonValue:
        rendered = self._values.copy()
        for key, part in self._parts.items():
            rendered[key] = part.render(run)
        return rendered

    def codes(self) -> Iterator[Code]:
        for part in self._parts.values():
            yield from part.codes()


def _joined(parts: list[JsonValue]) -> JsonValue:
    """Return pieces of a text as one text, or as what the plugin gateway makes one of."""
    joined: list[JsonValue] = []
    for is_text, group in groupby(parts, key=lambda part: isinstance(part, str)):
        pieces = list(group)
        joined.extend(["".join(map(str, pieces))] if is_text else pieces)
    joined = [part for part in joined if part != ""]
    if all(isinstance(part, str) for part in joined):
        return "".join(map(str, joined))
    return {"$concat": joined}


class Renderer:
    """A value that was made ready for rendering; never changed, safe to share and keep.

    Parameters
    ----------
    value
        What it was made of; must not be changed later.
    part
        What has to be done; None where nothing has.
    """

    __slots__ = ("_part", "_value")

    def __init__(self, value: JsonValue, part: _Part | None) -> None:
        self._value = value
        self._part = part

    @property
    def names(self) -> frozenset[str]:
        """Top-level names that its expressions read."""
        return frozenset(path[0] for path in self.paths)

    @property
    def paths(self) -> frozenset[tuple[str, ...]]:
        """What its expressions read: names with the fixed keys behind them."""
        codes = () if self._part is None else self._part.codes()
        return frozenset(path for code in codes for path in code.paths)

    @property
    def is_static(self) -> bool:
        """Tell whether rendering returns the value as it is."""
        return self._part is None

    def render(self, names: Mapping[str, object]) -> JsonValue:
        """Return the value with every expression in its texts evaluated.

        Parts without expressions are returned as they are, not copied.

        Parameters
        ----------
        names
            What expressions may read; asked only for what they do read.

        Raises
        ------
        ExpressionError
            Raised if an expression fails or is refused.
        """
        return self._value if self._part is None else self._part.render(Run(names))

    @override
    def __repr__(self) -> str:
        return f"Renderer(names={sorted(self.names)!r})"


def compile_value(value: JsonValue) -> Renderer:
    """Make a value ready for rendering.

    Parameters
    ----------
    value
        Any JSON; texts in lists and objects may hold expressions, keys may not.

    Raises
    ------
    ExpressionError
        Raised if an expression in it can never be evaluated.
    """
    return Renderer(value, _compiled(value, 0))


def _compiled(value: JsonValue, depth: int) -> _Part | None:
    if isinstance(value, str):
        return text_part(value) if OPENING in value else None
    if not isinstance(value, list | dict):
        return None
    if depth >= MAX_DEPTH:
        raise ExpressionError(
            expression="",
            position=0,
            reason=f"Expected at most {MAX_DEPTH} nested lists and objects",
        )
    if isinstance(value, list):
        indexed = _compiled_parts(enumerate(value), depth)
        return _List(value, indexed) if indexed else None
    named = _compiled_parts(value.items(), depth)
    return _Object(value, named) if named else None


def _compiled_parts(places: Iterable[tuple[_Key, JsonValue]], depth: int) -> dict[_Key, _Part]:
    parts: dict[_Key, _Part] = {}
    for key, item in places:
        # Most inputs are plain texts: they are passed over without a further call.
        if type(item) is str and OPENING not in item:
            continue
        part = _compiled(item, depth + 1)
        if part is not None:
            parts[key] = part
    return parts


def text_part(text: str) -> _Part:
    """Return a text's expressions, parsed, from a cache where it was seen before."""
    return _cached_part(text) if len(text) <= _CACHED_TEXT else _text_part(text)


@lru_cache(maxsize=4096)
def _cached_part(text: str) -> _Part:
    return _text_part(text)


def _text_part(text: str) -> _Part:
    pieces = tuple(
        piece if isinstance(piece, str) else piece.parsed() for piece in split_text(text)
    )
    if len(pieces) == 1 and isinstance(pieces[0], Code):
        return _Single(pieces[0])
    return _Text(pieces)
