"""Webhooks from the decision to the receiver, through all services."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.support.api import eventually
from tests.support.flowyard import PROJECT, Flowyard
from tests.support.receiver import Receiver, receiving

PATH = f"/projects/{PROJECT}/webhooks"
FLOW = """
flowyard: 1
key: asked
nodes:
  - {id: work, plugin: probe@1.0, inputs: {say: failed}}
  - {id: ask, plugin: approval@1.0, inputs: {message: "Go on?"}}
"""


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as started:
        yield started


async def _make(flowyard: Flowyard, receiver: Receiver, *events: str) -> dict[str, Any]:
    body = {"url": f"{receiver.url}/hook", "events": events}
    answer = await flowyard.client.post(PATH, json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_run_is_told_as_it_goes_signed_with_the_secret_that_was_shown(
    flowyard: Flowyard, receiver: Receiver
) -> None:
    await flowyard.publish(FLOW)
    told = (
        "instance.started",
        "node.failed",
        "instance.failed",
        "instance.recovered",
        "node.skipped",
        "node.waiting_for_approval",
        "node.succeeded",
        "instance.succeeded",
    )
    made = await _make(flowyard, receiver, *told)

    run = await flowyard.start("asked")
    await flowyard.until_status(run, "failed")
    await flowyard.client.post(f"/instances/{run}/nodes/work/actions/skip?wait=5")
    await eventually(lambda: "node.waiting_for_approval" in receiver.events())
    await flowyard.client.post(f"/instances/{run}/nodes/ask/actions/approve?wait=5")
    await flowyard.until_status(run, "succeeded")
    await eventually(lambda: len(receiver.calls) == len(told))

    assert all(call.is_signed_with(made["secret"]) for call in receiver.calls)
    places = [
        (call.payload["data"]["revision"], call.payload["data"]["sequence"], call.event)
        for call in receiver.calls
    ]
    # The order of arrival is not promised: it is told with each event.
    assert tuple(event for _, _, event in sorted(places)) == told
    assert {call.payload["data"]["instance"]["instance_id"] for call in receiver.calls} == {run}


async def test_a_ping_arrives_and_its_history_says_so(
    flowyard: Flowyard, receiver: Receiver
) -> None:
    made = await _make(flowyard, receiver, "instance.failed")
    place = f"{PATH}/{made['webhook_id']}"

    pinged = (await flowyard.client.post(f"{place}/actions/ping")).json()
    await eventually(lambda: receiver.events() == ["webhook.ping"])

    async def delivery() -> dict[str, Any]:
        path = f"{place}/deliveries/{pinged['delivery_id']}"
        found: dict[str, Any] = (await flowyard.client.get(path)).json()
        return found

    shown = await delivery()
    while shown["status"] == "pending":
        shown = await delivery()
    assert shown["status"] == "delivered"
    assert [one["status_code"] for one in shown["tries"]] == [204]
    assert receiver.calls[0].payload == shown["payload"]
