"""What ``write_batch`` does: a whole batch of decisions, for the instances whose guard matches.

Its parameters are columns; how many each part has stands here once.
"""

from collections.abc import Iterator
from typing import Any

from tests.support.simulation.postgres.scheduler_statements import rows_of
from tests.support.simulation.postgres.server import Parameters
from tests.support.simulation.postgres.tables import Row, Transaction

_INSTANCES = (
    "instance_id", "revision", "is_changed", "status", "variables", "outputs", "failure",
    "started_at", "ended_at", "phase", "breakpoints", "priority",
)  # fmt: skip
_NODES = (
    "instance_id", "node_id", "status", "visits", "reason", "check_at", "arrived", "expected",
    "number", "outputs", "failure", "reached_at", "ended_at", "partition", "revision", "mark",
    "retries", "resume_at", "deadline_at", "variables",
)  # fmt: skip
_OPENED = (
    "instance_id", "node_id", "number", "step", "status", "queue", "inputs", "outputs", "failure",
    "opened_at", "closed_at", "actor", "visit",
)  # fmt: skip
_CHANGED = (
    "instance_id", "node_id", "number", "step", "status", "state", "resume", "wait_until",
    "outputs", "failure", "started_at", "closed_at", "dispatched_step", "is_mark",
)  # fmt: skip
_SETTLED = ("command_id", "instance_id", "outcome", "code", "message")

GUARD = "AND g.revision = i.revision"
"""The words of the statement that keep an old owner's decisions out."""


def write_batch(tx: Transaction, parameters: Parameters, *, is_guarded: bool = True) -> list[Row]:
    columns = iter(parameters)
    instances, nodes, opened, changed, settled = (
        _take(columns, names) for names in (_INSTANCES, _NODES, _OPENED, _CHANGED, _SETTLED)
    )
    moved = _move(tx, instances, is_guarded=is_guarded)
    for row in nodes:
        if row["instance_id"] in moved:
            _store_node(tx, row)
    for row in opened:
        if row["instance_id"] in moved:
            tx.insert("attempt", row)
    for row in changed:
        if row["is_mark"]:
            _mark(tx, row)
        elif row["instance_id"] in moved:
            _change(tx, row)
    for row in settled:
        if row["instance_id"] in moved:
            _settle(tx, row)
    return [{"instance_id": one, "stored_at": tx.clock()} for one in moved]


def _take(columns: Iterator[Any], names: tuple[str, ...]) -> list[Row]:
    return rows_of([next(columns) for _ in names], *names)


def _move(tx: Transaction, instances: list[Row], *, is_guarded: bool) -> dict[Any, None]:
    moved: dict[Any, None] = {}
    for given in instances:
        key = (given["instance_id"],)
        row = tx.get("instance", key)
        if row is None or (is_guarded and row["revision"] != given["revision"]):
            continue
        values = {"revision": given["revision"] + 1}
        if given["is_changed"]:
            values |= {name: given[name] for name in _INSTANCES[3:]}
        tx.update("instance", row, **values)
        moved[given["instance_id"]] = None
    return moved


def _store_node(tx: Transaction, given: Row) -> None:
    row = tx.get("node", (given["instance_id"], given["node_id"]))
    if row is None:
        tx.insert("node", given)
    else:
        kept = {"instance_id", "node_id", "partition"}
        tx.update("node", row, **{name: given[name] for name in _NODES if name not in kept})


def _mark(tx: Transaction, given: Row) -> None:
    row = _attempt(tx, given)
    if row is not None and row["step"] == given["step"] and row["closed_at"] is None:
        step = given["dispatched_step"]
        tx.update("attempt", row, dispatched_step=step, dispatched_at=tx.clock())


def _change(tx: Transaction, given: Row) -> None:
    row = _attempt(tx, given)
    if row is None:
        return
    values = {name: given[name] for name in _CHANGED[3:12]}
    if given["dispatched_step"] is not None:
        values |= {"dispatched_step": given["dispatched_step"], "dispatched_at": tx.clock()}
    tx.update("attempt", row, **values)


def _attempt(tx: Transaction, given: Row) -> Row | None:
    return tx.get("attempt", (given["instance_id"], given["node_id"], given["number"]))


def _settle(tx: Transaction, given: Row) -> None:
    row = tx.get("command", (given["command_id"],))
    if row is not None and not row["outcome"]:
        tx.update(
            "command",
            row,
            outcome=given["outcome"],
            code=given["code"],
            message=given["message"],
            settled_at=tx.clock(),
        )
