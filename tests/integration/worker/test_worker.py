"""The worker between a broker and a plugin gateway."""

import asyncio

from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from flowyard.contracts.topics import (
    DEAD_LETTER_SUFFIX,
    INSTANCE_EVENT_SCHEMA,
    SCHEMA_HEADER,
    TRACEPARENT_HEADER,
    node_ready,
)
from flowyard.telemetry.tracing import Tracing
from tests.integration.worker.standin import StandInGateway
from tests.integration.worker.yard import Yard, ready_step

SAMPLED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
UNSAMPLED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"


async def test_a_result_goes_to_its_instances_partition(yard: Yard) -> None:
    step = ready_step(partition=3, traceparent=UNSAMPLED)
    await yard.start()

    await yard.publish(step)

    result = await yard.result_of(step)
    assert result.outcome == "succeeded"
    assert result.outputs == {"plugin": "done"}
    [event] = yard.events
    assert event.partition == 3
    assert event.key == step.ref.instance_id.bytes
    assert dict(event.headers) == {
        SCHEMA_HEADER: INSTANCE_EVENT_SCHEMA.encode(),
        TRACEPARENT_HEADER: UNSAMPLED.encode(),
    }


async def test_a_partition_beyond_the_count_wraps_around(yard: Yard) -> None:
    step = ready_step(partition=5)
    await yard.start()

    await yard.publish(step)

    await yard.result_of(step)
    assert [event.partition for event in yard.events] == [1]


async def test_a_gateway_gets_the_step_as_it_was_published(yard: Yard) -> None:
    step = ready_step(traceparent=UNSAMPLED, state={"n": 1}, secret_outputs=["key"])
    await yard.start()

    await yard.publish(step)

    await yard.result_of(step)
    assert yard.gateway.steps == [step]


async def test_a_backlog_travels_in_one_request(yard: Yard) -> None:
    await yard.publish(*[ready_step() for _ in range(40)])

    await yard.start()

    await yard.results(40)
    assert [len(batch) for batch in yard.gateway.batches] == [40]


async def test_a_large_backlog_is_spread_over_the_gateways(yard: Yard) -> None:
    other = await yard.gateway_beside()
    await yard.publish(*[ready_step() for _ in range(40)])

    await yard.start(batch_steps=10, plugin_gateway_urls=(yard.gateway.url, other.url))

    await yard.results(40)
    assert len(yard.gateway.steps) == len(other.steps) == 20


async def test_a_slow_step_holds_back_no_other(yard: Yard) -> None:
    slow, quick, later = ready_step("slow"), ready_step(), ready_step()
    await yard.publish(slow, quick)
    await yard.start()

    assert await yard.result_of(quick)
    await yard.publish(later)

    assert await yard.result_of(later)
    assert len(yard.events) == 2
    yard.gateway.release.set()


async def test_no_offset_is_committed_before_the_oldest_step_is_reported(yard: Yard) -> None:
    slow, quick = ready_step("slow"), ready_step()
    await yard.publish(quick, slow, ready_step())
    await yard.start()
    await yard.results(2)
    await yard.until_committed(1)

    assert yard.committed() == 1
    yard.gateway.release.set()

    await yard.until_committed(3)


async def test_a_step_is_redelivered_when_its_worker_goes_before_its_end(yard: Yard) -> None:
    slow = ready_step("slow")
    await yard.publish(slow)
    async with yard.worker(drain_seconds=0.0):
        await yard.gateway.has_seen(1)
    assert await yard.uncommitted() == [slow]

    yard.gateway.release.set()
    await yard.start()

    assert (await yard.result_of(slow)).outcome == "succeeded"
    assert yard.gateway.steps == [slow, slow]


async def test_no_more_steps_run_than_there_are_slots(yard: Yard) -> None:
    steps = [ready_step("slow") for _ in range(10)]
    await yard.publish(*steps[:5])
    await yard.publish(*steps[5:], queue="night")

    worker = await yard.start(slots=3, queues=("default", "night"))
    await yard.gateway.runs(3)
    assert worker.metrics.value("flowyard_worker_steps_in_flight") == 3
    yard.gateway.release.set()

    await yard.results(10)
    assert yard.gateway.most_running == 3


async def test_a_joined_step_frees_its_slot_and_keeps_its_offset(yard: Yard) -> None:
    joined, other = ready_step("joined"), ready_step()
    await yard.publish(joined, other)
    await yard.start(slots=1)

    await yard.result_of(other)
    assert yard.committed() == 0
    yard.gateway.release.set()

    await yard.result_of(joined)
    await yard.until_committed(2)


