"""The plugins that this gateway can run, by name and version."""

import inspect
import logging
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Self

from pydantic import BaseModel

from flowyard.contracts.plugin import Plugin
from flowyard.contracts.plugin_api import PluginInfo
from flowyard.errors import PermanentError

logger = logging.getLogger("flowyard.plugin_gateway")

ENTRY_POINT_GROUP = "flowyard.plugins"
"""Group of entry points under which other distributions offer plugin classes."""

AnyPlugin = Plugin[Any, Any]
"""A plugin whose models only itself knows."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,31}")


class MalformedPluginError(PermanentError):
    """Raised when a plugin cannot be offered as it is."""

    code = "malformed_plugin"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenPlugin:
    """An entry point that could not be used, and why."""

    entry_point: str
    reason: str


class PluginRegistry:
    """Plugins by name and version.

    Parameters
    ----------
    plugins
        Each must have another name or version than all before it.

    Raises
    ------
    MalformedPluginError
        Raised if a plugin is not well formed, or is there already.
    """

    def __init__(self, plugins: Iterable[AnyPlugin]) -> None:
        self._plugins: dict[tuple[str, str], AnyPlugin] = {}
        self._broken: list[BrokenPlugin] = []
        for plugin in plugins:
            self._add(plugin)

    @classmethod
    def discover(
        cls, built_in: Iterable[AnyPlugin], found: Iterable[EntryPoint] | None = None
    ) -> Self:
        """Return the built-in plugins together with those of other distributions.

        Parameters
        ----------
        built_in
            The plugins that are always there; none of the others can take their place.
        found
            Entry points; None takes those that are installed. One that cannot be
            used is logged, kept in :attr:`broken`, and skipped.
        """
        registry = cls(built_in)
        installed = entry_points(group=ENTRY_POINT_GROUP) if found is None else found
        for entry_point in installed:
            registry._load(entry_point)
        return registry

    def __iter__(self) -> Iterator[AnyPlugin]:
        """Return the plugins in order of name and version."""
        return iter(plugin for _, plugin in sorted(self._plugins.items(), key=lambda item: item[0]))

    @property
    def broken(self) -> tuple[BrokenPlugin, ...]:
        """Entry points that were skipped."""
        return tuple(self._broken)

    def get(self, name: str, version: str) -> AnyPlugin | None:
        """Return a plugin at exactly this version, or None."""
        return self._plugins.get((name, version))

    def infos(self) -> list[PluginInfo]:
        """Return what people and designers see of every plugin, in order."""
        return [describe(plugin) for plugin in self]

    def _add(self, plugin: AnyPlugin) -> None:
        check(plugin)
        key = (plugin.name, plugin.version)
        if key in self._plugins:
            raise MalformedPluginError(f"Expected one plugin {key[0]}@{key[1]}, but found another")
        describe(plugin)
        self._plugins[key] = plugin

    def _load(self, entry_point: EntryPoint) -> None:
        try:
            make: Callable[[], AnyPlugin] = entry_point.load()
            self._add(make())
        except Exception as error:
            # Other people's code may raise anything, and must not keep the gateway from starting.
            logger.exception("A plugin was skipped", extra={"entry_point": entry_point.value})
            self._broken.append(
                BrokenPlugin(
                    entry_point=f"{entry_point.name} = {entry_point.value}",
                    reason=f"{type(error).__name__}: {error}",
                )
            )


def check(plugin: AnyPlugin) -> None:
    """Refuse what is no well-formed plugin.

    Raises
    ------
    MalformedPluginError
        Raised with the rule that is broken.
    """
    if not isinstance(plugin, Plugin):
        raise MalformedPluginError(f"Expected a Plugin, but found {type(plugin).__name__}")
    if not _NAME.fullmatch(plugin.name):
        raise MalformedPluginError(f"Expected a name of a-z, 0-9 and _, but found {plugin.name!r}")
    if not _VERSION.fullmatch(plugin.version):
        raise MalformedPluginError(f"Expected a version such as 1.0, but found {plugin.version!r}")
    models: tuple[object, object] = (plugin.inputs_model, plugin.outputs_model)
    for model in models:
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            raise MalformedPluginError(f"Expected pydantic models, but found {model!r}")


def describe(plugin: AnyPlugin) -> PluginInfo:
    """Return what people and designers see of a plugin."""
    return PluginInfo(
        name=plugin.name,
        version=plugin.version,
        title=plugin.title,
        description=inspect.getdoc(type(plugin)) or "",
        idempotency=plugin.idempotency,
        inputs_schema=plugin.inputs_model.model_json_schema(mode="validation"),
        outputs_schema=plugin.outputs_model.model_json_schema(mode="serialization"),
        is_cancellable=type(plugin).cancel is not Plugin.cancel,
    )
