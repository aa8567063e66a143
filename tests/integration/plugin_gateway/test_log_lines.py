"""Log lines of plugins: stored while a step runs, whole once it is answered."""

import asyncio
import base64
import io
import logging
import threading
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from typing_extensions import override

from flowyard.contracts.plugin import Done, Failed, StepContext, Wait
from flowyard.storage.claims import StepKey
from flowyard.storage.database import Database
from flowyard.telemetry.logs import JsonFormatter, JsonHandler
from flowyard.telemetry.metrics import MetricName
from flowyard_plugin_gateway import log_bounds, log_writer
from tests.integration.plugin_gateway.support import (
    Gateway,
    Probe,
    ProbeInputs,
    ProbeOutputs,
    running_gateway,
)
from tests.support.steps import insert_attempt, ready_step, set_attempt, step_key

COUNTER: MetricName = "flowyard_plugin_gateway_log_lines_total"


class Talker(Probe):
    """Says each line of its input, and what else a test adds."""

    @override
    async def execute(
        self, context: StepContext, inputs: ProbeInputs
    ) -> Done[ProbeOutputs] | Wait | Any:
        if inputs.say == "in_pieces":
            for at in range(0, len(inputs.text), 5):
                context.log(inputs.text[at : at + 5])
            return Done(ProbeOutputs())
        if inputs.say == "call":
            return await self._call(context, inputs)
        for line in inputs.text.splitlines():
            context.log(line)
        if inputs.say == "levels":
            context.log("a", level="debug")
            context.log("b", level="error", code=7)
        if inputs.say == "thread":
            thread = threading.Thread(target=context.log, args=("from a thread",))
            thread.start()
            await asyncio.to_thread(thread.join)
        return await super().execute(context, inputs)

    async def _call(self, context: StepContext, inputs: ProbeInputs) -> Failed:
        logging.getLogger("talker").warning("calling %s", inputs.text)
        with context.calling(f"GET {inputs.text}", {"url.full": f"/?q={inputs.text}"}) as span:
            span.set("answer", base64.b64encode(inputs.text.encode()).decode())
            span.fail("refused", inputs.text)
        return Failed(code=f"no_{inputs.text}", message=inputs.text.upper())


@pytest.fixture
async def talker() -> Talker:
    return Talker()


@pytest.fixture
async def talking(database: Database, talker: Talker) -> AsyncIterator[Gateway]:
    async with running_gateway(database, talker) as running:
        yield running
    talker.go.set()


async def lines(database: Database, key: StepKey) -> list[asyncpg.Record]:
    async with database.hot() as connection:
        rows: list[asyncpg.Record] = await connection.fetch(
            "SELECT sequence, level, text, size_so_far FROM log_line"
            " WHERE instance_id = $1 AND node_id = $2 AND number = $3 ORDER BY sequence",
            *key[:3],
        )
    return rows


async def said(database: Database, key: StepKey) -> list[tuple[int, str]]:
    return [(row["sequence"], row["text"]) for row in await lines(database, key)]


async def talk(gateway: Gateway, database: Database, key: StepKey, text: str, **more: Any) -> None:
    await insert_attempt(database, key)
    await gateway.result(ready_step(key, plugin="probe", inputs={"text": text, **more}))


async def test_the_log_of_a_step_is_whole_when_the_step_is_answered(
    database: Database, talking: Gateway
) -> None:
    key = step_key()

    await talk(talking, database, key, "one\ntwo\nthree")

    assert await said(database, key) == [(1, "one"), (2, "two"), (3, "three")]
    assert talking.service.metrics.value(COUNTER, result="stored") == 3


async def test_lines_can_be_read_while_the_step_runs(
    database: Database, talking: Gateway, talker: Talker
) -> None:
    key = step_key()
    await insert_attempt(database, key)
    step = ready_step(key, plugin="probe", inputs={"text": "busy", "hold": True})
    running = asyncio.create_task(talking.result(step))
    await talker.began.wait()

    async with asyncio.timeout(5):
        while not await said(database, key):  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.02)

    assert await said(database, key) == [(1, "busy")]
    assert not running.done()
    talker.go.set()
    await running


async def test_lines_keep_their_level_and_facts(database: Database, talking: Gateway) -> None:
    key = step_key()

    await talk(talking, database, key, "", say="levels")

    found = [(row["level"], row["text"]) for row in await lines(database, key)]
    assert found == [("debug", "a"), ("error", "b code=7")]


