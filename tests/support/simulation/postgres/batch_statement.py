"""What ``write_batch`` does: a whole batch of decisions, for the instances whose guard matches.

Its parameters are columns; how many each part has stands here once.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import orjson

from tests.support.simulation.postgres.scheduler_statements import rows_of
from tests.support.simulation.postgres.server import Parameters
from tests.support.simulation.postgres.tables import Row, Transaction

_INSTANCES = ("instance_id", "revision", "more")
_NODES = (
    "instance_id", "node_id", "status", "visits", "reason", "check_at", "number", "outputs",
    "reached_at", "ended_at", "partition", "revision", "more",
)  # fmt: skip
_OPENED = (
    "instance_id", "node_id", "number", "step", "status", "queue", "inputs", "opened_at", "visit",
    "more",
)  # fmt: skip
_CHANGED = (
    "instance_id", "node_id", "number", "step", "status", "outputs", "started_at", "closed_at",
    "dispatched_step", "is_mark", "more",
)  # fmt: skip
_SETTLED = ("command_id", "instance_id", "outcome", "code", "message")

_JSON, _PLAIN, _COUNT, _TIME = "json", "plain", "count", "time"
_IN_INSTANCES = {
    "status": _PLAIN, "variables": _JSON, "outputs": _JSON, "failure": _JSON, "started_at": _TIME,
    "ended_at": _TIME, "phase": _PLAIN, "breakpoints": _JSON, "priority": _PLAIN,
}  # fmt: skip
_IN_NODES = {
    "arrived": _COUNT, "expected": _COUNT, "failure": _JSON, "mark": _PLAIN, "retries": _COUNT,
    "resume_at": _TIME, "deadline_at": _TIME, "since": _TIME, "variables": _JSON,
}  # fmt: skip
_IN_OPENED = {
    "outputs": _JSON, "failure": _JSON, "closed_at": _TIME, "actor": _PLAIN, "trace": _JSON,
}  # fmt: skip
_IN_CHANGED = {"state": _JSON, "resume": _JSON, "wait_until": _TIME, "failure": _JSON}
"""What of each part travels as one JSON object, and what each of that is."""

GUARD = "AND g.revision = i.revision"
"""The words of the statement that keep an old owner's decisions out."""


def write_batch(tx: Transaction, parameters: Parameters, *, is_guarded: bool = True) -> list[Row]:
    columns = iter(parameters)
    instances, nodes, opened, changed, settled = (
        _take(columns, names) for names in (_INSTANCES, _NODES, _OPENED, _CHANGED, _SETTLED)
    )
    is_known = _webhook_version(tx) == next(columns)
    moved = _move(tx, instances if is_known else [], is_guarded=is_guarded)
    for row in nodes:
        if row["instance_id"] in moved:
            _store_node(tx, _whole(row, _IN_NODES))
    for row in opened:
        if row["instance_id"] in moved:
            tx.insert("attempt", _whole(row, _IN_OPENED))
    for row in changed:
        if row["is_mark"]:
            _mark(tx, row)
        elif row["instance_id"] in moved:
            _change(tx, _whole(row, _IN_CHANGED))
    for row in settled:
        if row["instance_id"] in moved:
            _settle(tx, row)
    return [{"instance_id": one, "stored_at": tx.clock()} for one in moved]


def _webhook_version(tx: Transaction) -> int:
    row = tx.get("webhook_level", (True,))
    return 0 if row is None else int(row["version"])


def _take(columns: Iterator[Any], names: tuple[str, ...]) -> list[Row]:
    return rows_of([next(columns) for _ in names], *names)


def _whole(row: Row, kinds: dict[str, str]) -> Row:
    """Return a row with everything that its JSON object has, and has not."""
    more = orjson.loads(row["more"] or "{}")
    told = {name: _value(more.get(name), kind) for name, kind in kinds.items()}
    return {name: value for name, value in row.items() if name != "more"} | told


def _value(value: Any, kind: str) -> Any:
    if kind == _COUNT:
        return value or 0
    if value is None or kind == _PLAIN:
        return value
    return datetime.fromisoformat(value) if kind == _TIME else orjson.dumps(value).decode()


def _move(tx: Transaction, instances: list[Row], *, is_guarded: bool) -> dict[Any, None]:
    moved: dict[Any, None] = {}
    for given in instances:
        key = (given["instance_id"],)
        row = tx.get("instance", key)
        if row is None or (is_guarded and row["revision"] != given["revision"]):
            continue
        values = {"revision": given["revision"] + 1}
        if given["more"] is not None:
            changes = _whole(given, _IN_INSTANCES)
            values |= {name: changes[name] for name in _IN_INSTANCES}
        tx.update("instance", row, **values)
        moved[given["instance_id"]] = None
    return moved


def _store_node(tx: Transaction, given: Row) -> None:
    row = tx.get("node", (given["instance_id"], given["node_id"]))
    if row is None:
        tx.insert("node", given)
    else:
        kept = {"instance_id", "node_id", "partition"}
        tx.update("node", row, **{name: given[name] for name in given if name not in kept})


def _mark(tx: Transaction, given: Row) -> None:
    row = _attempt(tx, given)
    if row is not None and row["step"] == given["step"] and row["closed_at"] is None:
        step = given["dispatched_step"]
        tx.update("attempt", row, dispatched_step=step, dispatched_at=tx.clock())


def _change(tx: Transaction, given: Row) -> None:
    row = _attempt(tx, given)
    if row is None:
        return
    told = ("step", "status", "outputs", "started_at", "closed_at", *_IN_CHANGED)
    values = {name: given[name] for name in told}
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
