"""Inline subflows at publication: the graphs of their versions, flattened into one."""

import asyncio
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.engine.graph import Graph
from flowyard.engine.inlining import InliningError, check_recursion, expand, renamed
from flowyard.storage.graph_codec import decode_graph
from flowyard.storage.projects import find_project
from flowyard.storage.references import full_reference, parse_reference
from flowyard.storage.versions import RunnableVersion, find_runnable, find_version


async def flattened(connection: AsyncConnection, project: str, key: str, graph: Graph) -> Graph:
    """Return a graph with the nodes of its inline subflows in it.

    Parameters
    ----------
    project
        Name or id of the project that its template belongs to.
    key
        Of the template.
    graph
        With pinned subflows.

    Raises
    ------
    InliningError
        Raised if that leads to too many nodes, too deep, or to the template itself.
    """
    wanted = {
        node_id: (node.subflow.template, node.subflow.version)
        for node_id, node in graph.nodes.items()
        if node.is_inline and node.subflow is not None
    }
    if not wanted:
        return graph
    home = await find_project(connection, project)
    found = await find_runnable(connection, project, list(dict.fromkeys(wanted.values())))
    known: dict[tuple[str, int | None], Graph] = {}
    for node_id, target in wanted.items():
        if target not in found:
            raise InliningError(
                node_id, "unknown_template", f"Expected template {target[0]}, but it is gone"
            )
        if target not in known:
            known[target] = await _graph_of(connection, target[0], found[target])
    children = {node_id: known[target] for node_id, target in wanted.items()}
    return await asyncio.to_thread(_flat, graph, children, home.name, key)


async def _graph_of(connection: AsyncConnection, name: str, found: RunnableVersion) -> Graph:
    version = await find_version(connection, found.template_id, found.number)
    graph = decode_graph(version.graph)
    project = parse_reference(name).project
    # What it names without a project is of its own project, also within another one's template.
    return graph if project is None else renamed(graph, partial(full_reference, project))


def _flat(graph: Graph, children: dict[str, Graph], project: str, key: str) -> Graph:
    flat = expand(graph, children)
    rename = partial(full_reference, project)
    check_recursion(flat, rename(key), rename)
    return flat
