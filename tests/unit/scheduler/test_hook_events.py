"""What webhooks are told of decisions of the real engine."""

import uuid
from collections.abc import Iterable

import pytest
from typing_extensions import override

from flowyard.contracts.webhooks import WebhookEvent
from flowyard.engine.advance import advance
from flowyard.engine.effects import Decision
from flowyard.engine.events import (
    CancelInstance,
    DecideApproval,
    Event,
    PauseInstance,
    ResumeInstance,
    RetryNode,
    SkipNode,
)
from flowyard.engine.graph import Graph
from flowyard.engine.snapshot import NO_PLAN, Plan, WaitReason
from flowyard.engine.work import RetryPolicy
from flowyard.storage.webhook_events import HookEvent, Subscription
from flowyard.testing.driving import Driver
from flowyard.testing.graphs import activity, chain, graph, optioned
from flowyard_scheduler.hook_events import hook_events


def subscription(events: Iterable[str] = WebhookEvent, *templates: str) -> Subscription:
    return Subscription(
        webhook_id=uuid.uuid4(),  # noqa: TID251 - nobody orders by it
        events=frozenset(events),
        templates=frozenset(templates),
    )


class Told(Driver):
    """Keeps what webhooks are told of every decision."""

    def __init__(self, of: Graph, *hooks: Subscription, plan: Plan = NO_PLAN) -> None:
        super().__init__(of, plan=plan)
        self.hooks = hooks or (subscription(),)
        self.told: list[HookEvent] = []

    @override
    def send(self, event: Event) -> Decision:
        """Offer an event, and keep what follows before it is applied."""
        decision = advance(self.snapshot, event)
        self.told += hook_events(
            self.snapshot, decision.changes, self.at, hooks=self.hooks, sequence=0
        )
        return super().send(event)

    def names(self, node_id: str | None = None) -> list[str]:
        """Return the events so far, those of one node or of the instance, and forget them."""
        told, self.told = self.told, []
        return [one.event for one in told if _node_of(one) == node_id]


def _node_of(one: HookEvent) -> str | None:
    node = one.data.get("node")
    return str(node["node_id"]) if isinstance(node, dict) else None


def test_a_run_is_told_from_its_start_to_its_end() -> None:
    run = Told(chain(1))

    run.start()
    run.succeed("a1")

    assert [(one.event, _node_of(one)) for one in run.told] == [
        ("instance.started", None),
        ("node.started", "a1"),
        ("node.succeeded", "a1"),
        ("instance.succeeded", None),
    ]


def test_gateways_start_and_end_are_no_work_to_tell_of() -> None:
    run = Told(graph("start end"))

    run.start()

    assert run.names() == ["instance.started", "instance.succeeded"]
    assert run.names("start") == []


def test_a_pause_is_told_and_its_end() -> None:
    run = Told(chain(2))
    run.start()
    run.told.clear()

    run.send(PauseInstance(at=run.tick()))
    run.send(ResumeInstance(at=run.tick()))

    assert run.names() == ["instance.paused", "instance.resumed"]


@pytest.mark.parametrize("operation", [RetryNode, SkipNode])
def test_a_failure_is_told_and_that_somebody_has_mended_it(
    operation: type[RetryNode] | type[SkipNode],
) -> None:
    run = Told(chain(2))
    run.start()
    run.told.clear()

    run.fail("a1")
    failed = list(run.told)
    run.send(operation(node_id="a1", at=run.tick()))

    assert [one.event for one in failed] == ["node.failed", "instance.failed"]
    assert run.names() == ["instance.failed", "instance.recovered"]


def test_each_attempt_is_told_and_the_pause_before_the_next() -> None:
    flaky = optioned(activity("a1"), retry=RetryPolicy(times=1, interval_seconds=5))
    run = Told(graph("start a1 end", flaky))
    run.start()

    run.fail("a1")
    run.come_due("a1")
    run.fail("a1")

    told = [one for one in run.told if _node_of(one) == "a1"]
    assert [one.event for one in told] == [
        "node.started",
        "node.retrying",
        "node.started",
        "node.failed",
    ]
    assert [one.data["node"]["attempt"] for one in told] == [1, 1, 2, 2]  # type: ignore[index,call-overload]
    assert told[1].data["node"]["retry_at"] is not None  # type: ignore[index,call-overload]
    assert told[3].data["node"]["failure"] == {"code": "broken", "message": "It broke"}  # type: ignore[index,call-overload]


@pytest.mark.parametrize(
    ("reason", "event"),
    [
        (WaitReason.APPROVAL, ["node.waiting_for_approval"]),
        (WaitReason.CALLBACK, ["node.waiting_for_callback"]),
        (WaitReason.TIMER, []),
    ],
)
def test_waits_for_others_are_told_and_timers_are_not(reason: WaitReason, event: list[str]) -> None:
    run = Told(chain(1))
    run.start()
    run.told.clear()

    run.wait("a1", reason)

    assert run.names("a1") == event


def test_a_second_question_of_the_same_attempt_is_told_again() -> None:
    run = Told(chain(1))
    run.start()
    run.wait("a1", WaitReason.APPROVAL, None)
    run.send(DecideApproval(node_id="a1", at=run.tick(), approved=True, comment="", actor="ann"))
    run.told.clear()

    run.wait("a1", WaitReason.APPROVAL, None)

    assert run.names("a1") == ["node.waiting_for_approval"]


def test_a_cancelled_instance_tells_of_itself_and_of_what_it_has_ended() -> None:
    run = Told(chain(2))
    run.start()
    run.told.clear()

    run.send(CancelInstance(at=run.tick()))

    assert sorted(one.event for one in run.told) == ["instance.cancelled", "node.cancelled"]


def test_an_instance_that_never_began_is_only_cancelled() -> None:
    run = Told(chain(2))

    run.send(CancelInstance(at=run.tick()))

    assert run.names() == ["instance.cancelled"]


def test_a_rollback_is_told() -> None:
    run = Told(chain(2))
    run.start()
    run.succeed("a1")
    run.told.clear()

    run.send(CancelInstance(at=run.tick(), is_rollback=True))

    assert "instance.rollback_started" in run.names()


def test_what_is_only_tried_out_is_told_to_nobody() -> None:
    run = Told(chain(2), plan=Plan(is_mocked=True))

    run.start()

    assert run.told == []


def test_a_webhook_is_told_what_it_asks_for_and_no_more() -> None:
    failures = subscription(["node.failed"])
    others = subscription(WebhookEvent, "another")
    run = Told(chain(1), failures, others)

    run.start()
    run.fail("a1")

    assert [(one.event, one.webhook_ids) for one in run.told] == [
        ("node.failed", (failures.webhook_id,))
    ]


def test_an_event_says_where_it_stands() -> None:
    run = Told(chain(1))
    run.snapshot.revision = 4

    run.start()

    assert [(one.data["revision"], one.data["sequence"]) for one in run.told] == [(5, 0), (5, 1)]
    instance = run.told[0].data["instance"]
    assert isinstance(instance, dict)
    assert (instance["status"], instance["name"]) == ("running", "test")