async def test_a_second_delivery_rides_along_with_the_first(yard: Yard) -> None:
    slow = ready_step("slow")
    await yard.publish(slow, slow)
    await yard.start()
    await yard.publish(slow)
    await yard.publish(done := ready_step())
    await yard.result_of(done)

    yard.gateway.release.set()

    await yard.until_committed(4)
    assert yard.gateway.steps == [slow, done]
    assert len(await yard.results(2)) == 2


async def test_a_stale_step_is_finished_without_a_report(yard: Yard) -> None:
    await yard.publish(ready_step("stale"))
    await yard.start()
    await yard.until_committed(1)

    await yard.publish(step := ready_step())

    await yard.result_of(step)
    assert len(yard.events) == 1


async def test_a_plugin_unknown_to_one_gateway_is_run_by_another(yard: Yard) -> None:
    other = await yard.gateway_beside()
    yard.gateway.unknown.add("rare")
    steps = [ready_step("rare") for _ in range(4)]
    await yard.start(batch_steps=1, plugin_gateway_urls=(yard.gateway.url, other.url))

    await yard.publish(*steps)

    assert {result.outcome for result in await yard.results(4)} == {"succeeded"}
    assert len(other.steps) == 4


async def test_a_plugin_unknown_to_every_gateway_fails_the_step(yard: Yard) -> None:
    other = await yard.gateway_beside()
    yard.gateway.unknown.add("rare")
    other.unknown.add("rare")
    step = ready_step("rare")
    await yard.start(plugin_gateway_urls=(yard.gateway.url, other.url))

    await yard.publish(step)

    result = await yard.result_of(step)
    assert (result.outcome, result.code) == ("failed", "unknown_plugin")
    assert len(yard.gateway.steps) == len(other.steps) == 1


async def test_a_draining_gateway_gives_its_steps_to_another(yard: Yard) -> None:
    other = await yard.gateway_beside()
    yard.gateway.is_draining = True
    steps = [ready_step() for _ in range(4)]
    await yard.start(batch_steps=1, plugin_gateway_urls=(yard.gateway.url, other.url))

    await yard.publish(*steps)

    await yard.results(4)
    assert len(other.steps) == 4


async def test_the_only_gateway_is_asked_again_after_a_rest(yard: Yard) -> None:
    yard.gateway.is_draining = True
    step = ready_step()
    await yard.start()
    await yard.publish(step)
    await yard.gateway.has_seen(2)

    yard.gateway.is_draining = False

    assert (await yard.result_of(step)).outcome == "succeeded"


async def test_steps_wait_for_a_gateway_that_is_not_there_yet(yard: Yard) -> None:
    async with StandInGateway() as gone:
        port = gone.port
    step = ready_step()
    worker = await yard.start(plugin_gateway_urls=(f"http://127.0.0.1:{port}",))
    await yard.publish(step)
    assert not (await worker.readiness())["plugin_gateway"]

    async with StandInGateway(port=port):
        assert (await yard.result_of(step)).outcome == "succeeded"
        assert (await worker.readiness())["plugin_gateway"]


async def test_steps_of_a_gateway_that_dies_are_offered_again(yard: Yard) -> None:
    die, slow = ready_step("die"), ready_step("slow")
    await yard.publish(slow, die)
    await yard.start()
    await yard.gateway.has_seen(4)

    yard.gateway.release.set()

    await yard.results(2)
    assert yard.gateway.steps == [slow, die, slow, die]


async def test_a_garbage_line_costs_no_other_step_its_result(yard: Yard) -> None:
    garbage, done = ready_step("garbage"), ready_step()
    await yard.publish(garbage, done)

    await yard.start()

    assert (await yard.result_of(garbage)).outcome == "succeeded"
    assert yard.gateway.steps == [garbage, done, garbage]


async def test_a_step_about_which_the_gateway_stays_silent_fails_as_unknown(yard: Yard) -> None:
    step = ready_step("silent")
    await yard.start()

    await yard.publish(step)

    result = await yard.result_of(step)
    assert (result.outcome, result.code) == ("failed", "outcome_unknown")


async def test_a_step_that_a_gateway_cannot_read_fails_alone(yard: Yard) -> None:
    yard.gateway.refuses_to_read = "odd"
    odd, others = ready_step("odd"), [ready_step() for _ in range(6)]
    await yard.publish(*others[:3], odd, *others[3:])

    await yard.start()

    results = {result.ref: result for result in await yard.results(7)}
    assert results.pop(odd.ref).code == "step_refused"
    assert {result.outcome for result in results.values()} == {"succeeded"}


