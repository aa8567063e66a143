"""What expressions know of the system reaches the plugins, in children too."""

import orjson

from flowyard.engine.graph import InputSpec, JsonValue, VariableType
from flowyard.engine.snapshot import Plan
from flowyard.storage.database import dump_json
from flowyard.storage.plan_codec import encode_plan
from flowyard.testing.graphs import activity, graph, subflow
from flowyard_scheduler.main import SchedulerService
from flowyard_scheduler.settings import Settings
from tests.support.scene import Created, Scene, answering, succeeded

ASKED = {
    "template": "${instance.template}",
    "url": "${instance.url}",
    "parent": "${instance.parent}",
    "region": "${project.region}",
}


CHILD = graph(
    "start inner end",
    activity("inner", {**ASKED, "token": "Bearer ${token}"}),
    inputs=(InputSpec(name="token", type=VariableType.PASSWORD),),
)
PARENT = graph(
    "start outer sub end",
    activity("outer", ASKED),
    subflow("sub", inputs={"token": "${secrets.DEPLOY_TOKEN}"}),
)


async def started(scene: Scene, project_variables: dict[str, JsonValue]) -> Created:
    await scene.publish_template(CHILD, key="child")
    created = await scene.create(await scene.publish_template(PARENT, key="release"), start=False)
    await scene.execute(
        "UPDATE instance SET plan = $2::jsonb WHERE instance_id = $1",
        created.instance_id,
        dump_json(encode_plan(Plan(project_variables=project_variables))),
    )
    await scene.command(created, "start")
    return created


async def test_an_instance_knows_itself_and_its_project_and_so_does_its_child(
    scene: Scene, settings: Settings
) -> None:
    public = settings.model_copy(update={"public_url": "https://flowyard.example/"})

    async with (
        SchedulerService(settings=public, broker=scene.broker),
        answering(scene, succeeded),
    ):
        created = await started(scene, {"region": "eu"})
        await scene.until_status(created, "succeeded")

    rows = await scene.fetch("SELECT instance_id, node_id, inputs::text FROM attempt")
    inputs = {row["node_id"]: orjson.loads(str(row["inputs"])) for row in rows}
    ids = {row["node_id"]: row["instance_id"] for row in rows}
    assert inputs["outer"] == {
        "template": "release",
        "url": f"https://flowyard.example/instances/{created.instance_id}",
        "parent": None,
        "region": "eu",
    }
    assert inputs["inner"] == {
        "template": "child",
        "url": f"https://flowyard.example/instances/{ids['inner']}",
        "parent": {"id": str(created.instance_id), "node": "sub", "attempt": 1},
        "region": "eu",
        "token": {"$concat": ["Bearer ", {"$secret": "DEPLOY_TOKEN"}]},
    }
