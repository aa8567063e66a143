"""Names of groups, methods and arguments: made of paths, which are what stays the same.

``operationId`` would be the obvious source, but nobody promises that it stays.
A group is a collection, as in ``flowyard.nodes``; a method says what is done to
one of its members (``get``, ``put``), to all (``list``, ``create``), what is
read of it (``get_definition``, ``list_items``), or which action is taken.
"""

import keyword
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from tools.client.document import Document, Operation

ACTIONS = "actions"
"""What stands before the name of an action in a path."""

CHOICE = "{action}"
"""Stands for one of several actions, each of which becomes a method."""

_MEMBER = {"get": "get", "post": "post", "put": "put", "patch": "update", "delete": "delete"}
_COLLECTION = {**_MEMBER, "get": "list", "post": "create"}
_STREAM = "stream"
_VERSION = re.compile(r"^/api/v\d+/")
_NO_WORD = re.compile(r"\W+")
_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An operation with its place in the client."""

    group: str
    method: str
    operation: Operation
    action: str | None = None
    """What stands for ``{action}`` in the path."""

    @property
    def is_action(self) -> bool:
        """Tell whether it does something beside reading and writing what is there."""
        return f"/{ACTIONS}/" in self.operation.path


def python_name(text: str) -> str:
    """Return a name as Python writes it, which is no keyword."""
    name = _NO_WORD.sub("_", _CAPITAL.sub("_", text)).strip("_").lower()
    return f"{name}_" if keyword.iskeyword(name) else name


def class_name(text: str) -> str:
    """Return a name as classes have it."""
    return "".join(part[:1].upper() + part[1:] for part in _NO_WORD.sub("_", text).split("_"))


def named_operations(document: Document) -> list[Named]:
    """Return every operation with a name of its own, groups and methods in a lasting order."""
    operations = list(document.operations())
    collections = _collections(operations)
    found: dict[tuple[str, str], Named] = {}
    for operation in operations:
        for one in _named(operation, collections, is_page=_is_page(document, operation)):
            key = (one.group, one.method)
            if key in found:
                one = replace(one, method=python_name(operation.name))  # noqa: PLW2901
            if (one.group, one.method) in found:
                raise ValueError(f"Expected names of their own, but {key} is taken twice")
            found[one.group, one.method] = one
    return [found[key] for key in sorted(found)]


def _is_page(document: Document, operation: Operation) -> bool:
    return document.item_of_page(operation.answer) is not None


def _segments(path: str) -> list[str]:
    return _VERSION.sub("", path).strip("/").split("/")


def _is_parameter(segment: str) -> bool:
    return segment.startswith("{")


def _collections(operations: Iterable[Operation]) -> set[str]:
    """Return the segments that stand for many: a parameter follows, or something is created."""
    found: set[str] = set()
    for operation in operations:
        segments = _segments(operation.path)
        for one, following in pairwise(segments):
            if _is_parameter(following) and not _is_parameter(one):
                found.add(one)
        is_action = ACTIONS in segments
        if operation.method == "post" and not is_action and not _is_parameter(segments[-1]):
            found.add(segments[-1])
    return found - {ACTIONS}


def _named(operation: Operation, collections: Collection[str], *, is_page: bool) -> Iterator[Named]:
    segments = _segments(operation.path)
    verb: str | None = None
    if len(segments) > 1 and segments[-2] == ACTIONS:
        verb = segments[-1]
        segments = segments[:-2]
    place = max(
        (place for place, one in enumerate(segments) if one in collections),
        default=0,  # what there is one of, as in /me
    )
    group = python_name("_".join(_qualified(segments, place)))
    if verb == CHOICE:
        is_many = not _is_parameter(segments[-1])
        for action in _choices(operation):
            method = python_name(f"{action}_many" if is_many else action)
            yield Named(group=group, method=method, operation=operation, action=action)
    elif verb is not None:
        yield Named(group=group, method=python_name(verb), operation=operation)
    else:
        verbs = _COLLECTION if segments[-1] in collections else _MEMBER
        words = [one for one in segments[place + 1 :] if not _is_parameter(one)]
        if operation.is_stream and words[-1:] == [_STREAM]:
            words.pop()
        prefix = _prefix(operation, verbs, words, is_page=is_page)
        method = python_name("_".join([prefix, *words]))
        yield Named(group=group, method=method, operation=operation)


def _qualified(segments: Sequence[str], place: int) -> list[str]:
    """Return a collection's segment with those before it that say what it is of."""
    first = place
    while first > 0 and not _is_parameter(segments[first - 1]):
        first -= 1
    return list(segments[first : place + 1])


def _choices(operation: Operation) -> list[str]:
    (choice,) = (one for one in operation.parameters if f"{{{one.name}}}" == CHOICE)
    return list(choice.schema["enum"]) if "enum" in choice.schema else [choice.schema["const"]]


def _prefix(
    operation: Operation, verbs: Mapping[str, str], words: Sequence[str], *, is_page: bool
) -> str:
    """Return what is done, before the words that say to what."""
    if operation.is_stream:
        return _STREAM
    if is_page:
        return "list"
    return (_MEMBER if words else verbs)[operation.method]
