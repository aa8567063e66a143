"""Random graphs with inline subflows and maps in them, under random results and reloads."""

from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowyard.engine.events import (
    Event,
    ForceFail,
    ForceSucceed,
    PauseNode,
    RestartSubflow,
    ResumeNode,
    RetryNode,
    SkipNode,
)
from flowyard.engine.graph import SATELLITE_SEPARATOR, Graph
from flowyard.engine.lifecycle import FINAL_INSTANCE_STATUSES
from flowyard.engine.map_progress import UNDONE, Progress
from flowyard.engine.snapshot import Snapshot, WaitReason
from flowyard.testing.driving import Driver, snapshot_of
from tests.support.playing import Player, check, play
from tests.support.random_graphs import busy_graphs, inlined_graphs

relaxed = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])

choices = st.lists(st.integers(0, 1000), min_size=1, max_size=60)


@given(graphs=inlined_graphs(), choices=choices)
@relaxed
def test_inline_nodes_behave_as_if_they_were_written_flat(
    graphs: tuple[Graph, Graph], choices: list[int]
) -> None:
    inlined, flat = (Driver(one) for one in graphs)
    inlined.start()
    flat.start()

    for number in range(10_000):
        ready = sorted(inlined.ready())
        assert sorted(flat.ready()) == sorted(one.replace(".", "-") for one in ready)
        if not ready:
            break
        node_id = ready[choices[number % len(choices)] % len(ready)]
        inlined.succeed(node_id)
        flat.succeed(node_id.replace(".", "-"))

    assert inlined.instance_status() is flat.instance_status()
    assert inlined.instance_status() in FINAL_INSTANCE_STATUSES
    assert visits(inlined, flat) == visits(flat, flat)


def visits(driver: Driver, flat: Driver) -> dict[str, int]:
    found = driver.snapshot.nodes.items()
    counts = {node_id.replace(".", "-"): node.visits for node_id, node in found}
    # Inner nodes count from the entry of their subflow on.
    return {one: counts[one] for one in flat.snapshot.nodes if "-" not in one}


@given(flow=busy_graphs(), choices=choices)
@relaxed
def test_flows_with_inline_subflows_and_maps_always_end_clean(
    flow: Graph, choices: list[int]
) -> None:
    player = play(flow, choices)

    check_counts(player.driver.snapshot)
    player.finish()

    snapshot = player.driver.snapshot
    assert snapshot.status in FINAL_INSTANCE_STATUSES
    assert not [node for node in snapshot.nodes.values() if node.reason]
    assert (snapshot.active_count, snapshot.failed_count) == (0, 0)


def check_counts(snapshot: Snapshot) -> None:
    """What maps count is what their items are."""
    for node_id, state in snapshot.nodes.items():
        if state.reason is not WaitReason.ITEMS:
            continue
        progress = Progress.of(state)
        prefix = node_id + SATELLITE_SEPARATOR
        items = [snapshot.nodes[f"{prefix}{index}"] for index in range(progress.begun)]
        assert progress.open == sum(item.is_open for item in items)
        assert progress.undone == sum(item.status in UNDONE for item in items)
        assert progress.left == sum(item.status in UNDONE for item in items[progress.next :])


@given(flow=busy_graphs(), chance=st.randoms(use_true_random=True))
@relaxed
def test_whatever_people_order_counts_stay_right_and_the_flow_ends_clean(
    flow: Graph, chance: Random
) -> None:
    player = Player(Driver(flow), [chance.randrange(10_000) for _ in range(97)])
    driver = player.driver
    driver.start()

    for _ in range(100):
        if driver.snapshot.status in FINAL_INSTANCE_STATUSES:
            break
        if player.choose(3):
            player.move()
        else:
            driver.send(order(player))
        check(driver.snapshot)
        check_counts(driver.snapshot)
    for node_id in sorted(driver.snapshot.breakpoints):
        driver.send(ResumeNode(node_id=node_id, at=driver.tick()))
    player.finish()

    assert not [node for node in driver.snapshot.nodes.values() if node.reason]


def order(player: Player) -> Event:
    """Return what a person orders at some node that is not at rest."""
    nodes = player.driver.snapshot.nodes.values()
    standing = [node.node_id for node in nodes if node.reason is not None]
    node_id = standing[player.choose(len(standing))]
    at = player.driver.tick()
    match player.choose(7):
        case 0:
            return ForceFail(node_id=node_id, at=at)
        case 1:
            return ForceSucceed(node_id=node_id, at=at, outputs={})
        case 2:
            return RestartSubflow(node_id=node_id, at=at)
        case 3:
            return PauseNode(node_id=node_id, at=at)
        case 4:
            return ResumeNode(node_id=node_id, at=at)
        case 5:
            return RetryNode(node_id=node_id, at=at)
        case _:
            return SkipNode(node_id=node_id, at=at)


@given(flow=busy_graphs(), choices=choices)
@relaxed
def test_rule_6_replaying_flows_with_inner_nodes_gives_the_same_state(
    flow: Graph, choices: list[int]
) -> None:
    player = play(flow, choices)
    replayed = Driver(flow)
    replayed.snapshot = snapshot_of(flow)

    for event in player.driver.events:
        replayed.send(event)

    assert replayed.snapshot == player.driver.snapshot
