"""What each statement of ``slots.sql`` does."""

from typing import Any

import orjson

from tests.support.simulation.postgres.scheduler_statements import pick, rows_of
from tests.support.simulation.postgres.server import Parameters
from tests.support.simulation.postgres.tables import Row, Transaction

_KEY = ("instance_id", "node_id", "number")
_SLOT = "concurrency_slot"


def ask_slots(tx: Transaction, parameters: Parameters) -> list[Row]:
    answers = []
    for asked in rows_of(parameters, *_KEY, "project_id", "key", "limit"):
        row = tx.get(_SLOT, tx.key_of(_SLOT, asked))
        if row is None:
            row = tx.insert(_SLOT, asked)
        else:
            row = tx.update(_SLOT, row, limit=asked["limit"])
        answers.append({**pick(row, *_KEY), "is_granted": row["granted_at"] is not None})
    return answers


def hold_back_slots(tx: Transaction, parameters: Parameters) -> list[Row]:
    for key in zip(*parameters, strict=True):
        row, attempt = tx.get(_SLOT, key), tx.get("attempt", key)
        if row is None or attempt is None or row["granted_at"] is None:
            continue
        if _is_stopping(attempt):
            tx.update(_SLOT, row, releasing_at=tx.clock())
    return []


def _is_stopping(attempt: Row) -> bool:
    return attempt["cancel_requested_at"] is not None and attempt["cancel_confirmed_at"] is None


def releasing_slots(tx: Transaction, parameters: Parameters) -> list[Row]:
    owned, count, limit = parameters
    found = []
    for row in tx.scan(_SLOT):
        instance = tx.get("instance", (row["instance_id"],))
        partition = 0 if instance is None else instance["partition"]
        if row["releasing_at"] is not None and partition % count in owned:
            found.append(row)
    found.sort(key=lambda row: row["releasing_at"])
    answers = []
    for row in found[:limit]:
        attempt = tx.get("attempt", tx.key_of(_SLOT, row))
        is_free = attempt is None or attempt["cancel_confirmed_at"] is not None
        answers.append({**pick(row, *_KEY), "is_free": is_free})
    return answers


def drop_slots(tx: Transaction, parameters: Parameters) -> list[Row]:
    for key in zip(*parameters, strict=True):
        row = tx.get(_SLOT, key)
        if row is not None:
            tx.delete(_SLOT, row)
    return []


def give_back_slots(tx: Transaction, parameters: Parameters) -> list[Row]:
    for key in zip(*parameters, strict=True):
        row = tx.get(_SLOT, key)
        if row is not None and row["releasing_at"] is None:
            tx.delete(_SLOT, row)
    return []


def give_back_orphans(tx: Transaction, parameters: Parameters) -> list[Row]:
    lines = set(zip(*parameters, strict=True))
    for row in list(tx.scan(_SLOT)):
        if row["granted_at"] is None or (row["project_id"], row["key"]) not in lines:
            continue
        attempt = tx.get("attempt", tx.key_of(_SLOT, row))
        works = attempt is not None and (attempt["closed_at"] is None or _is_stopping(attempt))
        if not works:
            tx.delete(_SLOT, row)
    return []


def granted_slots(tx: Transaction, parameters: Parameters) -> list[Row]:
    rows = (tx.get(_SLOT, key) for key in zip(*parameters, strict=True))
    return [pick(row, *_KEY) for row in rows if row is not None and row["granted_at"] is not None]


def lock_lines(tx: Transaction, parameters: Parameters) -> list[Row]:
    lines: set[tuple[Any, str]] = set(zip(*parameters[:2], strict=True))
    for key in zip(*parameters[2:], strict=True):
        row = tx.get(_SLOT, key)
        if row is not None:
            lines.add((row["project_id"], row["key"]))
    ordered = sorted(lines, key=lambda line: (line[0].int, line[1]))
    for line in ordered:
        tx.lock(("line", *line))
    return [{"project_id": project_id, "key": key} for project_id, key in ordered]


def grant_slots(tx: Transaction, parameters: Parameters) -> list[Row]:
    granted = []
    for line in dict.fromkeys(zip(*parameters, strict=True)):
        of_line = [row for row in tx.scan(_SLOT) if (row["project_id"], row["key"]) == line]
        waiting = sorted(
            (row for row in of_line if row["granted_at"] is None), key=lambda row: row["position"]
        )
        if not waiting:
            continue
        free = waiting[0]["limit"] - (len(of_line) - len(waiting))
        for row in waiting[: max(free, 0)]:
            tx.update(_SLOT, row, granted_at=tx.clock())
            granted.append(pick(row, *_KEY))
    return granted


def tell_granted(tx: Transaction, parameters: Parameters) -> list[Row]:
    told = rows_of(parameters[:3], *_KEY)
    told.sort(key=lambda row: (row["instance_id"].int, row["node_id"]))
    answers = []
    for one in told:
        instance = tx.get("instance", (one["instance_id"],))
        if instance is None:
            continue
        address = pick(instance, "instance_id", "partition")
        tx.insert(
            "command",
            {
                **address,
                "kind": "slot_granted",
                "node_id": one["node_id"],
                "payload": orjson.dumps({"number": one["number"]}).decode(),
                "actor": parameters[3],
            },
        )
        answers.append(address)
    return answers
