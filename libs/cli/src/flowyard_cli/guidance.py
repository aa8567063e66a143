"""Saying how to go on where an instance stands still."""

from collections.abc import Iterator

from flowyard_cli.views import InstanceView

_GATEWAYS = frozenset({"exclusive", "conditional_parallel"})


def next_moves(view: InstanceView) -> Iterator[str]:
    """Yield commands that would bring the instance forward, with what they are for."""
    instance = view.instance_id
    for node in view.nodes:
        if node.needs_decision:
            yield f"{node.node_id} waits for a decision:"
            yield f"  flowyard instances approve {instance} {node.node_id} --comment '...'"
            yield f"  flowyard instances reject {instance} {node.node_id} --comment '...'"
        elif node.reason == "breakpoint":
            yield f"{node.node_id} is stopped at on purpose:"
            yield f"  flowyard nodes resume {instance} {node.node_id}"
        elif node.status == "failed" and node.kind in _GATEWAYS:
            why = f" ({node.failure.code}: {node.failure.message})" if node.failure else ""
            yield f"{node.node_id} has found no way{why}; say which one it takes, or try again:"
            yield f"  flowyard nodes choose {instance} {node.node_id} TARGET"
            yield f"  flowyard nodes retry {instance} {node.node_id}"
        elif node.status == "failed":
            why = f" ({node.failure.code}: {node.failure.message})" if node.failure else ""
            yield f"{node.node_id} has failed{why}; once its cause is mended:"
            yield f"  flowyard instances retry {instance} {node.node_id} [--var name=value]"
            yield f"  flowyard instances skip {instance} {node.node_id}"
    if view.status == "paused":
        yield f"{view.name} is paused:"
        yield f"  flowyard instances resume {instance}"
    if view.failure is not None:
        yield f"{view.name} has failed ({view.failure.code}: {view.failure.message})"
    if view.status == "failed":
        yield f"  flowyard instances cancel {instance}"


def how_to_follow(instance_id: str) -> str:
    """Return the command that shows an instance from now on."""
    return f"flowyard instances watch {instance_id}"