async def test_a_line_may_come_from_another_thread(database: Database, talking: Gateway) -> None:
    key = step_key()

    await talk(talking, database, key, "", say="thread")

    assert await said(database, key) == [(1, "from a thread")]


async def test_lines_are_counted_on_over_the_steps_of_an_attempt_and_over_gateways(
    database: Database, talking: Gateway, talker: Talker
) -> None:
    key = step_key()
    await talk(talking, database, key, "one\ntwo", say="wait")
    await set_attempt(database, key, step=1)
    async with running_gateway(database, talker) as other:
        later = ready_step(key._replace(step=1), plugin="probe", inputs={"text": "three"})

        await other.result(later)

    assert await said(database, key) == [(1, "one"), (2, "two"), (3, "three")]


async def test_a_step_that_is_run_again_writes_behind_what_is_there(
    database: Database, talking: Gateway
) -> None:
    key = step_key()
    await talk(talking, database, key, "first")
    await talking.stored()
    await set_attempt(database, key, runner=None, claimed_step=None, outcome=None)

    await talking.result(ready_step(key, plugin="probe", inputs={"text": "second"}))

    assert await said(database, key) == [(1, "first"), (2, "second")]


async def test_rule_11_secrets_and_nul_bytes_do_not_come_into_the_log(
    database: Database, talking: Gateway, demo: UUID
) -> None:
    key = step_key()
    await insert_attempt(database, key)
    text = {"$concat": ["with ", {"$secret": "TOKEN"}, " a\x00b"]}

    await talking.result(ready_step(key, plugin="probe", inputs={"text": text}))

    assert demo.version == 7
    assert await said(database, key) == [(1, "with *** ab")]


async def test_rule_11_a_secret_that_is_split_over_lines_does_not_come_into_the_log(
    database: Database, talking: Gateway, demo: UUID
) -> None:
    key = step_key()
    await insert_attempt(database, key)
    text = {"$concat": ["with ", {"$secret": "TOKEN"}, " and more"]}
    step = ready_step(key, plugin="probe", inputs={"text": text, "say": "in_pieces"})

    await talking.result(step)

    assert demo.version == 7
    found = await said(database, key)
    assert "".join(line for _, line in found) == "with ********* and more"
    assert len(found) == 5


async def test_a_line_that_ends_like_a_secret_is_stored_though_none_follows(
    database: Database,
    talking: Gateway,
    talker: Talker,
    demo: UUID,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(log_writer, "HOLD_SECONDS", 0.05)
    key = step_key()
    await insert_attempt(database, key)
    text = {"$concat": [{"$secret": "TOKEN"}, "\nThe door is open"]}
    step = ready_step(key, plugin="probe", inputs={"text": text, "hold": True})
    running = asyncio.create_task(talking.result(step))
    await talker.began.wait()

    async with asyncio.timeout(5):
        while len(await said(database, key)) < 2:  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.02)

    assert demo.version == 7
    assert await said(database, key) == [(1, "***"), (2, "The door is ***")]
    talker.go.set()
    await running


async def test_rule_11_spans_failures_and_lines_of_libraries_hold_no_secret(
    database: Database, talker: Talker, demo: UUID
) -> None:
    key = step_key()
    await insert_attempt(database, key)
    spans, stream = InMemorySpanExporter(), io.StringIO()
    handler = JsonHandler(stream)
    handler.setFormatter(JsonFormatter("plugin-gateway"))
    logging.getLogger("talker").addHandler(handler)
    inputs = {"text": {"$secret": "TOKEN"}, "say": "call"}
    async with running_gateway(database, talker, exporter=spans) as gateway:
        result = await gateway.result(
            ready_step(key, plugin="probe", inputs=inputs, traceparent=f"00-{7:032x}-{7:016x}-01")
        )
    logging.getLogger("talker").removeHandler(handler)

    assert demo.version == 7
    assert (result.code, result.message) == ("no_***", "***")
    called = next(span for span in spans.get_finished_spans() if span.name == "GET ***")
    assert called.attributes is not None
    assert called.attributes["url.full"] == "/?q=***"
    assert called.attributes["answer"] == "***"
    every = "".join(span.to_json() for span in spans.get_finished_spans())
    line = orjson.loads(stream.getvalue())
    assert "sesame" not in every.lower() + stream.getvalue()
    assert (line["message"], line["attempt"], line["node_id"]) == ("calling ***", 1, key.node_id)
    assert (line["trace_id"], line["instance_id"]) == (f"{7:032x}", str(key.instance_id))


