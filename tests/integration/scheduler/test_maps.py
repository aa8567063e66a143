"""Maps across owners: what is under way, what is to come and what has failed is in the rows."""

from collections import Counter

from flowyard.contracts.records import ReadyStep, StepResult
from flowyard.engine.graph import JsonValue, RetryPolicy
from flowyard.engine.inlining import expand
from flowyard.testing.graphs import chain, graph, inline, mapped, optioned
from flowyard_scheduler.main import SchedulerService
from flowyard_scheduler.settings import Settings
from tests.support.api import eventually
from tests.support.scene import Created, Scene, answering, failed, succeeded

COUNT = 7


def outputs(step: ReadyStep) -> StepResult:
    return succeeded(step, {"of": step.inputs["host"]})


async def map_outputs(scene: Scene, created: Created, node_id: str = "fan") -> dict[str, object]:
    rows = await scene.fetch(
        "SELECT outputs->'results' AS results, outputs->'failed' AS failed,"
        " outputs->>'succeeded' AS succeeded"
        " FROM node WHERE instance_id = $1 AND node_id = $2",
        created.instance_id,
        node_id,
    )
    return rows[0]


async def test_a_new_owner_goes_on_in_the_middle_of_a_map(scene: Scene, settings: Settings) -> None:
    hosts: list[JsonValue] = [f"h{index}" for index in range(COUNT)]
    fan = mapped("fan", hosts, {"host": "${item}"}, concurrency=2, tolerated=1)
    template = await scene.publish_template(graph("start fan after end", fan))

    def some_end(step: ReadyStep) -> StepResult | None:
        match step.inputs.get("host"):
            case "h0":
                return failed(step)
            case "h1" | "h2":
                return outputs(step)
            case _:
                return None

    async with answering(scene, some_end) as worker:
        async with SchedulerService(settings=settings, broker=scene.broker):
            created = await scene.create(template)
            await eventually(lambda: len(worker.seen) == 5)
        open_then = [step for step in worker.seen if step.inputs["host"] in ("h3", "h4")]
        worker.answer = lambda step: outputs(step) if "host" in step.inputs else succeeded(step)
        async with SchedulerService(settings=settings, broker=scene.broker):
            await worker.report([outputs(step) for step in open_then])
            await scene.until_status(created, "succeeded")

    found = await map_outputs(scene, created)
    assert found["results"] == (
        '[null, {"of": "h1"}, {"of": "h2"}, {"of": "h3"}, {"of": "h4"}, {"of": "h5"}, {"of": "h6"}]'
    )
    assert (found["failed"], found["succeeded"]) == ("[0]", "6")
    assert set(Counter(step.ref.node_id for step in worker.seen).values()) == {1}
    nodes = await scene.nodes(created)
    assert (nodes["fan:0"]["status"], nodes["fan:0"]["mark"]) == ("succeeded", "ignored")
    assert not [node for node in nodes.values() if node["reason"] is not None]


async def test_a_failed_map_is_retried_by_another_owner(scene: Scene, settings: Settings) -> None:
    fan = mapped("fan", ["a", "b", "c"], {"host": "${item}"}, concurrency=3)
    template = await scene.publish_template(graph("start fan end", fan))

    def all_but_b(step: ReadyStep) -> StepResult:
        return failed(step) if step.inputs["host"] == "b" else outputs(step)

    async with answering(scene, all_but_b) as worker:
        async with SchedulerService(settings=settings, broker=scene.broker):
            created = await scene.create(template)
            await scene.until_status(created, "failed")
        worker.answer = outputs
        async with SchedulerService(settings=settings, broker=scene.broker):
            await scene.command(created, "retry", node_id="fan")
            await scene.until_status(created, "succeeded")

    assert Counter(step.ref.node_id for step in worker.seen) == {"fan:0": 1, "fan:1": 2, "fan:2": 1}
    assert (await map_outputs(scene, created))["succeeded"] == "3"


async def test_items_may_be_children_and_a_takeover_loses_none_of_their_ends(
    scene: Scene, settings: Settings
) -> None:
    await scene.publish_template(chain(1), key="child")
    fan = mapped("fan", [1, 2, 3], runs_child=True, concurrency=2)
    template = await scene.publish_template(graph("start fan end", fan))

    async with answering(scene, lambda _: None) as worker:
        async with SchedulerService(settings=settings, broker=scene.broker):
            created = await scene.create(template)
            await eventually(lambda: len(worker.seen) == 2)
        worker.answer = succeeded
        async with SchedulerService(settings=settings, broker=scene.broker):
            await worker.report([succeeded(step) for step in list(worker.seen)])
            await scene.until_status(created, "succeeded")

    children = await scene.fetch(
        "SELECT parent_node_id FROM instance WHERE parent_instance_id = $1 ORDER BY 1",
        created.instance_id,
    )
    assert [one["parent_node_id"] for one in children] == ["fan:0", "fan:1", "fan:2"]


async def test_a_new_owner_goes_on_within_an_inline_subflow_with_its_variables(
    scene: Scene, settings: Settings
) -> None:
    child = graph(
        "start one fan end",
        mapped("fan", "${hosts}", {"host": "${item}${suffix}"}),
        constants={"hosts": ["a", "b"], "suffix": "!"},
        outputs={"all": "${nodes.fan.results}"},
    )
    flow = expand(graph("start deploy end", inline("deploy")), {"deploy": child})
    template = await scene.publish_template(flow)

    async with answering(scene, lambda _: None) as worker:
        async with SchedulerService(settings=settings, broker=scene.broker):
            created = await scene.create(template)
            await eventually(lambda: len(worker.seen) == 1)
        worker.answer = outputs
        async with SchedulerService(settings=settings, broker=scene.broker):
            await worker.report([succeeded(worker.seen[0])])
            await scene.until_status(created, "succeeded")

    nodes = await scene.nodes(created)
    assert nodes["deploy"]["outputs"] == '{"all": [{"of": "a!"}, {"of": "b!"}]}'
    assert nodes["deploy.fan:1"]["status"] == "succeeded"


async def test_a_retry_of_an_inline_subflow_starts_over_when_its_pause_is_over(
    scene: Scene, settings: Settings
) -> None:
    policy = RetryPolicy(times=1, interval_seconds=0.01)
    node = optioned(inline("deploy"), retry=policy)
    template = await scene.publish_template(
        expand(graph("start deploy end", node), {"deploy": chain(1)})
    )

    def second_succeeds(step: ReadyStep) -> StepResult:
        return succeeded(step) if step.ref.number > 1 else failed(step)

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, second_succeeds) as worker,
    ):
        created = await scene.create(template)
        await scene.until_status(created, "succeeded")

    assert [step.ref.number for step in worker.seen] == [1, 2]
    assert {step.ref.node_id for step in worker.seen} == {"deploy.a1"}
