"""Canonical documents as YAML that a person likes to read and change."""

import re
from collections.abc import Mapping
from typing import Any

import yaml
from typing_extensions import override

from flowyard.engine.graph import JsonValue

_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")

_RARE = re.compile(
    r"[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u2028\u2029\ufeff]"
)
"""What YAML takes for a line break or does not allow as it is; in double quotes it is escaped."""


class _Dumper(yaml.SafeDumper):
    """Block style throughout; lists are indented below their key."""

    @override
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)  # noqa: FBT003  # PyYAML's own signature

    @override
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None
    if _RARE.search(text):
        style = '"'
    elif "\n" in text.rstrip("\n"):
        style = "|"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


class _Position(list[JsonValue]):
    """A list that is written in one line."""


def _represent_position(dumper: yaml.SafeDumper, value: _Position) -> yaml.SequenceNode:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=True)


_Dumper.add_representer(str, _represent_text)
_Dumper.add_representer(_Position, _represent_position)
# Besides what YAML 1.1 takes for something else than text, what our reader takes for a number.
_Dumper.add_implicit_resolver("tag:yaml.org,2002:float", _NUMBER, list("-+.0123456789"))


def to_yaml(document: Mapping[str, JsonValue]) -> str:
    """Return a document as YAML in block style, with its keys in the given order.

    Positions of nodes stand in one line each.

    Parameters
    ----------
    document
        As :meth:`flowyard.document.model.Document.canonical` returns it.
    """
    return yaml.dump(
        _with_positions(document),
        Dumper=_Dumper,
        default_flow_style=False,
        allow_unicode=True,
        sort_keys=False,
        width=1_000_000,
    )


def _with_positions(document: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    layout = document.get("layout")
    if not isinstance(layout, dict):
        return dict(document)
    drawn = {
        node_id: _Position(at) if isinstance(at, list) else at for node_id, at in layout.items()
    }
    return {**document, "layout": dict[str, JsonValue](drawn)}
