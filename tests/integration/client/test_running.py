"""Both clients run flows on a real Flowyard."""

import asyncio
import threading
import uuid
from datetime import timedelta
from queue import Queue

import pytest
from opentelemetry.sdk.trace import TracerProvider

from flowyard.client import (
    AsyncFlowyard,
    ConflictError,
    Flowyard,
    InvalidError,
    Retries,
    Run,
    RunCancelledError,
    RunFailedError,
    RunTimeoutError,
)
from flowyard.client.models import InstanceView
from tests.integration.client.flows import PROJECT, flowyard, publish
from tests.support.both_clients import Ask, ask, awaiting, blocking
from tests.support.dev_server import DevServer, dev_server, temporary_server
from tests.support.ports import free_port

__all__ = ["ask", "dev_server", "flowyard"]

PATIENCE = 60.0


def test_a_run_that_succeeds_returns_its_outputs(
    flowyard: Flowyard, dev_server: DevServer, ask: Ask
) -> None:
    run: Run = ask(
        dev_server.address,
        lambda client: client.run_and_wait(
            PROJECT, "greet", inputs={"name": "Ada"}, labels={"by": "test"}, timeout=PATIENCE
        ),
        token=dev_server.token,
    )

    assert run.status == "succeeded"
    assert run.outputs == {"greeting": "Hello, Ada!", "letters": 3}
    assert run.duration is not None
    assert timedelta(0) < run.duration < timedelta(minutes=1)
    assert flowyard.instances.get(run.instance_id).labels == {"by": "test"}


def test_a_run_that_fails_names_the_node_and_its_error(
    flowyard: Flowyard, dev_server: DevServer, ask: Ask
) -> None:
    with pytest.raises(RunFailedError) as caught:
        ask(
            dev_server.address,
            lambda client: client.run_and_wait(PROJECT, "break", timeout=PATIENCE),
            token=dev_server.token,
        )

    error = caught.value
    assert error.node is not None
    assert error.node.node_id == "boom"
    assert error.failure is not None
    assert (error.failure.code, error.failure.message) == ("broken", "It broke")
    assert flowyard.instances.get(error.run.instance_id).status == "failed"


def test_unchecked_a_failed_run_is_returned(flowyard: Flowyard) -> None:
    run = flowyard.run_and_wait(PROJECT, "break", check=False, timeout=PATIENCE)

    assert (run.status, run.outputs, [one.node_id for one in run.failed_nodes]) == (
        "failed",
        {},
        ["boom"],
    )


def test_what_takes_too_long_goes_on_and_can_be_waited_for_again(
    flowyard: Flowyard, dev_server: DevServer, ask: Ask
) -> None:
    with pytest.raises(RunTimeoutError) as caught:
        ask(
            dev_server.address,
            lambda client: client.run_and_wait(PROJECT, "ask", timeout=1.5),
            token=dev_server.token,
        )
    flowyard.nodes.approve(caught.value.instance_id, "ask", comment="Go on", wait=10)

    run = ask(
        dev_server.address,
        lambda client: client.wait(caught.value.instance_id, timeout=PATIENCE),
        token=dev_server.token,
    )

    assert run.is_succeeded


def test_an_approval_while_one_waits_lets_the_run_go_on(
    flowyard: Flowyard, dev_server: DevServer, ask: Ask
) -> None:
    seen: list[str | None] = []

    def approve(view: InstanceView) -> None:
        (node,) = (one for one in view.nodes if one.node_id == "ask")
        seen.append(node.reason)
        if node.reason == "approval" and seen.count("approval") == 1:
            flowyard.nodes.approve(view.instance_id, "ask")

    run = ask(
        dev_server.address,
        lambda client: client.run_and_wait(PROJECT, "ask", on_change=approve, timeout=PATIENCE),
        token=dev_server.token,
    )

    assert run.is_succeeded
    assert "approval" in seen


def test_a_run_that_somebody_cancels_is_an_error(flowyard: Flowyard) -> None:
    cancelled: list[uuid.UUID] = []

    def cancel(view: InstanceView) -> None:
        # Told again while it still runs: a second one would meet what the first has ended.
        if view.status == "running" and not cancelled:
            cancelled.append(view.instance_id)
            flowyard.instances.cancel(view.instance_id)

    with pytest.raises(RunCancelledError):
        flowyard.run_and_wait(PROJECT, "ask", on_change=cancel, timeout=PATIENCE)


def test_the_same_key_leads_to_the_same_run(flowyard: Flowyard) -> None:
    def run() -> Run:
        return flowyard.run_and_wait(
            PROJECT, "greet", inputs={"name": "Eve"}, idempotency_key="nightly", timeout=PATIENCE
        )

    assert run().instance_id == run().instance_id


