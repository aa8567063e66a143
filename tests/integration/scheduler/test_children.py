"""Rule 7: what is meant for another instance is a command row, and counts once."""

import asyncpg
import pytest

from flowyard.testing.graphs import chain, graph, subflow
from flowyard_scheduler.main import SchedulerService
from flowyard_scheduler.settings import Settings
from tests.support.api import eventually
from tests.support.scene import Scene, answering, succeeded

SECOND_CHILD = """
    INSERT INTO instance (instance_id, project_id, template_id, version, name, partition, given,
                          actor, callback_secret, parent_instance_id, parent_node_id, parent_number)
    SELECT gen_random_uuid(), project_id, template_id, version, name, partition, given, actor,
           callback_secret, parent_instance_id, parent_node_id, parent_number
    FROM instance WHERE parent_instance_id IS NOT NULL
"""


async def test_rule_7_a_child_is_unique_on_its_parents_attempt_and_its_end_counts_once(
    scene: Scene, settings: Settings
) -> None:
    await scene.publish_template(chain(1), key="child")
    parent = await scene.publish_template(graph("start sub after end", subflow("sub")))

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, lambda _: None) as worker,
    ):
        created = await scene.create(parent)
        await eventually(lambda: len(worker.seen) == 1)
        with pytest.raises(asyncpg.UniqueViolationError, match="instance_parent_key"):
            await scene.execute(SECOND_CHILD)
        await worker.report([succeeded(worker.seen[0])])
        await eventually(lambda: len(worker.seen) == 2)
        again = await scene.command(
            created,
            "child_ended",
            node_id="sub",
            payload={"number": 1, "succeeded": False, "outputs": {}},
        )

        async def is_settled() -> bool:
            rows = await scene.fetch("SELECT outcome FROM command WHERE command_id = $1", again)
            return rows[0]["outcome"] is not None

        await scene.until(is_settled)
        await worker.report([succeeded(worker.seen[1])])
        await scene.until_status(created, "succeeded")

    commands = await scene.fetch(
        "SELECT kind, outcome FROM command WHERE kind = 'child_ended' ORDER BY command_id"
    )
    nodes = await scene.nodes(created)
    assert commands[0] == {"kind": "child_ended", "outcome": "applied"}
    assert (nodes["sub"]["status"], nodes["after"]["visits"]) == ("succeeded", 1)
