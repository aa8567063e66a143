from datetime import timedelta

from flowyard.contracts.plugin import Done, Failed, Wait
from flowyard_plugin_gateway.plugins.wait_callback import (
    WaitCallback,
    WaitCallbackInputs,
    WaitCallbackOutputs,
)
from tests.unit.plugin_gateway.support import context


async def test_it_waits_for_as_long_as_it_takes_or_as_it_is_told() -> None:
    plugin = WaitCallback()

    assert await plugin.execute(context(), WaitCallbackInputs()) == Wait(reason="callback")
    assert await plugin.execute(context(), WaitCallbackInputs(timeout=60)) == Wait(
        reason="callback", after=timedelta(seconds=60)
    )


async def test_the_body_of_the_callback_becomes_its_output() -> None:
    answer = await WaitCallback().execute(
        context(resume="callback", data={"status": "built"}), WaitCallbackInputs()
    )

    assert answer == Done(WaitCallbackOutputs(data={"status": "built"}))


async def test_a_callback_that_does_not_come_in_time_is_a_failure() -> None:
    answer = await WaitCallback().execute(context(resume="timer"), WaitCallbackInputs(timeout=60))

    assert isinstance(answer, Failed)
    assert answer.code == "timeout"
