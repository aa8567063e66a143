"""Random graphs with compensations, rolled back at random moments."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowyard.engine.effects import DispatchStep
from flowyard.engine.events import CancelInstance
from flowyard.engine.graph import Activity, Compensation, FailurePolicy, Graph, owner_of
from flowyard.engine.lifecycle import FINAL_INSTANCE_STATUSES, InstanceStatus, NodeStatus
from flowyard.engine.snapshot import NodeMark, NodeState, Phase, Snapshot
from flowyard.testing.driving import Driver, snapshot_of
from tests.support.playing import Player, check, play
from tests.support.random_graphs import structured_graphs

relaxed = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])

choices = st.lists(st.integers(0, 1000), min_size=1, max_size=60)

_UNDO = Activity(plugin="undo", version="1.0")


@st.composite
def compensated_graphs(draw: st.DrawFn) -> Graph:
    """Draw a graph of which some activities can be undone, and some even when they failed."""
    flow = draw(structured_graphs())
    nodes = dict(flow.nodes)
    for node in flow.nodes.values():
        if node.activity is not None and draw(st.integers(0, 3)):
            undo = Compensation(activity=_UNDO, covers_failed=draw(st.booleans()))
            options = replace(node.options, compensation=undo)
            nodes[node.node_id] = replace(node, options=options)
    policy = draw(st.sampled_from(FailurePolicy))
    return replace(flow, nodes=nodes, on_failure=policy)


def _rolled_back(flow: Graph, choices: list[int]) -> tuple[Player, Snapshot]:
    """Play at random, cancel with rollback, play on, and bring it to an end.

    Returns
    -------
    tuple
        The player, and the instance at its first moment of rollback or at its end.
    """
    player = play(flow, choices)
    if player.driver.snapshot.status not in FINAL_INSTANCE_STATUSES:
        player.driver.send(CancelInstance(at=player.driver.tick(), is_rollback=True))
        for _ in range(len(choices)):
            if player.driver.snapshot.status not in FINAL_INSTANCE_STATUSES:
                player.move()
    player.finish()
    return player, _first_of_rollback(player)


def _first_of_rollback(player: Player) -> Snapshot:
    driver = Driver(player.driver.snapshot.graph)
    for event in player.driver.events:
        driver.send(event)
        if driver.snapshot.phase is Phase.ROLLBACK:
            break
    return driver.snapshot


def _is_undone(graph: Graph, state: NodeState) -> bool:
    undo = graph.nodes[state.node_id].options.compensation
    if undo is None:
        return False
    if state.status is NodeStatus.SUCCEEDED and state.mark is NodeMark.FORCED:
        # Its attempt may be cancelled: a person has done what it was to do.
        return True
    if state.attempt is None:
        return False
    return undo.covers_failed or state.attempt.status is NodeStatus.SUCCEEDED


@given(flow=compensated_graphs(), choices=choices)
@relaxed
def test_a_rollback_ends_and_leaves_nothing_behind(flow: Graph, choices: list[int]) -> None:
    player, first = _rolled_back(flow, choices)

    last = player.driver.snapshot
    check(last)
    assert last.status in FINAL_INSTANCE_STATUSES
    if first.phase is Phase.ROLLBACK:
        assert last.status is InstanceStatus.CANCELLED


@given(flow=compensated_graphs(), choices=choices)
@relaxed
def test_what_succeeded_and_nothing_else_is_undone_once_in_reverse_order(
    flow: Graph, choices: list[int]
) -> None:
    player, first = _rolled_back(flow, choices)

    places = {node_id: place for place, node_id in enumerate(flow.nodes)}
    owners = [state for key, state in first.nodes.items() if owner_of(key) is None]
    expected = [
        state.node_id
        for state in sorted(owners, key=lambda one: (one.ended_at, places[one.node_id]))
        if first.phase is Phase.ROLLBACK and _is_undone(flow, state)
    ]
    begun = [
        owner_of(effect.node_id)
        for effect in player.driver.effects
        if isinstance(effect, DispatchStep) and (effect.number, effect.step) == (1, 0)
    ]
    assert list(dict.fromkeys(one for one in begun if one)) == expected[::-1]
    undone = {key: node for key, node in player.driver.snapshot.nodes.items() if owner_of(key)}
    assert {owner_of(key) for key in undone} == set(expected)
    assert all(
        node.status in (NodeStatus.SUCCEEDED, NodeStatus.SKIPPED) for node in undone.values()
    )


@given(flow=compensated_graphs(), choices=choices)
@relaxed
def test_rule_6_replaying_a_rollback_gives_the_same_state(flow: Graph, choices: list[int]) -> None:
    player, _ = _rolled_back(flow, choices)
    replayed = Driver(flow)
    replayed.snapshot = snapshot_of(flow)

    for event in player.driver.events:
        replayed.send(event)

    assert replayed.snapshot == player.driver.snapshot
