"""Random graphs under random results, duplicates, reorderings and reloads."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowyard.engine.events import CancelInstance
from flowyard.engine.graph import Graph
from flowyard.engine.lifecycle import FINAL_INSTANCE_STATUSES
from flowyard.engine.validation import check_structure
from flowyard.testing.driving import Driver, snapshot_of
from tests.support.playing import check, play
from tests.support.random_graphs import structured_graphs

relaxed = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])

choices = st.lists(st.integers(0, 1000), min_size=1, max_size=60)


@given(flow=structured_graphs())
@relaxed
def test_what_is_drawn_here_passes_validation(flow: Graph) -> None:
    assert check_structure(flow) == ()


@given(flow=structured_graphs(), choices=choices)
@relaxed
def test_an_instance_always_ends_and_leaves_nothing_behind(flow: Graph, choices: list[int]) -> None:
    player = play(flow, choices)

    player.finish()

    assert player.driver.snapshot.status in FINAL_INSTANCE_STATUSES


@given(flow=structured_graphs(), choices=choices)
@relaxed
def test_rule_6_replaying_the_events_gives_the_same_state(flow: Graph, choices: list[int]) -> None:
    player = play(flow, choices)
    replayed = Driver(flow)
    replayed.snapshot = snapshot_of(flow)

    for event in player.driver.events:
        replayed.send(event)

    assert replayed.snapshot == player.driver.snapshot


@given(flow=structured_graphs(), choices=choices)
@relaxed
def test_rule_9_a_cancelled_instance_is_clean(flow: Graph, choices: list[int]) -> None:
    player = play(flow, choices)

    player.driver.send(CancelInstance(at=player.driver.tick()))

    check(player.driver.snapshot)
    assert player.driver.snapshot.status in FINAL_INSTANCE_STATUSES
    assert not [node for node in player.driver.snapshot.nodes.values() if node.is_open]
