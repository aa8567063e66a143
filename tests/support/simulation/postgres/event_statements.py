"""What each statement of ``events.sql`` does."""

import orjson

from tests.support.simulation.postgres.scheduler_statements import pick, rows_of
from tests.support.simulation.postgres.server import Parameters
from tests.support.simulation.postgres.tables import Row, Transaction

_EVENT = ("delivery_id", "webhook_id", "event", "instance_id", "data", "occurred_at")


def webhook_version(tx: Transaction, _: Parameters) -> list[Row]:
    return [pick(row, "version") for row in tx.scan("webhook_level")]


def enabled_webhooks(tx: Transaction, _: Parameters) -> list[Row]:
    told = ("webhook_id", "project_id", "events", "templates")
    return [pick(row, *told) for row in tx.scan("webhook") if row["is_enabled"]]


def record_events(tx: Transaction, parameters: Parameters) -> list[Row]:
    for event in rows_of(parameters, *_EVENT):
        hook = tx.get("webhook", (event["webhook_id"],))
        instance = tx.get("instance", (event["instance_id"],))
        if hook is None or instance is None or not hook["is_enabled"]:
            continue
        labels = orjson.loads(instance["labels"])
        if orjson.loads(hook["labels"]).items() <= labels.items():
            data = orjson.loads(event["data"])
            data["instance"]["labels"] = labels
            told = {"data": orjson.dumps(data).decode(), "traceparent": instance["traceparent"]}
            tx.insert("webhook_delivery", {**event, **told, "next_at": tx.clock()})
    return []
