"""YAML or JSON as plain values, with the line and column of each.

Rules: plain text is read by YAML 1.2's core schema, and more cautiously where a
person would be surprised: ``on``, ``yes``, ``no``, dates, numbers with a leading zero,
numbers beyond 64 bits or beyond a float's range all stay text. Keys are always
text. Tags are refused. Size, depth and what aliases expand to are bounded, and
nothing recurses, so that no document can hurt the process that reads it.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import yaml

from flowyard.document.problems import DocumentError, Path, Problem
from flowyard.engine.binding import RESERVED_PREFIX
from flowyard.engine.graph import JsonValue

MAX_SOURCE_BYTES = 1024 * 1024
"""Largest document, as UTF-8. A flow of 5,000 nodes takes about half of it."""

MAX_SOURCE_DEPTH = 50
"""How deep values may be nested; far more than a person can follow."""

MAX_SOURCE_VALUES = 200_000
"""How many values a document may hold, each alias counted with all that it stands for."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The parser of libyaml where it is installed: ten times as fast."""

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: Mapping[str, JsonValue] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_JSON_ONLY = re.compile(
    r"(?:\\\\)+"
    r"|\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})"
    r"|([\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff])"
)
"""Backslashes to pass over, escaped surrogate pairs, and characters that YAML wants escaped."""

_FORBIDDEN = re.compile(r"[\0\ud800-\udfff]")
"""What neither Postgres nor UTF-8 can hold."""

_TAGS = re.compile(r"(?:\A|[\n\r])%TAG", re.ASCII)
"""Declares tags, which no document may use; libyaml compares each declaration with all others."""

_TEXT_TAGS = (None, "!", "tag:yaml.org,2002:str")
_MAX_INTEGER_CHARS = 20
_MIN_INTEGER, _MAX_INTEGER = -(2**63), 2**63 - 1


class Place(NamedTuple):
    """Where a value begins, counted from 1."""

    line: int
    column: int
    text_column: int | None = None
    """Where its text begins, if the file holds exactly that text on that line."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where the values and keys of a document stand."""

    values: dict[Path, Place] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)
    """Places of the keys, by the path of their values."""

    def of(self, path: Path, *, is_key: bool = False) -> Place | None:
        """Return the place of a value or key, else of the nearest value around it."""
        if is_key and path in self.keys:
            return self.keys[path]
        for length in range(len(path), -1, -1):
            place = self.values.get(path[:length])
            if place is not None:
                return place
        return None

    def within(self, path: Path, offset: int) -> Place | None:
        """Return the place of a character of a text, else of the text."""
        place = self.values.get(path)
        if place is None or place.text_column is None:
            return self.of(path)
        return Place(place.line, place.text_column + offset)


@dataclass(frozen=True, slots=True)
class Source:
    """A document as plain values."""

    value: JsonValue
    places: Places
    problems: tuple[Problem, ...]
    """What is wrong with it so far, such as keys that are there twice."""


