"""What ``census.sql`` says, over tables in memory."""

from collections import Counter

from tests.support.simulation.postgres.server import Parameters
from tests.support.simulation.postgres.tables import Row, Transaction


def count_waiting(tx: Transaction, parameters: Parameters) -> list[Row]:
    owned, count = parameters
    found = Counter(
        row["reason"]
        for row in tx.scan("node")
        if row["reason"] is not None and row["partition"] % count in owned
    )
    return [{"reason": reason, "nodes": nodes} for reason, nodes in sorted(found.items())]


def count_live(tx: Transaction, parameters: Parameters) -> list[Row]:
    owned, count = parameters
    found = Counter(
        row["status"]
        for row in tx.scan("instance")
        if row["status"] not in ("succeeded", "cancelled") and row["partition"] % count in owned
    )
    return [{"status": status, "instances": one} for status, one in sorted(found.items())]
