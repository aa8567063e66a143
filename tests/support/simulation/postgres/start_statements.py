"""What each statement of ``starts.sql`` does."""

from itertools import islice
from typing import Any

from tests.support.simulation.postgres.scheduler_statements import pick
from tests.support.simulation.postgres.server import Parameters
from tests.support.simulation.postgres.tables import Row, Transaction


def unstarted(tx: Transaction, parameters: Parameters) -> list[Row]:
    wanted = set(parameters[0])
    asked: dict[Any, list[Row]] = {}
    for row in tx.scan("command"):
        if row["outcome"] is None and row["instance_id"] in wanted:
            asked.setdefault(row["instance_id"], []).append(row)
    found = []
    for instance_id, commands in asked.items():
        instance = tx.get("instance", (instance_id,))
        if instance is None or instance["status"] != "created":
            continue
        if instance["parent_instance_id"] is not None:
            continue
        project = tx.get("project", (instance["project_id"],))
        if project is None or any(command["kind"] != "start" for command in commands):
            continue
        answer = pick(instance, "instance_id", "partition", "priority", "template_id", "version")
        answer["project"] = project["name"]
        answer["asked_at"] = min(command["created_at"] for command in commands)
        found.append((min(command["command_id"] for command in commands), answer))
    return [answer for _, answer in sorted(found, key=lambda item: item[0])]


def open_starts(tx: Transaction, parameters: Parameters) -> list[Row]:
    owned, count, age, limit = parameters
    before = tx.clock() - age
    found = [
        row
        for row in tx.scan("command")
        if row["outcome"] is None
        and row["kind"] == "start"
        and row["partition"] % count in owned
        and row["created_at"] <= before
    ]
    found.sort(key=lambda row: row["command_id"])
    return [pick(row, "instance_id") for row in found[:limit]]


def count_open_starts(tx: Transaction, parameters: Parameters) -> list[Row]:
    waiting = (
        row for row in tx.scan("command") if row["outcome"] is None and row["kind"] == "start"
    )
    return [{"count": len(list(islice(waiting, parameters[0])))}]
