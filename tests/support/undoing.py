"""Graphs whose nodes are undone, and what their rollback comes to."""

from dataclasses import replace

from flowyard.engine.events import CancelInstance
from flowyard.engine.graph import (
    Activity,
    Compensation,
    FailurePolicy,
    Graph,
    JsonValue,
    Node,
)
from flowyard.testing.driving import Driver
from flowyard.testing.graphs import activity, graph, optioned


def undone(node: Node | str, *, covers_failed: bool = False, **inputs: JsonValue) -> Node:
    """Return a node that an activity undoes."""
    undo = Compensation(
        activity=Activity(plugin="undo", version="1.0", inputs=inputs), covers_failed=covers_failed
    )
    found = activity(node) if isinstance(node, str) else node
    return optioned(found, compensation=undo)


def rolled_back(flow: Graph) -> Graph:
    """Return a graph that is rolled back when it fails."""
    return replace(flow, on_failure=FailurePolicy.ROLLBACK)


def row() -> Graph:
    """Return a row of three nodes, of which two can be undone."""
    return graph("start a b c end", undone("a"), undone("b"))


def cancel(driver: Driver) -> None:
    """Cancel an instance with rollback."""
    driver.send(CancelInstance(at=driver.tick(), is_rollback=True))


def reached(driver: Driver, *node_ids: str) -> Driver:
    """Start an instance and let some nodes succeed."""
    driver.start()
    for node_id in node_ids:
        driver.succeed(node_id)
    return driver


def inputs_of(driver: Driver, node_id: str) -> object:
    """Return the inputs of a node's latest attempt."""
    attempt = driver.snapshot.nodes[node_id].attempt
    return None if attempt is None else attempt.inputs
