"""What authors test their plugins with."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ConfigDict
from typing_extensions import override

from flowyard.contracts.answer_rules import AnswerError
from flowyard.contracts.plugin import (
    Done,
    Failed,
    Plugin,
    PluginInputs,
    PluginOutputs,
    StepContext,
    Wait,
)
from flowyard.plugin_testing import (
    PROBE_START,
    Callback,
    Decision,
    LogLine,
    NobodyCame,
    PluginProbe,
    ProbeClock,
    ProbeError,
)
from flowyard_plugin_gateway.plugins.approval import Approval
from flowyard_plugin_gateway.plugins.sleep import Sleep
from flowyard_plugin_gateway.plugins.wait_callback import WaitCallback


class ScriptedInputs(PluginInputs):
    count: int = 0


class ScriptedOutputs(PluginOutputs):
    model_config = ConfigDict(extra="allow", frozen=True)

    text: str = ""


class Scripted(Plugin[ScriptedInputs, ScriptedOutputs]):
    """Gives its answers in order, the last one again and again."""

    name = "scripted"
    title = "Scripted"
    inputs_model = ScriptedInputs
    outputs_model = ScriptedOutputs

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.contexts: list[StepContext] = []
        self.cancelled: list[StepContext] = []

    @override
    async def execute(self, context: StepContext, inputs: ScriptedInputs) -> Any:
        self.contexts.append(context)
        context.log("Step", number=context.step)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    @override
    async def cancel(self, context: StepContext, inputs: ScriptedInputs) -> None:
        self.cancelled.append(context)
        context.log("Stopped")


UNTRUE: Any = {"text": 1}
DONE = Done(ScriptedOutputs(text="done"))
SOON = Wait(after=timedelta(seconds=7), state={"page": (1, 2)})


async def test_a_plugin_is_run_over_its_waits_to_its_end() -> None:
    plugin = Scripted(SOON, DONE)

    run = await PluginProbe(plugin, project="shop", actor="grace").run()

    assert run.outputs.text == "done"
    first, second = plugin.contexts
    assert (first.step, first.resume, first.state) == (0, None, None)
    assert second.step == 1
    assert second.resume is not None
    assert second.resume.kind == "timer"
    assert (first.project, first.actor) == ("shop", "grace")
    assert run.logs == [LogLine("info", "Step number=0"), LogLine("info", "Step number=1")]


async def test_a_state_comes_back_as_json_gives_it_back() -> None:
    plugin = Scripted(SOON, DONE)

    await PluginProbe(plugin).run()

    assert plugin.contexts[1].state == {"page": [1, 2]}


async def test_time_passes_only_by_waiting() -> None:
    clock = ProbeClock()
    until = PROBE_START + timedelta(days=30)

    run = await PluginProbe(Sleep(clock), clock=clock).run({"until": until.isoformat()})

    assert isinstance(run.answer, Done)
    assert clock.now() == until


async def test_a_callback_ends_a_wait_for_one() -> None:
    run = await PluginProbe(WaitCallback()).run(resumes=[Callback({"ok": True})])

    assert run.outputs.data == {"ok": True}


@pytest.mark.parametrize("approved", [True, False])
async def test_a_decision_ends_a_wait_for_one(*, approved: bool) -> None:
    run = await PluginProbe(Approval()).run(
        {"on_reject": "continue"}, resumes=[Decision(approved, comment="why", actor="grace")]
    )

    assert run.outputs.model_dump() == {"approved": approved, "comment": "why", "actor": "grace"}


async def test_nobody_may_come_in_time() -> None:
    run = await PluginProbe(WaitCallback()).run({"timeout": 60}, resumes=[NobodyCame()])

    assert run.failure.code == "timeout"


@pytest.mark.parametrize(
    "resumes", [[], [Decision(approved=True)], [NobodyCame()]], ids=["none", "wrong", "unbounded"]
)
async def test_a_wait_that_nothing_ends_is_told(resumes: Any) -> None:
    with pytest.raises(ProbeError, match="ends a wait for callback"):
        await PluginProbe(WaitCallback()).run(resumes=resumes)


async def test_a_plugin_is_cancelled_where_it_waits() -> None:
    plugin = Scripted(Wait(after=timedelta(1), state="first"), SOON)

    run = await PluginProbe(plugin).cancel(wait=2)

    [context] = plugin.cancelled
    assert (context.state, context.resume, context.step) == ({"page": [1, 2]}, None, 2)
    assert (run.answer, run.logs[-1].text) == (None, "Stopped")


async def test_a_plugin_that_ends_before_it_can_be_cancelled_is_told() -> None:
    with pytest.raises(ProbeError, match="Expected 2 waits, but the plugin ended after 1"):
        await PluginProbe(Scripted(SOON, DONE)).cancel(wait=2)


async def test_inputs_that_are_not_valid_fail_as_in_a_flow() -> None:
    run = await PluginProbe(Scripted(DONE)).run({"count": "many"})

    assert run.failure.code == "invalid_inputs"


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (Wait(), "waits for a timer without"),
        ("done", "Expected Done, Wait or Failed"),
        (SOON, "waited 1000 times"),
    ],
)
async def test_answers_that_the_gateway_does_not_take_are_told(answer: Any, problem: str) -> None:
    with pytest.raises(ProbeError, match=problem):
        await PluginProbe(Scripted(answer)).run()


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Done(ScriptedOutputs.model_construct(**UNTRUE)), "invalid_outputs"),
        (Done(ScriptedOutputs(text="a\x00")), "nul_byte"),
        (Done(ScriptedOutputs.model_validate({"$secret": "A"})), "reserved_key"),
        (Done(ScriptedOutputs(text="x" * 300_000)), "output_too_large"),
        (Failed(code="no", message="No.", outputs={"a": {1, 2}}), "invalid_outputs"),
        (Wait(after=timedelta(1), state=object()), "invalid_outputs"),
    ],
)
async def test_the_gateways_rules_for_answers_hold(answer: Any, code: str) -> None:
    with pytest.raises(AnswerError) as caught:
        await PluginProbe(Scripted(answer)).run()

    assert caught.value.failure_code == code


async def test_an_end_that_was_not_expected_is_told() -> None:
    failed = await PluginProbe(Scripted(Failed(code="no", message="No."))).run()
    done = await PluginProbe(Scripted(DONE)).run()

    with pytest.raises(ProbeError, match="Expected outputs"):
        assert failed.outputs
    with pytest.raises(ProbeError, match="Expected a failure"):
        assert done.failure
