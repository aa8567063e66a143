"""Random graphs with all options at once, under whatever may come in whatever order."""

import uuid

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowyard.engine.events import StartInstance
from flowyard.engine.lifecycle import FINAL_INSTANCE_STATUSES
from flowyard.engine.snapshot import ParentLink
from flowyard.testing.driving import Driver, snapshot_of
from tests.support.meddling import Meddler
from tests.support.random_options import optioned_graphs, plans
from tests.support.surroundings import World

relaxed = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

choices = st.lists(st.integers(0, 100_000), min_size=10, max_size=80)

_PARENT = ParentLink(instance_id=uuid.UUID(int=2), node_id="child", number=1)


@given(data=st.data(), choices=choices, steps=st.integers(0, 100))
@relaxed
def test_rule_6_whatever_comes_an_instance_ends_clean_and_its_events_give_its_state(
    data: st.DataObject, choices: list[int], steps: int
) -> None:
    flow = data.draw(optioned_graphs())
    plan = data.draw(plans(flow))
    meddler = Meddler(Driver(flow, parent=_PARENT, plan=plan), choices)

    meddler.send(StartInstance(at=meddler.driver.tick()))
    for _ in range(steps):
        meddler.meddle()
    meddler.finish()

    snapshot = meddler.snapshot
    assert snapshot.status in FINAL_INSTANCE_STATUSES
    assert not [node for node in snapshot.nodes.values() if node.reason]
    assert (snapshot.active_count, snapshot.failed_count) == (0, 0)
    assert meddler.world == World(ends_told=1)
    replayed = Driver(flow)
    replayed.snapshot = snapshot_of(flow, parent=_PARENT, plan=plan)
    for event in meddler.driver.events:
        replayed.send(event)
    assert replayed.snapshot == snapshot
