"""Bad input, through the whole of Flowyard: it is named, and everything else goes on."""

import asyncio
from functools import partial
from typing import Any

import orjson
import pytest

from flowyard.contracts.records import DeadLetter
from flowyard.contracts.topics import (
    DEAD_LETTER_SUFFIX,
    INSTANCE_CHANGE,
    INSTANCE_EVENT,
    node_ready,
)
from flowyard.engine.graph import DEFAULT_QUEUE
from flowyard_scheduler.batch import MAX_ROUNDS
from tests.integration.faults.documents import BAD_DOCUMENTS
from tests.support.api import eventually, read_until
from tests.support.flowyard import PROJECT, Flowyard

SOUND = "flowyard: 1\nkey: sound\nnodes:\n  - {id: a, plugin: noop@1.0}\n"
TYPED = """\
flowyard: 1
key: typed
inputs:
  count: integer
  color: {type: string, choices: [red, green], default: red}
nodes:
  - {id: a, plugin: noop@1.0}
"""


async def until_sound_succeeds(flowyard: Flowyard, instance_id: str | None = None) -> None:
    """Return when an instance of the sound document, a new one if none is given, has ended."""
    shown = await flowyard.until_status(
        instance_id or await flowyard.start("sound"), "succeeded", "failed"
    )
    assert shown["status"] == "succeeded"


async def test_what_is_wrong_in_a_document_is_told_by_code_node_line_and_column(
    flowyard: Flowyard,
) -> None:
    await flowyard.publish(SOUND)
    going = await flowyard.start("sound")

    answers = {name: await flowyard.apply(text) for name, (text, _) in BAD_DOCUMENTS.items()}

    told = {
        name: [
            (one["type"], one.get("node_id"), one["line"], one["column"])
            for one in answer.json()["errors"]
        ]
        for name, answer in answers.items()
    }
    assert {(one.status_code, one.json()["code"]) for one in answers.values()} == {
        (422, "invalid_document")
    }
    assert told == {name: expected for name, (_, expected) in BAD_DOCUMENTS.items()}
    listed = await flowyard.client.get(f"/projects/{PROJECT}/templates")
    assert [one["key"] for one in listed.json()["items"]] == ["sound"]
    await until_sound_succeeds(flowyard, going)


@pytest.mark.parametrize(
    ("inputs", "code", "name"),
    [
        ({}, "missing_input", "count"),
        ({"count": "many"}, "invalid_input", "count"),
        ({"count": 1, "color": "blue"}, "invalid_input", "color"),
        ({"count": 1, "size": 2}, "unknown_input", "size"),
    ],
)
async def test_an_input_that_does_not_fit_is_refused_by_name_at_the_start(
    flowyard: Flowyard, inputs: dict[str, Any], code: str, name: str
) -> None:
    await flowyard.publish(SOUND, TYPED)

    answer = await flowyard.create("typed", **inputs)

    errors = answer.json()["errors"]
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_inputs")
    assert [(one["type"], one["loc"][-1]) for one in errors] == [(code, name)]
    await until_sound_succeeds(flowyard)


def one_node(node: str) -> str:
    return f"flowyard: 1\nkey: faulty\ninputs: {{given: integer}}\nnodes:\n{node}\n"


