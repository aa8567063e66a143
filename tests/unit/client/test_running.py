"""Waiting, against a server that answers what each test says."""

import time
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from flowyard.client import (
    Flowyard,
    NotFoundError,
    Retries,
    Run,
    RunCancelledError,
    RunFailedError,
    RunTimeoutError,
    UnreachableError,
)
from flowyard.client.models import InstanceView
from tests.support.both_clients import QUICK, Ask, ask
from tests.support.scripted_server import Asked, Reply, ScriptedServer, scripted_server
from tests.unit.client.views import INSTANCE_ID, created, instance, node

__all__ = ["ask"]


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        yield running


def events(*told: tuple[str, dict[str, Any]]) -> Reply:
    """Return a stream that tells so much and is closed."""
    text = "".join(
        f"event: {kind}\nid: {data.get('revision', 0)}\ndata: {orjson.dumps(data).decode()}\n\n"
        for kind, data in told
    )
    return Reply(body=text.encode(), headers={"Content-Type": "text/event-stream"})


def run(flowyard: Any, **options: Any) -> Any:
    return flowyard.run_and_wait("shop", "release", **options)


def paths(server: ScriptedServer) -> list[str]:
    return [f"{one.method} {one.path.removeprefix('/api/v1')}" for one in server.asked]


FAILURE = {"code": "exit_status", "message": "It ended with 1"}


def test_what_ends_while_its_start_is_held_costs_two_requests(
    server: ScriptedServer, ask: Ask
) -> None:
    server.say(
        Reply(status=201, body=created("succeeded")),
        Reply(body=instance(4, "succeeded", outputs={"version": "1.2"})),
    )

    done = ask(server.address, lambda flowyard: run(flowyard, inputs={"version": "1.2"}))

    assert (done.status, done.outputs, done.is_succeeded) == ("succeeded", {"version": "1.2"}, True)
    assert server.asked[0].headers["prefer"] == "wait=20"
    assert server.asked[0].json() == {"template": "release", "inputs": {"version": "1.2"}}
    assert paths(server) == ["POST /projects/shop/instances", f"GET /instances/{INSTANCE_ID}"]


def test_what_goes_on_is_followed_to_its_end(server: ScriptedServer, ask: Ask) -> None:
    end = {"revision": 3, "status": "succeeded", "nodes": []}
    server.say(
        Reply(status=201, body=created("running")),
        events(("snapshot", instance(2, "running")), ("change", end), ("end", end)),
        Reply(body=instance(3, "succeeded")),
    )

    assert ask(server.address, run).status == "succeeded"
    assert paths(server)[1] == f"GET /instances/{INSTANCE_ID}/events?items_below=0"


def test_a_stream_that_breaks_off_is_taken_up_where_it_was(
    server: ScriptedServer, ask: Ask
) -> None:
    end = {"revision": 3, "status": "succeeded", "nodes": [node("a", status="succeeded")]}
    snapshot = ("snapshot", instance(2, "running", [node("a")]))
    server.say(
        Reply(is_lost=True),
        Reply(status=503),
        Reply(body=events(snapshot).body, breaks_off=True),
        events(("change", end), ("end", end)),
    )

    seen = ask(server.address, lambda flowyard: flowyard.follow(INSTANCE_ID))

    assert [(view.revision, view.nodes[0].status) for view in seen] == [
        (2, "pending"),
        (3, "succeeded"),
    ]
    assert [one.headers.get("last-event-id") for one in server.asked] == [None, None, None, "2"]


def test_where_there_is_no_room_for_a_stream_the_instance_is_read(
    server: ScriptedServer, ask: Ask
) -> None:
    refusal = Reply(status=429, body={"code": "too_many_streams"}, headers={"Retry-After": "0"})
    server.say(
        refusal,
        Reply(body=instance(2, "running")),
        refusal,
        Reply(body=instance(5, "succeeded")),
    )
    quick = Retries(first_pause_seconds=0.01)

    seen = ask(server.address, lambda flowyard: flowyard.follow(INSTANCE_ID), retries=quick)

    assert [view.revision for view in seen] == [2, 5]


def test_who_looks_on_is_told_every_change(server: ScriptedServer, ask: Ask) -> None:
    end = {"revision": 3, "status": "succeeded", "nodes": []}
    server.say(
        Reply(status=201, body=created("created")),
        events(("snapshot", instance(2, "running")), ("change", end), ("end", end)),
        Reply(body=instance(3, "succeeded")),
    )
    told: list[str] = []

    def look(view: InstanceView) -> None:
        told.append(view.status)

    ask(server.address, lambda flowyard: run(flowyard, on_change=look))

    assert told == ["running", "succeeded"]
    assert "prefer" not in server.asked[0].headers


