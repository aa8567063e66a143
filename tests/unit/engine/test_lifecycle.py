from flowyard.engine.lifecycle import (
    FINAL_INSTANCE_STATUSES,
    INSTANCE_TRANSITIONS,
    NODE_TRANSITIONS,
    InstanceStatus,
    NodeStatus,
)
from flowyard.engine.operations import COPYING, INSTANCE_OPERATIONS


def test_the_node_table_is_total_over_its_statuses() -> None:
    assert set(NODE_TRANSITIONS) == set(NodeStatus)


def test_the_instance_table_is_total_over_its_statuses() -> None:
    assert set(INSTANCE_TRANSITIONS) == set(InstanceStatus)


def test_a_final_instance_never_changes_again() -> None:
    for status in FINAL_INSTANCE_STATUSES:
        assert INSTANCE_TRANSITIONS[status] == frozenset()


def test_a_final_instance_can_only_be_copied() -> None:
    for verb, statuses in INSTANCE_OPERATIONS.items():
        assert bool(statuses & FINAL_INSTANCE_STATUSES) is (verb in COPYING)