def read_source(text: str) -> Source:
    """Read YAML or JSON.

    Raises
    ------
    DocumentError
        Raised if the text is neither, or larger or deeper than the bounds.
    """
    size_bytes = len(text.encode(errors="surrogatepass"))
    if size_bytes > MAX_SOURCE_BYTES:
        raise _too_large(f"at most {MAX_SOURCE_BYTES} bytes, but there are {size_bytes}", 1, 1)
    if stray := re.search(r"[\ud800-\udfff]", text):
        raise _unreadable(text, stray.start(), "half of a surrogate pair")
    if (tags := _TAGS.search(text)) is not None:
        raise _unreadable_at(text, tags.start(), "tags are declared")
    builder = _Builder()
    try:
        for event in yaml.parse(as_yaml(text), Loader=_LOADER):
            builder.add(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _invalid(
            str(error.problem or error.context or "valid YAML"),
            (mark.line + 1) if mark else 1,
            (mark.column + 1) if mark else 1,
        ) from error
    except yaml.reader.ReaderError as error:
        raise _unreadable(text, error.position, error.reason) from error
    builder.places.values.setdefault((), Place(1, 1))
    return Source(builder.value, builder.places, tuple(builder.problems))


def as_yaml(text: str) -> str:
    """Return JSON in a form that YAML's parser takes; other text as it is.

    Tabs between tokens, escaped surrogate pairs and some characters as they are: all
    legal in JSON, and not in YAML.
    """
    if not text.lstrip().startswith(("{", "[")):
        return text
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    return _JSON_ONLY.sub(_joined, text.replace("\t", " "))


def _joined(match: re.Match[str]) -> str:
    if match[3] is not None:
        return f"\\u{ord(match[3]):04x}"
    if match[1] is None:
        return match[0]
    code = 0x10000 + ((int(match[1], 16) - 0xD800) << 10) + int(match[2], 16) - 0xDC00
    return f"\\U{code:08x}"


def _invalid(reason: str, line: int, column: int) -> DocumentError:
    message = f"Expected YAML or JSON, but {reason}"
    return DocumentError([Problem(code="invalid_yaml", message=message, line=line, column=column)])


def _too_large(reason: str, line: int, column: int) -> DocumentError:
    message = f"Expected {reason}"
    return DocumentError(
        [Problem(code="document_too_large", message=message, line=line, column=column)]
    )


def _unreadable(text: str, position: int, reason: str) -> DocumentError:
    return _unreadable_at(text, position, f"a character is not allowed: {reason}")


def _unreadable_at(text: str, position: int, reason: str) -> DocumentError:
    before = text[:position]
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + 1
    return _invalid(reason, line, column)


class _Frame:
    """A mapping or sequence that is being read."""

    __slots__ = ("anchor", "begun", "height", "key", "path", "value")

    def __init__(
        self,
        value: dict[str, JsonValue] | list[JsonValue],
        path: Path,
        begun: int,
        anchor: str | None,
    ) -> None:
        self.value = value
        self.path = path
        self.key: str | None = None
        self.begun = begun
        self.anchor = anchor
        self.height = 1


class _Anchored(NamedTuple):
    value: JsonValue
    size: int
    height: int


class _Builder:
    """Builds values out of the parser's events."""

    def __init__(self) -> None:
        self.value: JsonValue = None
        self.places = Places()
        self.problems: list[Problem] = []
        self._stack: list[_Frame] = []
        self._anchors: dict[str, _Anchored] = {}
        self._count = 0
        self._documents = 0

    def add(self, event: yaml.Event) -> None:
        """Take one event of the parser."""
        match event:
            case yaml.ScalarEvent():
                self._add_scalar(event)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._begin(event)
            case yaml.CollectionEndEvent():
                self._end()
            case yaml.AliasEvent():
                self._add_alias(event)
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    raise _invalid("a second document begins", *_start(event))
            case _:
                pass

    def _add_scalar(self, event: yaml.ScalarEvent) -> None:
        if event.tag not in _TEXT_TAGS:
            raise _invalid(f"there is a tag: {event.tag}", *_start(event))
        is_plain = not event.style and event.tag is None
        place = _place(event)
        if _FORBIDDEN.search(event.value):
            raise _invalid("a text holds NUL or half a character", place.line, place.column)
        if self._is_key_next():
            self._set_key(event.value, place)
            return
        value = _resolve(event.value) if is_plain else event.value
        self._add(value, place, event.anchor, event)

    def _begin(self, event: yaml.CollectionStartEvent) -> None:
        line, column = _start(event)
        if event.tag is not None:
            raise _invalid(f"there is a tag: {event.tag}", line, column)
        if self._is_key_next():
            raise _invalid("a key is not text", line, column)
        if len(self._stack) >= MAX_SOURCE_DEPTH:
            raise _too_large(f"values nested up to {MAX_SOURCE_DEPTH} deep", line, column)
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        value: dict[str, JsonValue] | list[JsonValue] = {} if is_mapping else []
        frame = _Frame(value, self._next_path(), self._count, event.anchor)
        self._add(value, Place(line, column), None, event)
        self._stack.append(frame)

    def _end(self) -> None:
        frame = self._stack.pop()
        if frame.anchor:
            size = self._count - frame.begun
            self._anchors[frame.anchor] = _Anchored(frame.value, size, frame.height)
        if self._stack:
            outer = self._stack[-1]
            outer.height = max(outer.height, frame.height + 1)
            self._finish_value()

    def _add_alias(self, event: yaml.AliasEvent) -> None:
        line, column = _start(event)
        anchored = self._anchors.get(event.anchor or "")
        if anchored is None:
            raise _invalid(f"there is no value {event.anchor} before", line, column)
        if self._is_key_next():
            raise _invalid("a key is not text", line, column)
        if len(self._stack) + anchored.height > MAX_SOURCE_DEPTH:
            raise _too_large(f"values nested up to {MAX_SOURCE_DEPTH} deep", line, column)
        self._count += anchored.size
        if self._stack:
            self._stack[-1].height = max(self._stack[-1].height, anchored.height + 1)
        self._add(anchored.value, Place(line, column), None, event)
        self._finish_value()

    def _is_key_next(self) -> bool:
        if not self._stack:
            return False
        frame = self._stack[-1]
        return isinstance(frame.value, dict) and frame.key is None

    def _set_key(self, key: str, place: Place) -> None:
        frame = self._stack[-1]
        path = (*frame.path, key)
        frame.key = key
        if isinstance(frame.value, dict) and key in frame.value:
            self._report(
                "duplicate_key", f"Expected {key} once, but it is there twice", path, place
            )
        elif key.startswith(RESERVED_PREFIX):
            self._report(
                "reserved_key",
                f"Expected no key that begins with {RESERVED_PREFIX}, but {key} does",
                path,
                place,
            )
        self.places.keys.setdefault(path, place)

    def _report(self, code: str, message: str, path: Path, place: Place) -> None:
        self.problems.append(
            Problem(code=code, message=message, path=path, line=place.line, column=place.column)
        )

    def _next_path(self) -> Path:
        if not self._stack:
            return ()
        frame = self._stack[-1]
        if isinstance(frame.value, list):
            return (*frame.path, len(frame.value))
        return (*frame.path, frame.key or "")

    def _add(self, value: JsonValue, place: Place, anchor: str | None, event: yaml.Event) -> None:
        """Put a value where it belongs; a mapping or sequence is filled afterwards."""
        self._count += 1
        if self._count > MAX_SOURCE_VALUES:
            raise _too_large(f"at most {MAX_SOURCE_VALUES} values", place.line, place.column)
        self.places.values.setdefault(self._next_path(), place)
        if anchor:
            self._anchors[anchor] = _Anchored(value, 1, 0)
        if not self._stack:
            self.value = value
            return
        container = self._stack[-1].value
        if isinstance(container, list):
            container.append(value)
        else:
            container.setdefault(self._stack[-1].key or "", value)
        if isinstance(event, yaml.ScalarEvent):
            self._finish_value()

    def _finish_value(self) -> None:
        if self._stack:
            self._stack[-1].key = None


def _start(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _place(event: yaml.ScalarEvent) -> Place:
    """Return where a scalar stands, and where its text does if nothing in it is escaped."""
    line, column = _start(event)
    begin, end = event.start_mark, event.end_mark
    quotes = 1 if event.style in ("'", '"') else 0
    is_verbatim = (
        begin is not None
        and end is not None
        and event.style not in ("|", ">")
        and begin.line == end.line
        and end.column - begin.column - 2 * quotes == len(event.value)
    )
    return Place(line, column, column + quotes if is_verbatim else None)


def _resolve(text: str) -> JsonValue:
    """Return what plain text means."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        # Bounded before it is converted: Python refuses, slowly, to read very long ones.
        number = int(text) if len(text) <= _MAX_INTEGER_CHARS else _MAX_INTEGER + 1
        return number if _MIN_INTEGER <= number <= _MAX_INTEGER else text
    if _FLOAT.fullmatch(text):
        amount = float(text)
        return amount if math.isfinite(amount) else text
    return text
