"""Maps, inline subflows and children, through the whole of Flowyard."""

from flowyard.engine.attempts import MAX_DEPTH
from tests.support.flowyard import Flowyard, JsonObject

FAN = """\
flowyard: 1
key: fan
inputs: {hosts: list, bad: {type: string, default: none}}
nodes:
  - id: deploy
    plugin: probe@1.0
    map: {items: "${hosts}", concurrency: 2, tolerate: 1}
    inputs: {text: "${index} ${item}", say: "${'failed' if item == bad else 'done'}"}
    export: {all: results}
outputs: {all: "${all}", failed: "${nodes.deploy.failed}"}
"""

BACKUP = """\
flowyard: 1
key: backup
inputs: {host: string, say: {type: string, default: done}}
constants: {kind: full}
nodes:
  - id: save
    plugin: probe@1.0
    inputs: {text: "${kind} ${host}", say: "${say}"}
outputs: {saved: "${nodes.save.text}"}
"""

INLINE = """\
flowyard: 1
key: release
inputs: {say: {type: string, default: done}}
nodes:
  - id: before
    subflow: backup
    mode: inline
    inputs: {host: a, say: "${say}"}
    export: {first: saved}
  - id: after
    subflow: backup
    mode: inline
    inputs: {host: "${first}"}
outputs: {first: "${first}", second: "${nodes.after.saved}"}
"""


def by_id(shown: JsonObject) -> dict[str, JsonObject]:
    return {node["node_id"]: node for node in shown["nodes"]}


async def test_a_map_runs_its_plugin_per_item_and_shows_each_below_itself(
    flowyard: Flowyard,
) -> None:
    await flowyard.publish(FAN)
    instance_id = await flowyard.start("fan", hosts=["a", "b", "c"], bad="b")

    shown = await flowyard.until_status(instance_id, "succeeded")

    assert shown["outputs"] == {
        "all": [{"text": "0 a"}, None, {"text": "2 c"}],
        "failed": [1],
    }
    item = by_id(shown)["deploy:1"]
    assert (item["parent"], item["mark"]) == ("deploy", "ignored")
    assert item["failure"] == {"code": "no_luck", "message": "Tried 1 b."}


async def test_inline_subflows_have_variables_of_their_own_and_hand_outputs_on(
    flowyard: Flowyard,
) -> None:
    await flowyard.publish(BACKUP, INLINE)
    instance_id = await flowyard.start("release")

    shown = await flowyard.until_status(instance_id, "succeeded")

    assert shown["outputs"] == {"first": "full a", "second": "full full a"}
    assert "kind" not in shown["variables"]
    assert by_id(shown)["before"]["variables"] == {"host": "a", "say": "done", "kind": "full"}
    assert by_id(shown)["after.save"]["parent"] == "after"


async def test_an_inner_node_is_operated_on_by_its_full_id(flowyard: Flowyard) -> None:
    await flowyard.publish(BACKUP, INLINE)
    instance_id = await flowyard.start("release", say="failed")
    code = await flowyard.failure(instance_id, "before.save")

    answer = await flowyard.client.post(
        f"/instances/{instance_id}/nodes/before.save/actions/retry",
        json={"inputs": {"text": "by hand"}},
    )
    shown = await flowyard.until_status(instance_id, "succeeded")

    assert answer.is_success, answer.text
    assert code == "no_luck"
    assert shown["outputs"] == {"first": "by hand", "second": "full by hand"}


async def test_one_failed_item_is_retried_by_its_id_and_its_map_goes_on(
    flowyard: Flowyard,
) -> None:
    await flowyard.publish(FAN.replace(", tolerate: 1", ""))
    instance_id = await flowyard.start("fan", hosts=["a", "b", "c"], bad="b")
    code = await flowyard.failure(instance_id, "deploy")

    answer = await flowyard.client.post(
        f"/instances/{instance_id}/nodes/deploy:1/actions/retry",
        json={"inputs": {"text": "mended"}},
    )
    shown = await flowyard.until_status(instance_id, "succeeded")

    assert answer.is_success, answer.text
    assert code == "items_failed"
    assert shown["outputs"]["all"] == [{"text": "0 a"}, {"text": "mended"}, {"text": "2 c"}]


async def test_a_failed_child_is_seen_at_the_node_that_waits_for_it(flowyard: Flowyard) -> None:
    parent = "flowyard: 1\nkey: parent\nnodes:\n  - id: sub\n    subflow: backup\n"
    await flowyard.publish(BACKUP, f"{parent}    inputs: {{host: a, say: failed}}\n")
    instance_id = await flowyard.start("parent")
    child_id = await child_of(flowyard, instance_id)
    await flowyard.until_status(child_id, "failed")

    node = by_id(await flowyard.instance(instance_id))["sub"]

    assert (node["status"], node["reason"]) == ("waiting", "child")
    assert node["attempts"][0]["child"] == {"instance_id": child_id, "status": "failed"}


async def child_of(flowyard: Flowyard, instance_id: str, node_id: str = "sub") -> str:
    """Return the child that a node has started, once it has."""
    deadline = 500
    while deadline:
        deadline -= 1
        attempts = by_id(await flowyard.instance(instance_id))[node_id]["attempts"]
        if attempts and attempts[0]["child"]:
            child_id: str = attempts[0]["child"]["instance_id"]
            return child_id
    raise AssertionError("no child was started")


async def test_the_latest_version_is_the_one_at_the_start_of_the_child(flowyard: Flowyard) -> None:
    parent = "flowyard: 1\nkey: parent\nnodes:\n  - id: sub\n    subflow: backup@latest\n"
    await flowyard.publish(BACKUP, f"{parent}    inputs: {{host: a}}\noutputs: {OUTPUTS}\n")
    await flowyard.publish(BACKUP.replace("kind: full", "kind: small"))

    instance_id = await flowyard.start("parent")
    shown = await flowyard.until_status(instance_id, "succeeded")

    assert shown["outputs"] == {"saved": "small a"}


OUTPUTS = '{saved: "${nodes.sub.saved}"}'


async def test_children_that_start_themselves_end_at_the_limit(flowyard: Flowyard) -> None:
    await flowyard.publish("flowyard: 1\nkey: again\nnodes:\n  - {id: a, plugin: noop@1.0}\n")
    await flowyard.publish(
        "flowyard: 1\nkey: again\nnodes:\n  - {id: sub, subflow: again@latest}\n"
    )

    instance_id = await flowyard.start("again")
    for _ in range(MAX_DEPTH):
        instance_id = await child_of(flowyard, instance_id)

    assert await flowyard.failure(instance_id, "sub") == "nesting_limit"