def test_a_failure_names_the_innermost_node_and_its_error(server: ScriptedServer, ask: Ask) -> None:
    failed = instance(
        3,
        "failed",
        [
            node("prepare", status="succeeded"),
            node("deploy", status="failed", failure={"code": "inner", "message": "It failed"}),
            node("deploy.build", status="failed", failure=FAILURE),
        ],
    )
    server.say(Reply(status=201, body=created("failed")), Reply(body=failed))

    with pytest.raises(RunFailedError) as caught:
        ask(server.address, run)

    error = caught.value
    assert error.node is not None
    assert error.node.node_id == "deploy.build"
    assert error.failure is not None
    assert error.failure.code == "exit_status"
    assert error.run.status == "failed"
    assert "node deploy.build has failed: It ended with 1 (exit_status)" in str(error)


def test_an_instance_that_is_broken_itself_has_no_failed_node(
    server: ScriptedServer, ask: Ask
) -> None:
    broken = instance(3, "failed", failure={"code": "too_large", "message": "It is too large"})
    server.say(Reply(status=201, body=created("failed")), Reply(body=broken))

    with pytest.raises(RunFailedError, match="it has failed: It is too large") as caught:
        ask(server.address, run)

    assert caught.value.node is None


def test_a_cancelled_instance_is_an_error_of_its_own(server: ScriptedServer, ask: Ask) -> None:
    server.say(Reply(status=201, body=created("cancelled")), Reply(body=instance(3, "cancelled")))

    with pytest.raises(RunCancelledError, match="was cancelled"):
        ask(server.address, run)


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_unchecked_a_run_is_returned_whatever_it_has_come_to(
    server: ScriptedServer, ask: Ask, status: str
) -> None:
    server.say(Reply(status=201, body=created(status)), Reply(body=instance(3, status)))

    done: Run = ask(server.address, lambda flowyard: run(flowyard, check=False))

    assert (done.status, done.is_succeeded, done.outputs) == (status, False, {})


def test_when_the_time_is_over_the_instance_is_named(server: ScriptedServer, ask: Ask) -> None:
    def silent(_: Asked) -> Reply:
        # Longer than is waited for: the connection stays open and says nothing.
        time.sleep(1.5)
        return Reply(is_lost=True)

    server.say(
        Reply(status=201, body=created("running")),
        Reply(body=events(("snapshot", instance(2, "running"))).body, breaks_off=True),
        silent,
    )
    began = time.monotonic()

    with pytest.raises(
        RunTimeoutError, match=r"within 0\.6 s, but it has not: it is running"
    ) as it:
        ask(server.address, lambda flowyard: run(flowyard, timeout=0.6))

    assert 0.5 < time.monotonic() - began < 1.5
    assert str(it.value.instance_id) == INSTANCE_ID
    assert isinstance(it.value, TimeoutError)


def test_a_server_that_stays_away_is_given_up(server: ScriptedServer, ask: Ask) -> None:
    server.say(*[Reply(is_lost=True)] * 50)
    impatient = Retries(
        patience_seconds=0.2, waiting_patience_seconds=0.2, first_pause_seconds=0.05
    )

    with pytest.raises(UnreachableError):
        ask(server.address, lambda flowyard: flowyard.wait(INSTANCE_ID), retries=impatient)


def test_an_instance_that_is_not_there_is_told_at_once(server: ScriptedServer, ask: Ask) -> None:
    server.say(Reply(status=404, body={"code": "not_found"}))

    with pytest.raises(NotFoundError):
        ask(server.address, lambda flowyard: flowyard.wait(INSTANCE_ID))


def test_an_interrupt_before_the_answer_cancels_what_its_key_leads_to(
    server: ScriptedServer, ask: Ask
) -> None:
    server.say(
        Reply(status=201, body=created("running")),
        events(("snapshot", instance(2, "running"))),
        Reply(status=201, body=created("running")),
        Reply(status=202, body={"command_id": 7}),
    )

    def interrupt(_: InstanceView) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask(
            server.address,
            lambda flowyard: run(flowyard, cancel_on_interrupt=True, on_change=interrupt),
        )

    first, _, second, cancelled = server.asked
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert cancelled.path == f"/api/v1/instances/{INSTANCE_ID}/actions/cancel"


def test_without_being_asked_an_interrupt_cancels_nothing(server: ScriptedServer, ask: Ask) -> None:
    server.say(
        Reply(status=201, body=created("running")),
        events(("snapshot", instance(2, "running"))),
    )

    def interrupt(_: InstanceView) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask(server.address, lambda flowyard: run(flowyard, on_change=interrupt))

    assert len(server.asked) == 2


def test_a_projects_changes_begin_anew_with_each_connection(server: ScriptedServer) -> None:
    change = ("changed", {"instance_ids": [INSTANCE_ID], "complete": True})
    server.say(events(change), Reply(is_lost=True), events(change))

    with Flowyard(server.address, "a-token", retries=QUICK) as flowyard:
        told = flowyard.follow_project("shop")
        kinds = [next(told).event for _ in range(4)]

    assert kinds == ["open", "changed", "open", "changed"]