async def test_rule_10_a_log_ends_with_a_line_that_says_that_it_was_cut(
    database: Database, talking: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (log_bounds, log_writer):
        monkeypatch.setattr(module, "MAX_LINES", 3)
    key = step_key()
    await talk(talking, database, key, "one\ntwo", say="wait")
    await set_attempt(database, key, step=1)

    for _ in range(2):
        later = ready_step(key._replace(step=1), plugin="probe", inputs={"text": "3\n4\n5"})
        await talking.result(later)
        await talking.stored()
        await set_attempt(database, key, claimed_step=0, outcome_step=0)

    found = await said(database, key)
    assert found == [(1, "one"), (2, "two"), (3, "3"), (4, log_bounds.CUT_TEXT)]
    assert talking.service.metrics.value(COUNTER, result="cut") == 1 + 3


async def test_rule_10_a_log_holds_so_many_bytes(
    database: Database, talking: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (log_bounds, log_writer):
        monkeypatch.setattr(module, "MAX_BYTES", 100)
    key = step_key()

    await talk(talking, database, key, "\n".join(["x" * 40] * 5))

    assert [len(text) for _, text in await said(database, key)][:2] == [40, 40]
    assert [text for _, text in await said(database, key)][2:] == [log_bounds.CUT_TEXT]


async def test_rule_10_a_process_keeps_only_so_much_that_waits_and_says_what_it_lost(
    database: Database, talking: Gateway, talker: Talker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_writer, "MAX_WAITING_BYTES", 10)
    key = step_key()
    await insert_attempt(database, key)
    inputs = {"text": "\n".join(["x" * 6] * 4), "say": "wait"}

    await talking.result(ready_step(key, plugin="probe", inputs=inputs))

    assert [text for _, text in await said(database, key)] == ["x" * 6] * 2
    assert talking.service.metrics.value(COUNTER, result="lost") == 2
    assert len(talker.calls) == 1


REFUSE = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN IF NEW.text = 'bad' THEN RAISE 'no'; END IF; RETURN NEW; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON log_line FOR EACH ROW EXECUTE FUNCTION refuse();
"""


async def test_rule_12_lines_that_postgres_refuses_cost_nobody_else_a_line(
    database: Database, talking: Gateway
) -> None:
    keys = [step_key(node_id=name) for name in "abc"]
    async with database.hot() as connection:
        await connection.execute(REFUSE)
    for key in keys:
        await insert_attempt(database, key)
    texts = ["good", "bad", "good"]
    steps = [
        ready_step(key, plugin="probe", inputs={"text": text})
        for key, text in zip(keys, texts, strict=True)
    ]

    messages = await talking.messages(*steps)

    assert [message.type for message in messages] == ["finished"] * 3
    assert [await said(database, key) for key in keys] == [[(1, "good")], [], [(1, "good")]]
    assert talking.service.metrics.value(COUNTER, result="lost") == 1


async def test_an_answer_does_not_wait_for_its_log_longer_than_a_moment(
    database: Database, talking: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_writer, "ANSWER_WAIT_SECONDS", 0.05)
    key = step_key()
    await insert_attempt(database, key)
    async with database.transaction() as other:
        await other.exec_driver_sql("LOCK TABLE log_line IN ACCESS EXCLUSIVE MODE")

        result = await talking.result(ready_step(key, plugin="probe", inputs={"text": "late"}))

    assert result.outcome == "succeeded"
    async with asyncio.timeout(5):
        while not await said(database, key):  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.02)


async def test_what_waits_is_stored_when_the_gateway_stops(
    database: Database, talker: Talker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_writer, "GATHER_SECONDS", 60)
    key = step_key()
    await insert_attempt(database, key)
    async with running_gateway(database, talker, drain_seconds=0) as gateway:
        inputs = {"text": "last words", "hold": True}
        stream = gateway.messages(ready_step(key, plugin="probe", inputs=inputs))
        running = asyncio.create_task(stream)
        await talker.began.wait()

        await gateway.service.__aexit__(None, None, None)
        await running

    assert await said(database, key) == [(1, "last words")]
