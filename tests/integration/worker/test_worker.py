"""The worker between a broker and a plugin gateway."""

import asyncio

import httpx
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from flowyard.contracts.topics import (
    DEAD_LETTER_SUFFIX,
    INSTANCE_EVENT_SCHEMA,
    SCHEMA_HEADER,
    TRACEPARENT_HEADER,
    node_ready,
)
from flowyard.telemetry.tracing import Tracing
from flowyard_worker.main import WorkerService
from flowyard_worker.settings import Settings
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


async def test_what_runs_long_is_reported_as_running_again_and_again(yard: Yard) -> None:
    slow, joined = ready_step("slow"), ready_step("joined", partition=1)
    await yard.publish(slow, joined)
    worker = await yard.start(running_after_seconds=0.0, running_every_seconds=0.02)

    running = await yard.results(6)
    yard.gateway.release.set()

    assert {result.outcome for result in running[:4]} == {"running"}
    assert {result.ref for result in running} == {slow.ref, joined.ref}
    assert all(result.started_at for result in running)
    assert (await yard.result_of(slow)).outcome == "succeeded"
    assert worker.metrics.value("flowyard_worker_running_reports_total") >= 4


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


async def test_a_result_is_written_in_the_version_in_which_its_step_came(yard: Yard) -> None:
    step = ready_step()
    await yard.start()

    await yard.publish_values(step.model_dump_json().encode(), schema="ready-step/0")

    await yard.result_of(step)
    assert [dict(event.headers)[SCHEMA_HEADER] for event in yard.events] == [b"instance-event/0"]


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


async def test_a_worker_that_stops_gives_its_queue_away_before_its_long_steps_end(
    yard: Yard,
) -> None:
    slow, behind = ready_step("slow"), ready_step()
    await yard.publish(slow)
    worker = await yard.start(leave_seconds=0.01, drain_seconds=20)
    await yard.gateway.has_seen(1)

    leaving = asyncio.create_task(worker.__aexit__(None, None, None))
    await yard.publish(behind)
    async with yard.worker():
        assert (await yard.result_of(behind)).outcome == "succeeded"
        assert not leaving.done()
        yard.gateway.release.set()
        assert (await yard.result_of(slow)).outcome == "succeeded"
    await leaving


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
    [span] = [one for one in exporter.get_finished_spans() if one.name == "step.execute"]
    assert span.parent is not None
    assert f"{span.parent.span_id:016x}" == "b7ad6b7169203331"
    [posted] = yard.gateway.steps
    assert posted.traceparent is not None
    assert posted.traceparent.split("-")[2] == f"{span.context.span_id:016x}"
    assert posted == step.model_copy(update={"traceparent": posted.traceparent})
    assert span.attributes is not None
    assert span.attributes["error.type"] == "broken"
    assert dict(yard.events[0].headers)[TRACEPARENT_HEADER] == posted.traceparent.encode()


async def test_a_worker_without_its_broker_answers_and_says_that_it_is_not_ready(
    yard: Yard,
) -> None:
    settings = Settings(
        port=0, kafka_servers="127.0.0.1:1", plugin_gateway_urls=(yard.gateway.url,)
    )

    async with WorkerService(settings) as worker, httpx.AsyncClient() as client:
        assert (await client.get(f"{worker.url}/healthz")).status_code == 200
        ready = await client.get(f"{worker.url}/readyz")

    assert ready.status_code == 503
    assert ready.json()["checks"]["broker"] is False
    assert ready.json()["checks"]["plugin_gateway"] is True
