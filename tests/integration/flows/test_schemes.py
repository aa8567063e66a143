"""A part of a flow, run through the whole of Flowyard."""

from typing import Any

from tests.support.flowyard import Flowyard

FLOW = """\
flowyard: 1
key: release
inputs: {level: string}
nodes:
  - {id: fan, parallel: [lint, test]}
  - {id: lint, plugin: probe@1.0, optional: true, inputs: {text: "lint ${level}"}, next: deploy}
  - {id: test, plugin: probe@1.0, optional: true, inputs: {text: test}}
  - {id: deploy, plugin: probe@1.0, inputs: {text: deploy}}
  - id: choose
    first_match: true
    exclusive:
      - {boolrule: '"${nodes.deploy.text}" == "deploy" and 2 > 1', next: end}
      - {when: "1 == 1", next: tell}
  - {id: tell, plugin: probe@1.0, inputs: {text: tell}}
schemes:
  quick: {keeps: []}
  checked: {keeps: [test], default: true}
"""


async def texts(flowyard: Flowyard, **fields: Any) -> list[str]:
    """Run a part of the flow to its end, and return what its nodes were given."""
    before = len(flowyard.probe.calls)
    answer = await flowyard.client.post(
        "/projects/shop/instances", json={"template": "release", **fields}
    )
    assert answer.is_success, answer.text
    await flowyard.until_status(answer.json()["instance_id"], "succeeded")
    return [inputs.text for _, inputs in flowyard.probe.calls[before:]]


async def test_only_what_is_left_of_a_flow_runs(flowyard: Flowyard) -> None:
    await flowyard.publish(FLOW)

    assert await texts(flowyard) == ["test", "deploy"]
    assert await texts(flowyard, schemes=["quick"]) == ["deploy"]
    assert await texts(flowyard, excluded=["test"]) == ["deploy"]
    assert sorted(await texts(flowyard, schemes=[], inputs={"level": "all"})) == [
        *("deploy", "lint all", "test")
    ]
