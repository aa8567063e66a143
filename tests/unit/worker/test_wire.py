"""What a worker reads is what the contracts say, and nothing of it is lost on the way."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from flowyard.contracts.plugin_api import STEP_MESSAGES, StepFinished, StepJoined, StepRefused
from flowyard.contracts.records import ReadyStep, ResumeData, StepRef, StepResult
from flowyard.ids import new_id
from flowyard_worker.wire import (
    Finished,
    Joined,
    Ready,
    Ref,
    Refused,
    Result,
    Resume,
    UnreadableError,
    read_answer,
    read_step,
    with_traceparent,
    write_result,
)
from tests.unit.worker.fakes import ready_step

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(st.text(), JSON, max_size=3)
REF = StepRef(instance_id=new_id(), partition=3, node_id="größe", number=2, step=1)


def finished_line(result: StepResult) -> bytes:
    return STEP_MESSAGES.dump_json(StepFinished(result=result))


@pytest.mark.parametrize(
    ("form", "model"),
    [(Ready, ReadyStep), (Resume, ResumeData), (Ref, StepRef), (Result, StepResult)],
)
def test_a_form_has_the_fields_of_its_model(form: type[Any], model: type[BaseModel]) -> None:
    assert {*form.__struct_fields__} == model.model_fields.keys() - {"type"}


@given(inputs=OBJECTS, state=JSON, data=JSON, outputs=st.lists(st.text()))
def test_a_step_that_is_written_again_is_the_same_but_for_its_trace(
    inputs: dict[str, Any], state: object, data: object, outputs: list[str]
) -> None:
    step = ready_step().model_copy(
        update={
            "inputs": inputs,
            "state": state,
            "resume": ResumeData(kind="callback", data=data),
            "secret_outputs": outputs,
        }
    )

    read = read_step(step.model_dump_json().encode())
    again = ReadyStep.model_validate_json(with_traceparent(read, "00-1-2-01"))

    assert again == step.model_copy(update={"traceparent": "00-1-2-01"})
    assert read.ref.key == (step.ref.instance_id.int, step.ref.node_id, 1, 0)


def test_a_step_is_written_again_without_what_its_sender_has_not_set() -> None:
    bare = ready_step().model_dump_json(exclude_unset=True).encode()

    again = with_traceparent(read_step(bare), "00-1-2-01")

    assert orjson.loads(again).keys() == orjson.loads(bare).keys() | {"traceparent"}


@given(outputs=st.none() | OBJECTS, state=JSON)
def test_a_result_passes_through_as_it_came(outputs: dict[str, Any] | None, state: object) -> None:
    result = StepResult(
        ref=REF,
        outcome="waiting",
        outputs=outputs,
        wait_for="timer",
        after_seconds=1.5,
        state=state,
        started_at=datetime(2031, 5, 1, tzinfo=UTC),
    )

    answer = read_answer(finished_line(result))

    assert isinstance(answer, Finished)
    assert StepResult.model_validate_json(answer.value) == result
    assert (answer.result.outcome, answer.result.ref.key[1:]) == ("waiting", ("größe", 2, 1))


def test_a_step_that_was_not_run_and_one_that_runs_elsewhere_are_told_apart() -> None:
    refused = read_answer(STEP_MESSAGES.dump_json(StepRefused(ref=REF, code="draining")))
    joined = read_answer(STEP_MESSAGES.dump_json(StepJoined(ref=REF)))

    assert isinstance(refused, Refused)
    assert isinstance(joined, Joined)
    assert refused.code == "draining"
    assert refused.ref == joined.ref


@pytest.mark.parametrize(
    "changes",
    [
        {"ref": 1},
        {"timeout_seconds": -1},
        {"timeout_seconds": "soon"},
        {"inputs": []},
        {"of_a_newer_release": True},
        {"plugin": None},
    ],
)
def test_what_is_no_step_is_refused_without_repeating_it(changes: dict[str, Any]) -> None:
    step = ready_step().model_dump(mode="json") | changes

    with pytest.raises(UnreadableError) as error:
        read_step(orjson.dumps(step))

    assert "soon" not in str(error.value)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b'{"type":"else"}',
        b'{"type":"finished","result":{}}',
        b'{"type":"finished","result":{"outputs":' + b"[" * 100_000,
        finished_line(StepResult(ref=REF, outcome="failed")).replace(b"failed", b"confused"),
    ],
)
def test_what_is_no_answer_is_refused_without_repeating_it(line: bytes) -> None:
    with pytest.raises(UnreadableError) as error:
        read_answer(line)

    assert "confused" not in str(error.value)


def test_what_the_worker_says_itself_is_a_result() -> None:
    ref = read_step(ready_step().model_dump_json().encode()).ref
    began_at = datetime(2031, 5, 1, tzinfo=UTC)

    value = write_result(ref, "failed", began_at, code="unknown_plugin", message="None knows it")

    result = StepResult.model_validate_json(value)
    assert (result.outcome, result.code, result.started_at) == (
        "failed",
        "unknown_plugin",
        began_at,
    )
    assert orjson.loads(value)["type"] == "result"
