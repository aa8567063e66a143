"""What seldom changes, remembered: compiled graphs and the plugins that gateways host."""

import asyncio
import uuid
from collections import OrderedDict

from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.clock import Clock
from flowyard.contracts.plugin_api import PluginInfo
from flowyard.engine.graph import Graph
from flowyard.engine.pruning import planned
from flowyard.engine.snapshot import Plan
from flowyard.storage.graph_codec import decode_graph
from flowyard.storage.plugins import PublishedPlugin, list_plugins
from flowyard.storage.versions import find_version

GRAPHS_KEPT = 256
"""Compiled graphs in memory; a graph of 100 nodes takes about 100 KB."""

PLUGINS_SECONDS = 5.0
"""How long the list of plugins is used without another look."""


class Graphs:
    """The graphs of template versions, which never change."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[uuid.UUID, int], Graph] = OrderedDict()
        self._planned: OrderedDict[
            tuple[uuid.UUID, int, tuple[str, ...], frozenset[str]], Graph
        ] = OrderedDict()

    async def find(
        self, connection: AsyncConnection, template_id: uuid.UUID, version: int
    ) -> Graph:
        """Return the graph of a version that exists."""
        key = (template_id, version)
        graph = self._known.get(key)
        if graph is None:
            found = await find_version(connection, template_id, version)
            graph = self._known[key] = decode_graph(found.graph)
            if len(self._known) > GRAPHS_KEPT:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(key)
        return graph

    async def find_planned(
        self, connection: AsyncConnection, template_id: uuid.UUID, version: int, plan: Plan
    ) -> Graph:
        """Return what is left of the graph of a version for an instance of it."""
        graph = await self.find(connection, template_id, version)
        if not plan.schemes and not plan.excluded:
            return graph
        key = (template_id, version, plan.schemes, plan.excluded)
        left = self._planned.get(key)
        if left is None:
            left = self._planned[key] = planned(graph, plan)
            if len(self._planned) > GRAPHS_KEPT:
                self._planned.popitem(last=False)
        else:
            self._planned.move_to_end(key)
        return left


PluginMap = dict[tuple[str, str], PluginInfo]
"""Plugins by name and version."""


class PluginCatalog:
    """The plugins that documents are checked against.

    Parameters
    ----------
    clock
        Ages what is remembered.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: PluginMap = {}
        self._stale_at = 0.0
        self._reading = asyncio.Lock()

    async def read(self, connection: AsyncConnection) -> PluginMap:
        """Return all plugins, as they were told a few seconds ago at most."""
        async with self._reading:
            now = self._clock.monotonic()
            if now >= self._stale_at:
                plugins = await list_plugins(connection)
                self._known = {(one.name, one.version): plugin_info(one) for one in plugins}
                # A catalog without anything is that of gateways which are just starting.
                self._stale_at = now + PLUGINS_SECONDS if plugins else now
        return self._known


def plugin_info(plugin: PublishedPlugin) -> PluginInfo:
    """Return a stored plugin in the form of the gateway's contract."""
    return PluginInfo.model_validate(
        {
            "name": plugin.name,
            "version": plugin.version,
            "title": plugin.title,
            "description": plugin.description,
            "idempotency": plugin.idempotency,
            "inputs_schema": plugin.inputs_schema,
            "outputs_schema": plugin.outputs_schema,
            "is_cancellable": plugin.is_cancellable,
        }
    )
