"""Subflows of other projects: found by project and key, run in the project of their parent."""

from dataclasses import replace

import pytest

from flowyard.engine.graph import Node
from flowyard.ids import new_id
from flowyard.testing.graphs import chain, graph, subflow
from flowyard_scheduler.main import SchedulerService
from flowyard_scheduler.settings import Settings
from tests.support.api import eventually
from tests.support.scene import Scene, answering, succeeded

CHILDREN = """
SELECT project.name AS project, template.key, instance.version
FROM instance
JOIN project ON project.project_id = instance.project_id
JOIN template ON template.template_id = instance.template_id
WHERE instance.parent_instance_id IS NOT NULL
ORDER BY instance.instance_id
"""


async def _move_to_platform(scene: Scene, *keys: str) -> None:
    """Have templates belong to another project, which no instance is of."""
    platform = new_id()
    await scene.execute("INSERT INTO project (project_id, name) VALUES ($1, 'platform')", platform)
    await scene.execute(
        "UPDATE template SET project_id = $1 WHERE key = ANY ($2::text[])", platform, list(keys)
    )


def _latest(node: Node) -> Node:
    assert node.subflow is not None
    return replace(node, subflow=replace(node.subflow, version=None, is_latest=True))


async def test_a_common_template_runs_in_its_parents_project_and_finds_its_own_subflows_at_home(
    scene: Scene, settings: Settings
) -> None:
    await scene.publish_template(chain(1), key="inner")
    await scene.publish_template(graph("start sub end", subflow("sub", "inner")), key="common")
    await _move_to_platform(scene, "inner", "common")
    decoy = await scene.publish_template(chain(2), key="inner")
    parent = await scene.publish_template(
        graph("start sub end", subflow("sub", "platform/common")), key="parent"
    )

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, lambda _: None) as worker,
    ):
        created = await scene.create(parent)
        await eventually(lambda: len(worker.seen) == 1)
        await worker.report([succeeded(worker.seen[0])])
        await scene.until_status(created, "succeeded")

    assert await scene.fetch(CHILDREN) == [
        {"project": "example", "key": "common", "version": 1},
        {"project": "example", "key": "inner", "version": 1},
    ]
    assert await scene.fetch("SELECT 1 FROM instance WHERE template_id = $1", decoy) == []


@pytest.mark.parametrize(
    ("is_common", "status"), [(False, "failed"), (True, "succeeded")], ids=["hidden", "common"]
)
async def test_the_latest_version_of_another_projects_template_has_to_be_visible_when_it_starts(
    scene: Scene, settings: Settings, *, is_common: bool, status: str
) -> None:
    await scene.publish_template(graph("start end"), key="common")
    await _move_to_platform(scene, "common")
    await scene.execute("UPDATE template SET is_common = $1 WHERE key = 'common'", is_common)
    parent = await scene.publish_template(
        graph("start sub end", _latest(subflow("sub", "platform/common"))), key="parent"
    )

    async with SchedulerService(settings=settings, broker=scene.broker):
        created = await scene.create(parent)
        ended = await scene.until_status(created, "succeeded", "failed")

    nodes = await scene.nodes(created)
    assert ended == status
    if not is_common:
        failure = nodes["sub"]["failure"]
        assert isinstance(failure, (dict, str))
        assert "unknown_template" in str(failure)


async def test_a_pinned_version_goes_on_where_visibility_was_withdrawn(
    scene: Scene, settings: Settings
) -> None:
    await scene.publish_template(graph("start end"), key="common")
    await _move_to_platform(scene, "common")
    parent = await scene.publish_template(
        graph("start sub end", subflow("sub", "platform/common")), key="parent"
    )

    async with SchedulerService(settings=settings, broker=scene.broker):
        created = await scene.create(parent)

        assert await scene.until_status(created, "succeeded", "failed") == "succeeded"


async def test_the_latest_version_without_a_scheme_that_is_asked_for_gives_no_child(
    scene: Scene, settings: Settings
) -> None:
    await scene.publish_template(chain(1), key="child")
    node = _latest(subflow("sub", "child"))
    assert node.subflow is not None
    parent = await scene.publish_template(
        graph("start sub end", replace(node, subflow=replace(node.subflow, schemes=("quick",)))),
        key="parent",
    )

    async with SchedulerService(settings=settings, broker=scene.broker):
        created = await scene.create(parent)
        await scene.until_status(created, "failed")

    assert "unknown_template" in str((await scene.nodes(created))["sub"]["failure"])
    assert await scene.fetch(CHILDREN) == []