async def test_a_gateway_that_never_answers_is_given_up(yard: Yard) -> None:
    slow = ready_step("slow", timeout_seconds=0.01)
    await yard.publish(slow)
    await yard.start(answer_margin_seconds=0.01)
    await yard.gateway.has_seen(2)

    yard.gateway.release.set()

    assert (await yard.result_of(slow)).outcome == "succeeded"


async def test_what_runs_long_is_reported_as_running_again_and_again(yard: Yard) -> None:
    slow, joined = ready_step("slow"), ready_step("joined", partition=1)
    await yard.publish(slow, joined)
    await yard.start(running_after_seconds=0.0, running_every_seconds=0.02)

    running = await yard.results(6)
    yard.gateway.release.set()

    assert {result.outcome for result in running[:4]} == {"running"}
    assert {result.ref for result in running} == {slow.ref, joined.ref}
    assert all(result.started_at for result in running)
    assert (await yard.result_of(slow)).outcome == "succeeded"


async def test_a_quick_step_is_never_reported_as_running(yard: Yard) -> None:
    await yard.start()

    await yard.publish(*[ready_step() for _ in range(20)])

    assert {result.outcome for result in await yard.results(20)} == {"succeeded"}


async def test_a_record_that_does_not_decode_is_put_aside_and_finished(yard: Yard) -> None:
    await yard.publish_values(b"\xff{", b'{"ref": 1}')
    await yard.publish(step := ready_step())

    worker = await yard.start()

    await yard.result_of(step)
    await yard.until_committed(3)
    assert yard.broker.logs(node_ready("default") + DEAD_LETTER_SUFFIX)[0].end == 2
    assert worker.metrics.value("flowyard_worker_dead_letters_total", code="undecodable") == 2


async def test_a_record_of_a_newer_release_stops_its_partition_and_readiness(yard: Yard) -> None:
    before, after = ready_step(), ready_step()
    await yard.publish(before)
    await yard.publish_values(b"{}", schema="ready-step/2")
    await yard.publish(after)

    worker = await yard.start()
    await yard.result_of(before)
    await yard.until_committed(1)

    assert not (await worker.readiness())["record_version"]
    assert yard.gateway.steps == [before]
    assert yard.committed() == 1


async def test_a_worker_that_stops_finishes_what_is_open_first(yard: Yard) -> None:
    slow, late = ready_step("slow"), ready_step()
    await yard.publish(slow)
    worker = await yard.start()
    await yard.gateway.has_seen(1)

    leaving = asyncio.create_task(worker.__aexit__(None, None, None))
    await asyncio.sleep(0)
    yard.gateway.release.set()
    await leaving
    await yard.publish(late)

    assert (await yard.result_of(slow)).outcome == "succeeded"
    assert yard.committed() == 1
    assert yard.gateway.steps == [slow]


async def test_a_worker_is_ready_when_broker_and_gateway_are(yard: Yard) -> None:
    worker = await yard.start()
    await yard.publish(step := ready_step())
    await yard.result_of(step)

    assert await worker.readiness() == {
        "broker": True,
        "plugin_gateway": True,
        "record_version": True,
    }


async def test_two_workers_share_a_queue_and_lose_nothing(yard: Yard) -> None:
    await yard.start()
    await yard.publish(*[ready_step() for _ in range(50)])
    async with yard.worker():
        await yard.publish(*[ready_step() for _ in range(50)])
        await yard.results(100)

    await yard.publish(step := ready_step())

    await yard.result_of(step)


async def test_a_sampled_step_has_a_span_between_scheduler_and_gateway(yard: Yard) -> None:
    exporter = InMemorySpanExporter()
    step = ready_step("fail", traceparent=SAMPLED)
    await yard.start(tracing=Tracing("worker", exporter=exporter))

    await yard.publish(step)

    await yard.result_of(step)
    [span] = exporter.get_finished_spans()
    assert span.name == "step.execute"
    assert span.parent is not None
    assert f"{span.parent.span_id:016x}" == "b7ad6b7169203331"
    [posted] = yard.gateway.steps
    assert posted.traceparent is not None
    assert posted.traceparent.split("-")[2] == f"{span.context.span_id:016x}"
    assert posted == step.model_copy(update={"traceparent": posted.traceparent})
    assert span.attributes is not None
    assert span.attributes["error.type"] == "broken"
    assert dict(yard.events[0].headers)[TRACEPARENT_HEADER] == posted.traceparent.encode()
