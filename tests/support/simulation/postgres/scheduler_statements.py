"""What each statement of ``scheduler.sql`` does, but for the batch, which has a module."""

import uuid
from collections.abc import Iterable
from typing import Any

import orjson

from tests.support.simulation.postgres.server import Parameters
from tests.support.simulation.postgres.tables import Row, Transaction, jsonb

_WAITS = frozenset({"timer", "callback", "approval", "retry"})
_STOPPED = frozenset({"ready", "running", "waiting", "failed"})


def rows_of(columns: Iterable[Iterable[Any]], *names: str) -> list[Row]:
    """Return parallel arrays as rows."""
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def pick(row: Row, *names: str) -> Row:
    return {name: row[name] for name in names}


def clock(tx: Transaction, _: Parameters) -> list[Row]:
    return [{"clock_timestamp": tx.clock()}]


def load_instances(tx: Transaction, parameters: Parameters) -> list[Row]:
    found = []
    for instance_id in dict.fromkeys(parameters[0]):
        row = tx.get("instance", (instance_id,))
        if row is None:
            continue
        project = tx.get("project", (row["project_id"],))
        template = tx.get("template", (row["template_id"],))
        if project is not None and template is not None:
            names = {"project": project["name"], "template": template["key"]}
            found.append({**row, **names, "commands": _inbox(tx, instance_id)})
    return found


def _inbox(tx: Transaction, instance_id: uuid.UUID) -> str | None:
    columns = ("command_id", "kind", "node_id", "actor", "traceparent")
    found = [
        {**pick(row, *columns), "payload": orjson.loads(row["payload"])}
        for row in open_commands(tx, ([instance_id],))
    ]
    return jsonb(orjson.dumps(found).decode()) if found else None


def load_nodes(tx: Transaction, parameters: Parameters) -> list[Row]:
    wanted = set(parameters[0])
    found = [_loaded(tx, row) for row in tx.scan("node") if row["instance_id"] in wanted]
    found.sort(key=lambda row: (row["instance_id"].int, row["reached_at"], row["node_id"]))
    return found


def _loaded(tx: Transaction, node: Row) -> Row:
    attempt = _attempt_of(tx, node)
    is_open = attempt is not None and attempt["closed_at"] is None
    keeps_inputs = is_open or node["status"] == "failed" or node["reason"] == "retry"
    a: Row = attempt or {}
    return {
        **node,
        "number": a.get("number"),
        "attempt_status": a.get("status"),
        "step": a.get("step"),
        "resume": a.get("resume"),
        "wait_until": a.get("wait_until"),
        "opened_at": a.get("opened_at"),
        "started_at": a.get("started_at"),
        "closed_at": a.get("closed_at"),
        "dispatched_step": a.get("dispatched_step"),
        "attempt_failure": a.get("failure"),
        "actor": a.get("actor"),
        "visit": a.get("visit"),
        "trace": a.get("trace"),
        "inputs": a.get("inputs") if keeps_inputs else None,
        "state": a.get("state") if is_open else None,
        "attempt_outputs": a.get("outputs") if is_open else None,
    }


def _attempt_of(tx: Transaction, node: Row) -> Row | None:
    return tx.get("attempt", (node["instance_id"], node["node_id"], node["number"]))


def load_graph(tx: Transaction, parameters: Parameters) -> list[Row]:
    row = tx.get("template_version", (parameters[0], parameters[1]))
    return [] if row is None else [{"graph": row["graph"]}]


def open_commands(tx: Transaction, parameters: Parameters) -> list[Row]:
    wanted = set(parameters[0])
    found = [
        row for row in tx.scan("command") if row["outcome"] is None and row["instance_id"] in wanted
    ]
    return sorted(found, key=lambda row: row["command_id"])


def instances_with_commands(tx: Transaction, parameters: Parameters) -> list[Row]:
    owned, count, age, limit = parameters
    before = tx.clock() - age
    found = {
        row["instance_id"]: None
        for row in tx.scan("command")
        if row["outcome"] is None
        and row["kind"] != "start"
        and row["partition"] % count in owned
        and row["created_at"] <= before
    }
    return [{"instance_id": one} for one in list(found)[:limit]]


def due_nodes(tx: Transaction, parameters: Parameters) -> list[Row]:
    owned, count, horizon, limit = parameters
    now = tx.clock()
    found = []
    for node in tx.scan("node"):
        if node["reason"] is None or node["check_at"] > now + horizon:
            continue
        is_bounded = node["reason"] in _WAITS or node["deadline_at"] is not None
        if (node["check_at"] > now and not is_bounded) or node["partition"] % count not in owned:
            continue
        attempt: Row = _attempt_of(tx, node) or {}
        found.append(
            {
                **node,
                "number": attempt.get("number"),
                "step": attempt.get("step"),
                "wait_until": attempt.get("wait_until"),
            }
        )
    found.sort(key=lambda row: row["check_at"])
    return found[:limit]


def reasonless_nodes(tx: Transaction, parameters: Parameters) -> list[Row]:
    owned, count, limit = parameters
    found = [
        pick(row, "instance_id", "node_id")
        for row in tx.scan("node")
        if row["reason"] is None and row["status"] in _STOPPED and row["partition"] % count in owned
    ]
    return found[:limit]


def open_steps(tx: Transaction, parameters: Parameters) -> list[Row]:
    owned, count = parameters
    found = []
    for node in sorted(tx.scan("node"), key=lambda row: row["reached_at"]):
        if node["reason"] not in ("queued", "running") or node["partition"] % count not in owned:
            continue
        attempt = _attempt_of(tx, node)
        instance = tx.get("instance", (node["instance_id"],))
        if attempt is None or instance is None:
            continue
        if attempt["closed_at"] is not None or attempt["queue"] is None:
            continue
        dispatched = attempt["dispatched_step"]
        found.append(
            {
                **pick(attempt, "instance_id", "node_id", "number", "step", "queue"),
                "partition": instance["partition"],
                "is_dispatched": dispatched is not None and dispatched >= attempt["step"],
            }
        )
    return found


