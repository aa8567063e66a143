from msgspec.structs import asdict

from flowyard.contracts.records import StepRef, StepResult
from flowyard.telemetry.metrics import Metrics
from flowyard_worker.reporter import Report, Reporter
from flowyard_worker.running import RunningReports
from flowyard_worker.slots import Slots
from flowyard_worker.step import TakenStep
from flowyard_worker.wire import write_result
from tests.unit.worker.fakes import HandClock, Partitions, RecordingProducer, taken


def reporter(
    producer: RecordingProducer, *, slots: Slots | None = None, topics: Partitions | None = None
) -> Reporter:
    metrics = Metrics("worker")
    return Reporter(
        producer,
        topics=topics or Partitions(4),
        slots=slots or Slots(8, metrics),
        metrics=metrics,
        retry_seconds=0.0,
    )


def succeeded(step: TakenStep, **outputs: str) -> Report:
    ref = StepRef(**asdict(step.ready.ref))
    result = StepResult(ref=ref, outcome="succeeded", outputs=outputs)
    return Report(step, "succeeded", result.model_dump_json().encode())


def running(step: TakenStep) -> Report:
    return Report(step, "running", write_result(step.ready.ref, "running", None))


async def test_all_that_is_ready_goes_out_in_one_publish() -> None:
    producer, done = RecordingProducer(), list[str]()
    async with reporter(producer) as reports:
        for name in "abc":
            step = taken(done, name)
            reports.report(succeeded(step))
        await reports.flushed()

    assert [len(records) for records in producer.publishes] == [3]
    assert done == ["a", "b", "c"]


async def test_an_offset_is_kept_until_the_broker_has_acknowledged_and_a_slot_is_not() -> None:
    producer, done = RecordingProducer(), list[str]()
    producer.away = 3
    slots = Slots(1, Metrics("worker"))
    await slots.take(1, "default")
    step = taken(done)
    async with reporter(producer, slots=slots) as reports:
        reports.report(succeeded(step))
        assert (done, slots.free("default")) == ([], 1)
        await reports.flushed()

    assert (done, slots.free("default")) == (["a"], 1)
    assert len(producer.publishes) == 1


async def test_no_more_than_twice_the_slots_are_in_hand_while_the_broker_is_away() -> None:
    producer, done = RecordingProducer(), list[str]()
    producer.away = 3
    slots = Slots(2, Metrics("worker"))
    free = []
    async with reporter(producer, slots=slots) as reports:
        for name in "abcd":
            await slots.take(1, "default")
            reports.report(succeeded(taken(done, name)))
            free.append(slots.free("default"))
        await reports.flushed()

    assert free == [2, 2, 1, 0]
    assert slots.free("default") == 2
    assert done == ["a", "b", "c", "d"]


async def test_a_result_that_the_broker_refuses_becomes_a_failure_and_holds_up_none() -> None:
    producer, done = RecordingProducer(), list[str]()
    producer.refused = b"huge"
    fine, large = taken(done, "fine"), taken(done, "large")
    async with reporter(producer) as reports:
        reports.report(succeeded(large, text="huge"))
        reports.report(succeeded(fine))
        await reports.flushed()

    results = [
        StepResult.model_validate_json(record.value)
        for records in producer.publishes
        for record in records
    ]
    assert {(result.ref.node_id, result.code) for result in results} == {
        ("fine", None),
        ("large", "result_refused"),
    }
    assert sorted(done) == ["fine", "large"]


async def test_a_topic_that_has_grown_is_noticed() -> None:
    producer, topics = RecordingProducer(), Partitions(2)
    step = taken([], partition=5)
    async with reporter(producer, topics=topics) as reports:
        topics.count = 8
        reports.report(succeeded(step))
        await reports.flushed()

    assert producer.publishes[0][0].partition == 5


async def test_an_end_replaces_the_report_that_the_step_runs() -> None:
    producer, step = RecordingProducer(), taken([])
    async with reporter(producer) as reports:
        reports.report_running([running(step)])
        reports.report(succeeded(step))
        await reports.flushed()

    [records] = producer.publishes
    assert [StepResult.model_validate_json(record.value).outcome for record in records] == [
        "succeeded"
    ]


async def test_running_steps_are_told_after_a_while_and_then_now_and_then() -> None:
    producer, clock = RecordingProducer(), HandClock()
    posted, waiting = taken([], "posted"), taken([], "waiting")
    posted.posted_at = clock.monotonic()
    async with reporter(producer) as reports:
        watch = RunningReports(
            lambda: [posted, waiting],
            reporter=reports,
            clock=clock,
            after_seconds=1,
            every_seconds=30,
        )
        told: list[int] = []
        for seconds in (0.9, 0.1, 29.0, 1.0, 1.0):
            clock.seconds += seconds
            watch.report_due()
            await reports.flushed()
            told.append(len(producer.publishes))

    assert told == [0, 1, 1, 2, 2]
    nodes = {StepResult.model_validate_json(r.value).ref.node_id for [r] in producer.publishes}
    assert nodes == {"posted"}
