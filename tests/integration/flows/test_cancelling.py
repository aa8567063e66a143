"""A cancelled, forced or overdue node: its plugin is told, and says that it has stopped."""

import asyncio

from tests.support.flowyard import LOOK_SECONDS, PATIENCE_SECONDS, Flowyard, JsonObject

HELD = """
flowyard: 1
key: held
nodes:
  - id: a
    plugin: probe@1.0
    inputs: {hold: true, text: work}
"""

OVERDUE = """
flowyard: 1
key: overdue
nodes:
  - id: a
    plugin: probe@1.0
    inputs: {hold: true}
    deadline: {after: 300ms, action: skip}
"""

WAITING = """
flowyard: 1
key: waiting
nodes:
  - id: a
    plugin: probe@1.0
    inputs: {say: wait, text: remote}
"""


async def _confirmed(flowyard: Flowyard, instance_id: str, number: int = 1) -> JsonObject:
    """Return an attempt of node ``a`` once nothing of it goes on any more."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            shown = await flowyard.instance(instance_id)
            attempt: JsonObject = shown["nodes"][1]["attempts"][number - 1]
            if attempt["cancel_confirmed_at"] is not None:
                return attempt
            await asyncio.sleep(LOOK_SECONDS)


async def test_cancelling_an_instance_stops_the_plugin_that_runs(flowyard: Flowyard) -> None:
    await flowyard.publish(HELD)
    instance_id = await flowyard.start("held")
    await flowyard.probe.began.wait()

    answer = await flowyard.client.post(f"/instances/{instance_id}/actions/cancel?wait=10", json={})

    assert answer.status_code == 200
    attempt = await _confirmed(flowyard, instance_id)
    assert attempt["status"] == "cancelled"
    assert attempt["cancel_requested_at"] is not None


async def test_forcing_a_failure_stops_the_plugin_that_runs(flowyard: Flowyard) -> None:
    await flowyard.publish(HELD)
    instance_id = await flowyard.start("held")
    await flowyard.probe.began.wait()

    answer = await flowyard.client.post(
        f"/instances/{instance_id}/nodes/a/actions/force-fail?wait=10",
        json={"message": "enough"},
    )

    assert answer.status_code == 200
    attempt = await _confirmed(flowyard, instance_id)
    assert attempt["failure"] == {"code": "forced_failure", "message": "enough"}


async def test_a_retry_after_a_forced_failure_runs_beside_nothing(flowyard: Flowyard) -> None:
    await flowyard.publish(HELD)
    instance_id = await flowyard.start("held")
    await flowyard.probe.began.wait()
    path = f"/instances/{instance_id}/nodes/a/actions"
    (await flowyard.client.post(f"{path}/force-fail?wait=10", json={})).raise_for_status()

    (await flowyard.client.post(f"{path}/retry?wait=10", json={})).raise_for_status()
    first = await _confirmed(flowyard, instance_id)
    flowyard.probe.go.set()
    shown = await flowyard.until_status(instance_id, "succeeded")

    assert first["claim"]["outcome"] == "known"
    assert [one["status"] for one in shown["nodes"][1]["attempts"]] == ["failed", "succeeded"]
    assert len(flowyard.probe.calls) == 2


async def test_a_passed_deadline_stops_the_plugin_and_the_flow_goes_on(flowyard: Flowyard) -> None:
    await flowyard.publish(OVERDUE)
    instance_id = await flowyard.start("overdue")

    shown = await flowyard.until_status(instance_id, "succeeded")

    assert shown["nodes"][1]["status"] == "skipped"
    await _confirmed(flowyard, instance_id)


async def test_cancelling_a_waiting_node_lets_its_plugin_stop_the_remote_work(
    flowyard: Flowyard,
) -> None:
    await flowyard.publish(WAITING)
    instance_id = await flowyard.start("waiting")
    await flowyard.probe.began.wait()

    (
        await flowyard.client.post(f"/instances/{instance_id}/actions/cancel?wait=10", json={})
    ).raise_for_status()
    await _confirmed(flowyard, instance_id)

    assert [inputs.text for _, inputs in flowyard.probe.cancels] == ["remote"]
    assert flowyard.probe.cancels[0][0].state == {"page": 2}
