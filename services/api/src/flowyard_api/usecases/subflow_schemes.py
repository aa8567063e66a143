"""Whether the schemes that subflows are to run with exist, at publication."""

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.engine.graph import Subflow, SubflowMode, owner_of
from flowyard.engine.pruning import PruneError, planned
from flowyard.engine.snapshot import Plan
from flowyard.storage.graph_codec import decode_graph
from flowyard.storage.versions import find_runnable, find_version
from flowyard_api.errors import Fault


async def scheme_faults(
    connection: AsyncConnection, project: str, subflows: Iterable[tuple[str, Subflow]]
) -> list[Fault]:
    """Return what is wrong with the schemes of independent subflows, in their order.

    One that always takes the latest version is checked against the latest one now.

    Parameters
    ----------
    subflows
        By the node that starts them, or by what runs on behalf of one.
    """
    chosen = [
        (node_id, one)
        for node_id, one in subflows
        if one.schemes and one.mode is SubflowMode.INDEPENDENT
    ]
    if not chosen:
        return []
    wanted = [(one.template, None if one.is_latest else one.version) for _, one in chosen]
    found = await find_runnable(connection, project, list(dict.fromkeys(wanted)))
    faults: list[Fault] = []
    for (node_id, one), target in zip(chosen, wanted, strict=True):
        if target not in found:
            continue
        version = await find_version(connection, found[target].template_id, found[target].number)
        try:
            planned(decode_graph(version.graph), Plan(schemes=one.schemes))
        except PruneError as error:
            faults.append(_fault(node_id, error))
    return faults


def _fault(node_id: str, error: PruneError) -> Fault:
    owner_id = owner_of(node_id)
    field = ("schemes",) if owner_id is None else ("rollback", "schemes")
    return Fault(
        loc=("body", "nodes", owner_id or node_id, *field),
        msg=str(error),
        type=error.reason,
        node_id=owner_id or node_id,
    )