FAULTS_AT_A_NODE = {
    "an expression fails": (
        "  - {id: a, plugin: probe@1.0, inputs: {text: '${[1][given]}'}}",
        "expression_failed",
    ),
    "a name is there that has no value yet": (
        "  - {id: a, plugin: probe@1.0, inputs: {text: '${nodes.a.text}'}}",
        "expression_failed",
    ),
    "a condition fails": (
        (
            "  - {id: a, exclusive: [{when: '${1 / (given - 7) > 0}', next: end},"
            " {default: true, next: end}]}"
        ),
        "expression_failed",
    ),
    "no branch is true": (
        (
            "  - {id: a, exclusive: [{when: '${given == 1}', next: end},"
            " {when: '${given == 2}', next: end}]}"
        ),
        "no_branch_matches",
    ),
    "no branch of a conditional split is true": (
        (
            "  - {id: a, conditional_parallel: [{when: '${given == 1}', next: b},"
            " {when: '${given == 2}', next: c}]}\n"
            "  - {id: b, plugin: noop@1.0, next: d}\n"
            "  - {id: c, plugin: noop@1.0, next: d}\n"
            "  - {id: d, converge: true}"
        ),
        "no_branch_matches",
    ),
    "several branches are true": (
        (
            "  - {id: a, exclusive: [{when: '${given > 1}', next: end},"
            " {when: '${given > 2}', next: end}]}"
        ),
        "several_branches_match",
    ),
    "a rendered input is of the wrong type": (
        "  - {id: a, plugin: probe@1.0, inputs: {hold: '${[given]}'}}",
        "invalid_inputs",
    ),
    "an output is larger than 256 KiB": (
        "  - {id: a, plugin: probe@1.0, inputs: {say: large}}",
        "output_too_large",
    ),
    "a plugin raises": (
        "  - {id: a, plugin: probe@1.0, inputs: {say: raise}}",
        "plugin_error",
    ),
    "a plugin ends its process": (
        "  - {id: a, plugin: probe@1.0, inputs: {say: exit}}",
        "plugin_error",
    ),
    "a plugin hangs past its timeout": (
        "  - {id: a, plugin: probe@1.0, inputs: {hold: true}, timeout: 200ms}",
        "timeout",
    ),
    "a plugin ignores that it is stopped": (
        "  - {id: a, plugin: probe@1.0, inputs: {say: ignore_cancel}, timeout: 200ms}",
        "timeout",
    ),
    "a plugin returns what its schema does not allow": (
        "  - {id: a, plugin: untrue@1.0}",
        "invalid_outputs",
    ),
    "a plugin returns no answer at all": (
        "  - {id: a, plugin: probe@1.0, inputs: {say: junk}}",
        "invalid_outputs",
    ),
    "a plugin returns a NUL character": (
        "  - {id: a, plugin: probe@1.0, inputs: {say: nul}}",
        "nul_byte",
    ),
}


async def test_a_fault_at_a_node_fails_it_with_its_code_and_everything_else_goes_on(
    flowyard: Flowyard,
) -> None:
    await flowyard.publish(SOUND)
    keys = {name: f"faulty-{number}" for number, name in enumerate(FAULTS_AT_A_NODE)}
    for name, (node, _) in FAULTS_AT_A_NODE.items():
        await flowyard.publish(one_node(node).replace("key: faulty", f"key: {keys[name]}"))

    # Faulty and sound ones take turns, so that they share batches.
    faulty: dict[str, str] = {}
    sound: list[str] = []
    for name, key in keys.items():
        faulty[name] = await flowyard.start(key, given=7)
        sound.append(await flowyard.start("sound"))

    codes = await asyncio.gather(*(flowyard.failure(one, "a") for one in faulty.values()))
    assert dict(zip(faulty, codes, strict=True)) == {
        name: code for name, (_, code) in FAULTS_AT_A_NODE.items()
    }
    for one in sound:
        await until_sound_succeeds(flowyard, one)
    await until_sound_succeeds(flowyard)
    # Lets the plugin go that ignores that it is stopped.
    flowyard.probe.go.set()


async def test_a_record_that_does_not_decode_goes_to_the_dead_letters_with_its_place(
    flowyard: Flowyard,
) -> None:
    await flowyard.publish(SOUND)
    ready = node_ready(DEFAULT_QUEUE)

    for topic in (INSTANCE_EVENT, ready, INSTANCE_CHANGE):
        for partition in range(2):
            await flowyard.send(topic, b"\xff{", partition=partition)

    for topic in (INSTANCE_EVENT, ready):
        letters_topic = topic + DEAD_LETTER_SUFFIX
        await eventually(partial(flowyard.broker._topics.get, letters_topic))
        values = await read_until(flowyard.broker, letters_topic, 2)
        letters = [DeadLetter.model_validate_json(value) for value in values]
        assert {(one.code, one.topic, one.partition, one.offset) for one in letters} == {
            ("undecodable", topic, 0, 0),
            ("undecodable", topic, 1, 0),
        }
    for _ in range(8):
        await until_sound_succeeds(flowyard)
    assert await flowyard.ready() == dict.fromkeys(
        ("api", "scheduler", "worker", "plugin-gateway"), True
    )