def _child_of(tx: Transaction, parent: uuid.UUID, node_id: str, number: int) -> Row | None:
    for row in tx.scan("instance"):
        if (row["parent_instance_id"], row["parent_node_id"], row["parent_number"]) == (
            parent,
            node_id,
            number,
        ):
            return row
    return None


def ended_child(tx: Transaction, parameters: Parameters) -> list[Row]:
    child = _child_of(tx, *parameters)
    return [] if child is None else [pick(child, "instance_id", "status", "outputs")]


def partitions_of(tx: Transaction, parameters: Parameters) -> list[Row]:
    found = (tx.get("instance", (one,)) for one in dict.fromkeys(parameters[0]))
    return [pick(row, "instance_id", "partition") for row in found if row is not None]


def brokers(tx: Transaction, parameters: Parameters) -> list[Row]:
    found = (tx.get("partition_broker", (one,)) for one in parameters[0])
    return [pick(row, "partition", "broker_id") for row in found if row is not None]


def note_brokers(tx: Transaction, parameters: Parameters) -> list[Row]:
    for partition in parameters[0]:
        row = tx.get("partition_broker", (partition,))
        if row is None:
            tx.insert("partition_broker", {"partition": partition, "broker_id": parameters[1]})
        else:
            tx.update("partition_broker", row, broker_id=parameters[1], assigned_at=tx.clock())
    return []


def start_child(tx: Transaction, parameters: Parameters) -> list[Row]:
    child_id, partition, secret, parent_id, key, version, node_id, number = parameters[:8]
    kind, given, plan, schemes, traceparent = parameters[8:]
    parent = tx.get("instance", (parent_id,))
    template = None if parent is None else _child_template(tx, parent, key, version)
    if parent is None or template is None:
        return []
    chosen = template["latest_version"] if version is None else version
    stored = tx.get("template_version", (template["template_id"], chosen))
    if stored is None or not _has_schemes(stored, schemes):
        return []
    tx.lock(("instance_parent_key", parent_id, node_id, number))
    if _child_of(tx, parent_id, node_id, number) is not None:
        return []
    tx.insert(
        "instance",
        {
            **pick(parent, "project_id", "actor", "priority"),
            "traceparent": traceparent,
            "instance_id": child_id,
            "template_id": template["template_id"],
            "version": chosen,
            "name": f"{parent['name']} / {node_id}",
            "partition": partition,
            "given": given,
            "callback_secret": secret,
            "parent_instance_id": parent_id,
            "parent_node_id": node_id,
            "parent_number": number,
            "plan": plan,
        },
    )
    command = {"instance_id": child_id, "partition": partition, "kind": kind}
    tx.insert("command", {**command, "actor": parent["actor"]})
    return [{"instance_id": child_id, "partition": partition}]


def _child_template(tx: Transaction, parent: Row, key: str, version: int | None) -> Row | None:
    own = tx.get("template", (parent["template_id"],))
    if own is None:
        return None
    project_id = own["project_id"]
    home, separator, _ = key.partition("/")
    if separator:
        named = [row["project_id"] for row in tx.scan("project") if row["name"] == home]
        project_id = named[0] if named else None
    for row in tx.scan("template"):
        if row["key"] != key.rpartition("/")[2] or row["project_id"] != project_id:
            continue
        is_visible = (
            version is not None
            or row["project_id"] == own["project_id"]
            or row["is_common"]
            or tx.get("template_visibility", (row["template_id"], own["project_id"])) is not None
        )
        return row if is_visible else None
    return None


def _has_schemes(version: Row, wanted: list[str]) -> bool:
    if not wanted:
        return True
    schemes = orjson.loads(version["graph"]).get("schemes") or []
    return set(wanted) <= {scheme["name"] for scheme in schemes}


def cancel_child(tx: Transaction, parameters: Parameters) -> list[Row]:
    parent_id, node_id, number, actor = parameters
    child = _child_of(tx, parent_id, node_id, number)
    if child is None or child["status"] in ("succeeded", "cancelled"):
        return []
    address = pick(child, "instance_id", "partition")
    tx.insert("command", {**address, "kind": "cancel", "actor": actor})
    return [address]


def request_cancels(tx: Transaction, parameters: Parameters) -> list[Row]:
    for key in zip(*parameters, strict=True):
        row = tx.get("attempt", key)
        if row is None or row["closed_at"] is None or row["cancel_requested_at"] is not None:
            continue
        begun = (row["dispatched_step"], row["claimed_step"], row["state"])
        if any(one is not None for one in begun):
            tx.update("attempt", row, cancel_requested_at=tx.clock())
    return []


def notify_parent(tx: Transaction, parameters: Parameters) -> list[Row]:
    instance_id, node_id, payload, actor = parameters
    row = tx.get("instance", (instance_id,))
    if row is None:
        return []
    address = pick(row, "instance_id", "partition")
    tx.insert(
        "command",
        {
            **address,
            "kind": "child_ended",
            "node_id": node_id,
            "payload": payload,
            "actor": actor,
        },
    )
    return [address]


def mark_dispatched(tx: Transaction, parameters: Parameters) -> list[Row]:
    for *key, step in zip(*parameters, strict=True):
        row = tx.get("attempt", tuple(key))
        if row is not None and row["step"] == step and row["closed_at"] is None:
            tx.update("attempt", row, dispatched_step=step, dispatched_at=tx.clock())
    return []
