"""What a document names: plugins and templates, found in its text and changed there.

A change touches nothing but the version: comments, order and spelling of everything else stay
as their writer left them.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import yaml

from flowyard.document.problems import DocumentError
from flowyard.document.source import as_yaml, read_source

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PATTERN = re.compile(r"(?P<target>[A-Za-z0-9][A-Za-z0-9_./-]*)(?:@(?P<version>[A-Za-z0-9_.+-]+))?")
_KINDS: dict[str, Literal["plugin", "subflow"]] = {"plugin": "plugin", "subflow": "subflow"}

_OPAQUE = frozenset({"inputs", "export", "items"})
"""Keys of a node whose values are its own business: a key in there says nothing to us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextReference:
    """One plugin or template that a node names."""

    node_id: str
    kind: Literal["plugin", "subflow"]
    target: str
    """Name of the plugin; key of the template, with its project if that is another one."""
    version: str
    """As it is written; empty where there is none."""
    start: int
    """Where the value begins in the text, quotes included, counted in characters from 0."""
    end: int


def find_references(text: str) -> tuple[TextReference, ...]:
    """Return what the nodes of a document name, in the order of the text.

    The document may be wrong in any way; of one that is no YAML at all, nothing is found.
    """
    return _find(as_yaml(text)) if _is_readable(text) else ()


def replace_versions(text: str, choose: Callable[[TextReference], str | None]) -> str:
    """Return a document with other versions in it.

    Parameters
    ----------
    choose
        Returns the version that a reference is to have, or None to leave it as it is.
    """
    if not _is_readable(text):
        return text
    written = as_yaml(text)
    changed = written
    for reference in reversed(_find(written)):
        version = choose(reference)
        if version is None or version == reference.version:
            continue
        value = _rewritten(changed[reference.start : reference.end], reference, version)
        changed = f"{changed[: reference.start]}{value}{changed[reference.end :]}"
    return text if changed == written else changed


def _is_readable(text: str) -> bool:
    try:
        # Bounds size and depth, so that composing cannot hurt.
        read_source(text)
    except DocumentError:
        return False
    return True


def _find(text: str) -> tuple[TextReference, ...]:
    root = yaml.compose(text, Loader=_LOADER)
    found: dict[int, TextReference] = {}
    for item in _items_of(root, "nodes"):
        node_id = _text_of(item, "id")
        # What an alias repeats stands in the text once.
        found.update((one.start, one) for one in _walk(item, node_id) if one.start not in found)
    return tuple(found[start] for start in sorted(found))


def _walk(node: yaml.Node, node_id: str) -> Iterator[TextReference]:
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _walk(item, node_id)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value in _OPAQUE:
                continue
            if key.value in _KINDS and isinstance(value, yaml.ScalarNode):
                yield from _reference(value, node_id, _KINDS[key.value])
            else:
                yield from _walk(value, node_id)


def _reference(
    value: yaml.ScalarNode, node_id: str, kind: Literal["plugin", "subflow"]
) -> Iterator[TextReference]:
    match = _PATTERN.fullmatch(value.value)
    if match is not None:
        yield TextReference(
            node_id=node_id,
            kind=kind,
            target=match["target"],
            version=match["version"] or "",
            start=value.start_mark.index,
            end=value.end_mark.index,
        )


def _items_of(node: yaml.Node | None, key: str) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == key and isinstance(value, yaml.SequenceNode):
                return list(value.value)
    return []


def _text_of(node: yaml.Node, key: str) -> str:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == key and isinstance(value, yaml.ScalarNode):
                return str(value.value)
    return ""


def _rewritten(written: str, reference: TextReference, version: str) -> str:
    before = f"{reference.target}@{reference.version}" if reference.version else reference.target
    after = f"{reference.target}@{version}" if version else reference.target
    if before in written:
        return written.replace(before, after, 1)
    # Spelled with escapes or over several lines; a quoted text says the same.
    return json.dumps(after)
