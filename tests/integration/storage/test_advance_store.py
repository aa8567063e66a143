"""What the scheduler stores is what it holds: every loaded instance equals the one in memory."""

from datetime import datetime
from functools import partial

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from flowyard.engine.advance import advance
from flowyard.engine.apply import apply_changes
from flowyard.engine.events import Event, StartInstance
from flowyard.engine.graph import Graph
from flowyard.engine.snapshot import Snapshot
from flowyard.ids import new_id
from flowyard.messaging.local import LocalBroker
from flowyard.storage.advance_load import load_instances
from flowyard.storage.advance_store import InstanceWrite
from flowyard.storage.advance_write import write_batch
from flowyard.storage.database import Database
from flowyard.testing.driving import EPOCH, Driver
from flowyard.testing.graphs import chain
from flowyard_scheduler.decide import Item, decide
from tests.support.playing import play
from tests.support.random_graphs import structured_graphs
from tests.support.scene import Created, Scene


async def stored(scene: Scene, created: Created) -> Snapshot:
    async with scene.database.hot() as connection:
        found = await load_instances(connection, [created.instance_id], {})
    return found[created.instance_id].snapshot


async def replay(scene: Scene, flow: Graph, driver: Driver) -> None:
    """Store what follows from each event by itself, and load it again after each."""
    created = await scene.create(await scene.publish_template(flow, key=new_id().hex))
    for event in driver.events:
        async with scene.database.hot() as connection:
            found = await load_instances(connection, [created.instance_id], {})
            held = found[created.instance_id]
            outcome = decide(held, [Item(partial(_as_it_is, event))], EPOCH, is_fresh=True)
            if outcome.is_empty:
                continue
            done, _ = await write_batch(connection, [outcome.write])
        assert done == {created.instance_id}
        held.snapshot.revision += 1
        assert comparable(await stored(scene, created)) == comparable(held.snapshot)


def _as_it_is(event: Event, _: datetime) -> Event:
    return event


def comparable(snapshot: Snapshot) -> Snapshot:
    """Leave out what a final instance no longer needs: nobody loads it to advance it."""
    nodes = {
        node_id: node
        if node.reason is not None or node.attempt is None
        else replace(
            node, attempt=replace(node.attempt, inputs=None, state=None, outputs=None, resume=None)
        )
        for node_id, node in sorted(snapshot.nodes.items())
    }
    return replace(snapshot, nodes=nodes)


async def test_a_loaded_instance_equals_the_one_in_memory(database: Database) -> None:
    drawn: list[tuple[Graph, list[int]]] = []

    @given(
        flow=structured_graphs(), choices=st.lists(st.integers(0, 1000), min_size=1, max_size=12)
    )
    @settings(
        max_examples=25,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def draw(flow: Graph, choices: list[int]) -> None:
        drawn.append((flow, choices))

    draw()
    async with LocalBroker() as broker, broker.producer() as producer:
        scene = Scene(database, broker, producer)
        await scene.set_up()
        for flow, choices in drawn:
            await replay(scene, flow, play(flow, choices).driver)


async def test_rule_1_a_batch_stores_nothing_for_an_old_revision(database: Database) -> None:
    async with LocalBroker() as broker, broker.producer() as producer:
        scene = Scene(database, broker, producer)
        await scene.set_up()
        created = await scene.create(await scene.publish_template(chain(1)))
        other = await scene.create(await scene.publish_template(chain(1), key="other"))
        async with database.hot() as connection:
            found = await load_instances(connection, [created.instance_id, other.instance_id], {})
            writes = []
            for held in found.values():
                decision = advance(held.snapshot, StartInstance(at=EPOCH))
                apply_changes(held.snapshot, decision.changes)
                write = InstanceWrite(held=held, is_changed=True)
                write.nodes.update(held.snapshot.nodes)
                writes.append(write)
            await connection.execute(
                "UPDATE instance SET revision = 5 WHERE instance_id = $1", created.instance_id
            )

            done, _ = await write_batch(connection, writes)

    assert done == {other.instance_id}
    assert await scene.nodes(created) == {}
    assert set(await scene.nodes(other)) == {"start", "a1"}
    assert await scene.status(created) == "created"
