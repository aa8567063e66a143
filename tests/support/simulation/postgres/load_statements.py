"""What each statement of ``loads.sql`` does."""

from tests.support.simulation.postgres.server import Parameters
from tests.support.simulation.postgres.tables import Row, Transaction

_LOAD = "scheduler_load"


def report_load(tx: Transaction, parameters: Parameters) -> list[Row]:
    scheduler_id, load = parameters
    row = tx.get(_LOAD, (scheduler_id,))
    if row is None:
        tx.insert(_LOAD, {"scheduler_id": scheduler_id, "load": load})
    else:
        tx.update(_LOAD, row, load=load, reported_at=tx.clock())
    return []


def read_loads(tx: Transaction, parameters: Parameters) -> list[Row]:
    now = tx.clock()
    return [
        {"load": row["load"], "age_seconds": (now - row["reported_at"]).total_seconds()}
        for row in sorted(tx.scan(_LOAD), key=lambda row: row["scheduler_id"].bytes)
        if row["reported_at"] > now - parameters[0]
    ]


def forget_loads(tx: Transaction, parameters: Parameters) -> list[Row]:
    scheduler_id, age = parameters
    before = tx.clock() - age
    for row in list(tx.scan(_LOAD)):
        if row["scheduler_id"] == scheduler_id or row["reported_at"] < before:
            tx.delete(_LOAD, row)
    return []
