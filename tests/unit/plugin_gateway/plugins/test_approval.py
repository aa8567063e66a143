from datetime import timedelta

from flowyard.contracts.plugin import Done, Failed, Wait
from flowyard_plugin_gateway.plugins.approval import Approval, ApprovalInputs, ApprovalOutputs
from tests.unit.plugin_gateway.support import context

YES = {"approved": True, "comment": "go", "actor": "ada"}
NO = {"approved": False, "comment": "not today", "actor": "ada"}


async def test_it_waits_for_a_person() -> None:
    answer = await Approval().execute(context(), ApprovalInputs(message="Go?", timeout=60))

    assert answer == Wait(reason="approval", after=timedelta(seconds=60))


async def test_a_yes_is_a_success_with_who_and_why() -> None:
    answer = await Approval().execute(context(resume="approval", data=YES), ApprovalInputs())

    assert answer == Done(ApprovalOutputs(approved=True, comment="go", actor="ada"))


async def test_a_no_is_a_failure_that_keeps_who_and_why() -> None:
    answer = await Approval().execute(context(resume="approval", data=NO), ApprovalInputs())

    assert isinstance(answer, Failed)
    assert (answer.code, answer.outputs) == ("rejected", NO)


async def test_a_no_lets_the_flow_go_on_where_the_author_says_so() -> None:
    answer = await Approval().execute(
        context(resume="approval", data=NO), ApprovalInputs(on_reject="continue")
    )

    assert isinstance(answer, Done)
    assert not answer.outputs.approved


async def test_a_decision_that_does_not_come_in_time_is_a_failure() -> None:
    answer = await Approval().execute(context(resume="timer"), ApprovalInputs())

    assert isinstance(answer, Failed)
    assert answer.code == "timeout"
