"""Makes ``docs/states.md`` from the tables of :mod:`flowyard.engine.lifecycle`."""

import ast
import inspect
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

from flowyard.engine.lifecycle import (
    FINAL_INSTANCE_STATUSES,
    INSTANCE_TRANSITIONS,
    NODE_TRANSITIONS,
    OPEN_NODE_STATUSES,
    InstanceStatus,
    NodeStatus,
)

StatusT = TypeVar("StatusT", bound=StrEnum)

INTRODUCTION = """\
# Statuses

This page is made by `make docs` from `flowyard.engine.lifecycle`, the only place that decides
which status may follow which. A change that is not drawn here is refused wherever it comes from.
"""


def member_words(enum: type[StrEnum]) -> dict[str, str]:
    """Return the sentence below each member of an enum, keyed by the member's name."""
    body = ast.parse(inspect.getsource(enum)).body[0]
    if not isinstance(body, ast.ClassDef):
        raise TypeError(f"Expected a class, but the source of {enum} is none")
    words: dict[str, str] = {}
    for member, below in zip(body.body, body.body[1:], strict=False):
        if (
            isinstance(member, ast.Assign)
            and isinstance(member.targets[0], ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
        ):
            words[member.targets[0].id] = str(below.value.value)
    return words


def diagram(transitions: Mapping[StatusT, Iterable[StatusT]], first: StatusT) -> str:
    """Return a state machine as a Mermaid diagram."""
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {first}"]
    for before, followers in transitions.items():
        in_order = [status for status in transitions if status in set(followers)]
        lines.extend(f"    {before} --> {after}" for after in in_order)
        if not in_order:
            lines.append(f"    {before} --> [*]")
    return "\n".join([*lines, "```"])


def table(transitions: Mapping[StatusT, Iterable[StatusT]], words: Mapping[str, str]) -> str:
    """Return a state machine as a table: status, meaning, what may follow."""
    lines = ["| status | means | may become |", "| --- | --- | --- |"]
    for before, followers in transitions.items():
        after = ", ".join(f"`{status}`" for status in transitions if status in set(followers))
        lines.append(f"| `{before}` | {words[before.name]} | {after or 'nothing: it is final'} |")
    return "\n".join(lines)


def _listed(statuses: Iterable[StatusT], order: Iterable[StatusT]) -> str:
    chosen = set(statuses)
    return " or ".join(f"`{status}`" for status in order if status in chosen)


def states_page() -> str:
    """Return the whole page."""
    open_nodes = _listed(OPEN_NODE_STATUSES, NodeStatus)
    final_instances = _listed(FINAL_INSTANCE_STATUSES, InstanceStatus)
    return "\n\n".join(
        [
            INTRODUCTION.rstrip(),
            "## Nodes",
            diagram(NODE_TRANSITIONS, NodeStatus.PENDING),
            table(NODE_TRANSITIONS, member_words(NodeStatus)),
            f"A node that is {open_nodes} holds a token that has neither moved on nor failed.",
            "## Instances",
            diagram(INSTANCE_TRANSITIONS, InstanceStatus.CREATED),
            table(INSTANCE_TRANSITIONS, member_words(InstanceStatus)),
            f"An instance that is {final_instances} never changes again.\n",
        ]
    )