async def test_a_conflict_of_revisions_is_counted_and_decided_again(flowyard: Flowyard) -> None:
    await flowyard.publish(
        SOUND, one_node("  - {id: a, plugin: probe@1.0, inputs: {hold: '${given > 0}'}}")
    )
    held = await flowyard.start("faulty", given=1)
    await asyncio.wait_for(flowyard.probe.began.wait(), 10)

    async with flowyard.database.hot() as connection:
        await connection.execute(
            "UPDATE instance SET revision = revision + 1 WHERE instance_id = $1", held
        )
    flowyard.probe.go.set()

    await flowyard.until_status(held, "succeeded")
    assert len(flowyard.probe.calls) == 1
    assert flowyard.scheduler.metrics.value("flowyard_scheduler_revision_conflicts_total") == 1
    await until_sound_succeeds(flowyard)


CONTENDED = """\
CREATE SEQUENCE refusals;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF nextval('refusals') <= %d THEN RETURN NULL; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse BEFORE UPDATE ON instance FOR EACH ROW EXECUTE FUNCTION refuse();
"""
"""Refuses so many writes of instances, as somebody does who is always faster."""


async def test_what_conflicts_again_and_again_is_kept_and_does_not_wait_for_repair(
    flowyard: Flowyard,
) -> None:
    await flowyard.publish(
        SOUND, one_node("  - {id: a, plugin: probe@1.0, inputs: {hold: '${given > 0}'}}")
    )
    held = await flowyard.start("faulty", given=1)
    await asyncio.wait_for(flowyard.probe.began.wait(), 10)

    conflicts = 3 * MAX_ROUNDS
    async with flowyard.database.hot() as connection:
        await connection.execute(CONTENDED % conflicts)
    flowyard.probe.go.set()

    async with asyncio.timeout(15):
        await flowyard.until_status(held, "succeeded")
    assert len(flowyard.probe.calls) == 1
    counted = flowyard.scheduler.metrics.value("flowyard_scheduler_revision_conflicts_total")
    assert counted == conflicts


async def test_a_draft_of_an_older_revision_is_refused_and_the_newer_one_stays(
    flowyard: Flowyard,
) -> None:
    await flowyard.publish(SOUND)
    draft = f"/projects/{PROJECT}/templates/sound/draft"
    etag = (await flowyard.client.get(draft)).headers["etag"]
    headers = {"Content-Type": "application/yaml", "If-Match": etag}

    first = await flowyard.client.put(draft, content=SOUND + "# first\n", headers=headers)
    second = await flowyard.client.put(draft, content=SOUND + "# second\n", headers=headers)

    assert first.status_code == 200
    assert (second.status_code, second.json()["code"]) == (412, "precondition_failed")
    assert "# first" in (await flowyard.client.get(draft)).text
    await until_sound_succeeds(flowyard)


async def test_what_a_stranger_reports_about_a_step_changes_nothing(flowyard: Flowyard) -> None:
    await flowyard.publish(
        SOUND, one_node("  - {id: a, plugin: probe@1.0, inputs: {hold: '${given > 0}'}}")
    )
    held = await flowyard.start("faulty", given=1)
    await asyncio.wait_for(flowyard.probe.began.wait(), 10)
    reference = {
        "instance_id": held,
        "partition": 0,
        "node_id": "nowhere",
        "number": 1,
        "step": 0,
    }
    report = {"type": "result", "ref": reference, "outcome": "succeeded", "outputs": {}}

    await flowyard.send(INSTANCE_EVENT, orjson.dumps(report))
    await flowyard.send(
        INSTANCE_EVENT, orjson.dumps({**report, "ref": {**reference, "node_id": "a", "number": 9}})
    )

    metrics = flowyard.scheduler.metrics
    await eventually(lambda: metrics.value("flowyard_scheduler_stale_facts_total") == 2)
    assert (await flowyard.instance(held))["status"] == "running"
    flowyard.probe.go.set()
    await flowyard.until_status(held, "succeeded")
