from flowyard.engine.lifecycle import (
    FINAL_INSTANCE_STATUSES,
    INSTANCE_TRANSITIONS,
    NODE_TRANSITIONS,
    InstanceStatus,
    NodeStatus,
)
from flowyard.engine.operations import INSTANCE_OPERATIONS, NODE_OPERATIONS, allowed_on_node


def test_the_node_table_is_total_over_its_statuses() -> None:
    assert set(NODE_TRANSITIONS) == set(NodeStatus)


def test_the_instance_table_is_total_over_its_statuses() -> None:
    assert set(INSTANCE_TRANSITIONS) == set(InstanceStatus)


def test_a_final_instance_never_changes_again() -> None:
    for status in FINAL_INSTANCE_STATUSES:
        assert INSTANCE_TRANSITIONS[status] == frozenset()


def test_no_operation_is_allowed_on_a_final_instance() -> None:
    for statuses in INSTANCE_OPERATIONS.values():
        assert not statuses & FINAL_INSTANCE_STATUSES


def test_nodes_of_a_final_instance_allow_nothing() -> None:
    for instance in FINAL_INSTANCE_STATUSES:
        for node in NodeStatus:
            assert allowed_on_node(instance, node) == ()


def test_every_node_operation_is_allowed_somewhere() -> None:
    for verb in NODE_OPERATIONS:
        assert any(verb in allowed_on_node(InstanceStatus.RUNNING, node) for node in NodeStatus)