def test_what_cannot_be_started_is_told_with_its_place(flowyard: Flowyard) -> None:
    with pytest.raises(InvalidError) as unknown:
        flowyard.run_and_wait(PROJECT, "nobody")
    with pytest.raises(InvalidError) as missing:
        flowyard.run_and_wait(PROJECT, "greet", inputs={})

    assert unknown.value.code == "unknown_template"
    assert missing.value.code == "invalid_inputs"
    assert missing.value.faults[0].loc == ("body", "inputs", "name")


def test_a_cancelled_task_cancels_its_run_where_that_is_wanted(
    flowyard: Flowyard, dev_server: DevServer
) -> None:
    seen: Queue[InstanceView] = Queue()

    async def start_and_leave() -> None:
        async with AsyncFlowyard(dev_server.address, dev_server.token) as client:
            running = asyncio.Event()

            def look(view: InstanceView) -> None:
                if view.status == "running":
                    seen.put(view)
                    running.set()

            task = asyncio.create_task(
                client.run_and_wait(PROJECT, "ask", on_change=look, cancel_on_interrupt=True)
            )
            await running.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(start_and_leave())

    run = flowyard.wait(seen.get().instance_id, check=False, timeout=PATIENCE)
    assert run.status == "cancelled"


def test_the_trace_of_a_run_is_its_callers(flowyard: Flowyard) -> None:
    tracer = TracerProvider().get_tracer("caller")

    with tracer.start_as_current_span("release") as span:
        run = flowyard.run_and_wait(PROJECT, "greet", inputs={"name": "Ada"}, timeout=PATIENCE)

    assert run.instance.trace_id == f"{span.get_span_context().trace_id:032x}"


def test_an_instance_is_followed_until_it_is_final(
    flowyard: Flowyard, dev_server: DevServer, ask: Ask
) -> None:
    created = flowyard.instances.create(PROJECT, template="rest", inputs={"seconds": 1})

    seen = ask(
        dev_server.address,
        lambda client: client.follow(created.instance_id),
        token=dev_server.token,
    )

    revisions = [view.revision for view in seen]
    assert seen[-1].status == "succeeded"
    assert revisions == sorted(set(revisions))
    assert {node.node_id for node in seen[-1].nodes} == {"start", "rest", "after", "end"}


def test_a_projects_changes_are_told(flowyard: Flowyard) -> None:
    told = flowyard.follow_project(PROJECT)
    assert next(told).event == "open"

    created = flowyard.instances.create(PROJECT, template="greet", inputs={"name": "Ada"})

    for event in told:
        if event.event == "changed" and str(created.instance_id) in event.data["instance_ids"]:
            return
    pytest.fail("The stream has ended")


def test_what_is_done_already_is_a_conflict(flowyard: Flowyard) -> None:
    run = flowyard.run_and_wait(PROJECT, "greet", inputs={"name": "Ada"}, timeout=PATIENCE)

    with pytest.raises(ConflictError) as caught:
        flowyard.instances.pause(run.instance_id)

    assert caught.value.code == "forbidden_operation"
    assert caught.value.facts["present_status"] == "succeeded"


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("way", "is_killed"), [(blocking, True), (awaiting, False)], ids=["killed", "stopped"]
)
def test_a_run_outlasts_a_restart_of_the_server(way: Ask, *, is_killed: bool) -> None:
    with temporary_server(port=free_port()) as server:
        with Flowyard(server.address, server.token) as client:
            publish(client)
        seen: list[str] = []
        restarted = threading.Event()

        def restart(view: InstanceView) -> None:
            seen.append(view.status)
            rest = next(one for one in view.nodes if one.node_id == "rest")
            if rest.reason == "timer" and not restarted.is_set():
                restarted.set()
                if is_killed:
                    server.kill()
                else:
                    server.stop()
                server.start()

        run = way(
            server.address,
            lambda client: client.run_and_wait(
                PROJECT, "rest", inputs={"seconds": 2}, on_change=restart, timeout=4 * PATIENCE
            ),
            token=server.token,
            retries=Retries(),
        )

        assert run.is_succeeded
        assert restarted.is_set()


@pytest.mark.timeout(300)
def test_a_start_that_is_held_outlasts_a_restart_of_the_server() -> None:
    with temporary_server(port=free_port()) as server:
        token = server.token
        with Flowyard(server.address, token) as client:
            publish(client)
            done: Queue[Run | BaseException] = Queue()

            def wait() -> None:
                try:
                    with Flowyard(server.address, token) as waiting:
                        done.put(
                            waiting.run_and_wait(
                                PROJECT, "rest", inputs={"seconds": 3}, timeout=4 * PATIENCE
                            )
                        )
                except BaseException as error:  # noqa: BLE001  # the test looks at it
                    done.put(error)

            thread = threading.Thread(target=wait)
            with client.projects.stream_events(PROJECT) as events:
                thread.start()
                next(event for event in events if event.event == "changed")
            server.kill()
            server.start()

            run = done.get(timeout=4 * PATIENCE)
            thread.join()

            assert isinstance(run, Run), run
            assert run.is_succeeded
            assert len(client.instances.list(PROJECT).all()) == 1
