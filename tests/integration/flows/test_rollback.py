"""Rollback, through the whole of Flowyard."""

import asyncio
from collections.abc import Iterator
from typing import Any

from tests.integration.plugin_gateway.support import ProbeInputs
from tests.support.api import eventually
from tests.support.flowyard import LOOK_SECONDS, PATIENCE_SECONDS, Flowyard, JsonObject

FLOW = """\
flowyard: 1
key: release
{policy}
constants: {{place: east}}
nodes:
  - id: mute
    plugin: probe@1.0
    inputs: {{text: mute}}
    rollback:
      plugin: probe@1.0
      inputs: {{text: "unmute ${{place}}"}}
  - id: deploy
    plugin: probe@1.0
    inputs: {{text: deploy}}
    rollback:
      plugin: probe@1.0
      inputs: {{text: "undo ${{nodes.deploy.text}}"}}
  - id: check
    plugin: probe@1.0
    inputs: {{text: check, {check}}}
    rollback:
      plugin: probe@1.0
      covers_failed: true
      inputs: {{text: uncheck}}
"""


def _flow(*, policy: str = "", check: str = "say: done") -> str:
    return FLOW.format(policy=policy, check=check)


def _calls(flowyard: Flowyard) -> list[str]:
    return [inputs.text for _, inputs in flowyard.probe.calls]


def _statuses(shown: JsonObject) -> dict[str, str]:
    return {node["node_id"]: node["status"] for node in shown["nodes"]}


async def _act(flowyard: Flowyard, path: str, **body: Any) -> None:
    answer = await flowyard.client.post(path, json=body)
    assert answer.is_success, answer.text


async def test_a_failure_undoes_what_was_done_in_reverse_order(flowyard: Flowyard) -> None:
    await flowyard.publish(_flow(policy="on_failure: rollback", check="say: failed"))
    instance_id = await flowyard.start("release")

    shown = await flowyard.until_status(instance_id, "cancelled")

    assert _calls(flowyard) == [
        "mute",
        "deploy",
        "check",
        "uncheck",
        "undo deploy",
        "unmute east",
    ]
    assert shown["phase"] == "rollback"
    assert shown["failure"] == {"code": "no_luck", "message": "Tried check."}
    assert _statuses(shown) == {
        "start": "succeeded",
        "mute": "succeeded",
        "mute:rollback": "succeeded",
        "deploy": "succeeded",
        "deploy:rollback": "succeeded",
        "check": "cancelled",
        "check:rollback": "succeeded",
        "end": "pending",
    }


async def test_a_cancel_with_rollback_waits_for_what_still_runs(flowyard: Flowyard) -> None:
    await flowyard.publish(_flow(check="say: ignore_cancel"))
    instance_id = await flowyard.start("release")
    await eventually(lambda: _calls(flowyard)[-1:] == ["check"])

    await _act(flowyard, f"/instances/{instance_id}/actions/cancel", rollback=True)
    shown = await _until_reached(flowyard, instance_id, "check:rollback")

    assert _calls(flowyard) == ["mute", "deploy", "check"]
    assert shown["status"] == "running"

    flowyard.probe.go.set()
    shown = await flowyard.until_status(instance_id, "cancelled")

    assert _calls(flowyard)[3:] == ["uncheck", "undo deploy", "unmute east"]
    assert shown["failure"] is None


async def test_a_failed_compensation_waits_for_a_person_who_may_skip_it(
    flowyard: Flowyard,
) -> None:
    answers: Iterator[Any] = iter([flowyard.probe.answers["failed"]])
    done = flowyard.probe.answers["done"]
    await flowyard.publish(
        _flow(policy="on_failure: rollback", check="say: failed").replace(
            'inputs: {text: "undo', 'inputs: {say: undo, text: "undo'
        )
    )

    def undo(inputs: ProbeInputs) -> Any:
        return next(answers, done)(inputs)

    flowyard.probe.answers["undo"] = undo
    instance_id = await flowyard.start("release")
    shown = await flowyard.until_status(instance_id, "failed")
    assert _statuses(shown)["deploy:rollback"] == "failed"
    assert shown["failure"]["message"] == "Tried check."

    await _act(flowyard, f"/instances/{instance_id}/nodes/deploy:rollback/actions/retry")
    shown = await flowyard.until_status(instance_id, "cancelled")

    assert _calls(flowyard)[-3:] == ["undo deploy", "undo deploy", "unmute east"]
    assert shown["failure"]["message"] == "Tried check."


async def test_a_mocked_run_does_nothing_but_what_is_asked_for(flowyard: Flowyard) -> None:
    await flowyard.publish(_flow(policy="on_failure: rollback"))

    answer = await flowyard.client.post(
        "/projects/shop/templates/release/actions/mock-run",
        json={
            "mocks": {
                "deploy": {"outputs": {"text": "canned"}, "failure": None},
                "deploy:rollback": {"run": True},
                "check": {"failure": {"code": "no_disk"}},
            }
        },
    )
    assert answer.status_code == 201, answer.text
    shown = await flowyard.until_status(answer.json()["instance_id"], "cancelled", "failed")

    assert shown["status"] == "cancelled"
    assert shown["is_mock"] is True
    assert shown["failure"]["code"] == "no_disk"
    assert _calls(flowyard) == ["undo canned"]
    marks = {node["node_id"]: node["mark"] for node in shown["nodes"]}
    assert (marks["mute"], marks["mute:rollback"], marks["deploy:rollback"]) == (
        "mocked",
        "mocked",
        None,
    )


async def test_one_node_runs_alone_and_for_real(flowyard: Flowyard) -> None:
    await flowyard.publish(_flow())

    async def run(**body: Any) -> None:
        answer = await flowyard.client.post(
            "/projects/shop/templates/release/actions/test-node", json=body
        )
        assert answer.status_code == 201, answer.text
        shown = await flowyard.until_status(answer.json()["instance_id"], "succeeded", "failed")
        assert shown["status"] == "succeeded"
        assert list(_statuses(shown)) == ["start", body["node_id"], "end"]

    await asyncio.gather(run(node_id="deploy"), run(node_id="check", inputs={"text": "given"}))

    assert sorted(_calls(flowyard)) == ["deploy", "given"]


async def _until_reached(flowyard: Flowyard, instance_id: str, node_id: str) -> JsonObject:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            shown = await flowyard.instance(instance_id)
            if node_id in _statuses(shown):
                return shown
            await asyncio.sleep(LOOK_SECONDS)
