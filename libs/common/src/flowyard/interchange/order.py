"""The order in which nodes are written: each after what leads to it, loops aside."""

from collections.abc import Iterable, Mapping


def reading_order(targets: Mapping[str, Iterable[str]], start_ids: Iterable[str]) -> list[str]:
    """Return the nodes that can be reached, then the others as they come.

    Parameters
    ----------
    targets
        Where each node leads, in order; ids that are no key are passed over.
    start_ids
        Where to begin.
    """
    finished: dict[str, None] = {}
    seen: set[str] = set()
    for start_id in start_ids:
        _walk(start_id, targets, seen, finished)
    reached = [*reversed(finished)]
    return reached + [node_id for node_id in targets if node_id not in finished]


def _walk(
    start_id: str, targets: Mapping[str, Iterable[str]], seen: set[str], finished: dict[str, None]
) -> None:
    if start_id in seen or start_id not in targets:
        return
    seen.add(start_id)
    # The last branch is walked first, so that the first one stands first in the end.
    pending = [(start_id, iter([*targets[start_id]][::-1]))]
    while pending:
        node_id, following = pending[-1]
        for target in following:
            if target in targets and target not in seen:
                seen.add(target)
                pending.append((target, iter([*targets[target]][::-1])))
                break
        else:
            finished[node_id] = None
            pending.pop()
