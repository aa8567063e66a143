"""Makes ``docs/instance-operations.md`` from the tables of :mod:`flowyard.engine.operations`."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

from flowyard.engine.graph import NodeKind
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.operations import (
    INSTANCE_OPERATIONS,
    NODE_CONDITIONS,
    NODE_OPERATIONS,
    Condition,
)
from flowyard.engine.snapshot import WaitReason

ItemT = TypeVar("ItemT", bound=StrEnum)

INTRODUCTION = """\
# Operations on instances and nodes

This page is made by `make docs` from `flowyard.engine.operations`. The API refuses what the tables
do not allow with 409, and says in `present_status` and `allowed` what stands there and what may be
asked for; the owner of the instance checks the same tables again, and its answer counts.
"""

CONDITIONS_INTRODUCTION = """\
What operations on nodes need beside the node's status; *any* where nothing is asked. Items of
maps (`deploy:3`), compensations (`deploy:rollback`) and nodes of inline subflows (`deploy.build`)
are operated on like any other node."""

INSTANCE_MEANINGS = {
    "start": "Begins an instance that was created without starting it.",
    "pause": "What runs goes on to its end; nothing new starts, no retry and no item of a map.",
    "resume": "Goes on after a pause.",
    "cancel": "Ends it; running plugins and children are told. With `rollback`, what has succeeded"
    " is undone first.",
    "set-variables": "Gives variables that no node has used yet other values.",
    "set-priority": "Has its steps dispatched sooner or later than others, 0 to 9.",
    "clone": "Creates another instance of the same version with the same inputs.",
    "rerun": "Creates another instance that begins at a node, with what this one had come to.",
}
"""What each operation on an instance does."""

NODE_MEANINGS = {
    "retry": "Tries it again, with the same inputs or with others.",
    "skip": "Passes over it; it has no outputs.",
    "force-fail": "Stops it; its plugin is told, and neither retries nor `ignore_failure` count.",
    "force-succeed": "Lets it count as succeeded, with the outputs that are given.",
    "pause": "Has the next token that reaches it stop there.",
    "resume": "Takes a stop back, and lets a token in that waits at it.",
    "choose": "Says which way the token takes.",
    "reset-timer": "Has a wait for a time, or the pause before a retry, end at another time.",
    "restart": "Begins a subflow once more from its start; what is left of it is cancelled.",
    "approve": "Says yes.",
    "reject": "Says no.",
}
"""What each operation on a node does."""


def table(
    operations: Mapping[str, frozenset[ItemT]],
    statuses: Iterable[ItemT],
    meanings: Mapping[str, str],
) -> str:
    """Return operations by statuses as a table."""
    shown = list(statuses)
    lines = [
        f"| operation | {' | '.join(f'`{one}`' for one in shown)} | what it does |",
        f"| --- | {' | '.join('---' for _ in shown)} | --- |",
    ]
    for verb, allowed in operations.items():
        cells = " | ".join("yes" if one in allowed else "409" for one in shown)
        lines.append(f"| `{verb}` | {cells} | {meanings[verb]} |")
    return "\n".join(lines)


def _listed(chosen: frozenset[ItemT], order: Iterable[ItemT]) -> str:
    every = list(order)
    return (
        "any" if chosen == set(every) else ", ".join(f"`{one}`" for one in every if one in chosen)
    )


def _more(need: Condition) -> str:
    found = []
    if need.has_stop is not None:
        found.append("a stop is set" if need.has_stop else "no stop is set")
    if need.is_of_graph:
        found.append("a node of the graph itself")
    if need.option is not None:
        found.append(f"its options allow it, else `{need.code}`")
    return "; ".join(found)


def conditions() -> str:
    """Return what operations on nodes need beside the status, as a table."""
    lines = [
        "| operation | status of the instance | kind of the node | reason to wait | and |",
        "| --- | --- | --- | --- | --- |",
    ]
    for verb, need in NODE_CONDITIONS.items():
        cells = (
            f"`{verb}`",
            _listed(need.instances, InstanceStatus),
            _listed(need.kinds, NodeKind),
            _listed(need.reasons, WaitReason),
            _more(need),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def operations_page() -> str:
    """Return the whole page."""
    return "\n\n".join(
        [
            INTRODUCTION.rstrip(),
            "## On instances",
            table(INSTANCE_OPERATIONS, InstanceStatus, INSTANCE_MEANINGS),
            "## On nodes",
            table(NODE_OPERATIONS, NodeStatus, NODE_MEANINGS),
            CONDITIONS_INTRODUCTION,
            conditions() + "\n",
        ]
    )
