"""When live views hear of an instance, and how often."""

import uuid

import orjson
import pytest
from msgspec import structs

from flowyard.contracts.records import InstanceChange
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.snapshot import NodeState
from flowyard.storage.advance_store import HeldInstance, InstanceWrite
from flowyard.testing.driving import snapshot_of
from flowyard.testing.graphs import graph
from flowyard_scheduler.decide import Outcome
from flowyard_scheduler.news import PAUSE_SECONDS, News

FLOW = graph("start a b end")


def instance(number: int) -> HeldInstance:
    snapshot = snapshot_of(FLOW)
    snapshot.status = InstanceStatus.RUNNING
    snapshot.facts = structs.replace(snapshot.facts, instance_id=uuid.UUID(int=number))
    return HeldInstance(
        snapshot=snapshot, project_id=uuid.UUID(int=1), partition=0, traceparent=None
    )


def stored(held: HeldInstance, node_id: str) -> Outcome:
    held.snapshot.revision += 1
    node = NodeState(node_id=node_id, status=NodeStatus.SUCCEEDED)
    return Outcome(write=InstanceWrite(held=held, nodes={node_id: node}))


def told(news: News, now: float) -> list[tuple[int, int, list[str]]]:
    changes = [
        InstanceChange.model_validate(orjson.loads(record.value)) for record in news.take(now, 1)
    ]
    return [(one.instance_id.int, one.revision, one.node_ids) for one in changes]


def test_the_first_change_after_a_quiet_moment_is_told_at_once() -> None:
    news = News()
    news.add([stored(instance(1), "a")])

    assert news.wait_seconds(10.0) == 0
    assert told(news, 10.0) == [(1, 1, ["a"])]
    assert news.wait_seconds(10.0) is None


def test_what_follows_within_the_pause_is_told_together() -> None:
    news, held, other = News(), instance(1), instance(2)
    news.add([stored(held, "a")])
    told(news, 10.0)

    news.add([stored(held, "b")])
    news.add([stored(held, "c"), stored(other, "a")])

    assert told(news, 10.01) == []
    assert news.wait_seconds(10.02) == pytest.approx(PAUSE_SECONDS - 0.02)
    assert told(news, 10.0 + PAUSE_SECONDS) == [(1, 3, ["b", "c"]), (2, 1, ["a"])]


def test_an_instance_that_stops_or_ends_is_told_at_once() -> None:
    news, held = News(), instance(1)
    news.add([stored(held, "a")])
    told(news, 10.0)

    news.add([stored(held, "b")])
    held.snapshot.status = InstanceStatus.SUCCEEDED
    news.add([stored(held, "c")])

    assert news.wait_seconds(10.01) == 0
    assert told(news, 10.01) == [(1, 3, ["b", "c"])]
