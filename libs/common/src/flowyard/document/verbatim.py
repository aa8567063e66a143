"""Inputs of plugins whose text is taken as it is: ``${...}`` in them belongs to a shell."""

from collections.abc import Mapping

from flowyard.contracts.plugin import VERBATIM_KEY
from flowyard.contracts.plugin_api import PluginInfo
from flowyard.engine.graph import Activity

Plugins = Mapping[tuple[str, str], PluginInfo]
"""Plugins by name and version."""

UNCHECKED: Plugins = {}
"""Plugins that somebody else will check: nothing in their inputs is taken for an expression.

For a look at a document where nobody can say which inputs are verbatim.
"""


def verbatim_inputs(plugins: Plugins | None, name: str, version: str) -> frozenset[str]:
    """Return the inputs that a plugin marks as verbatim; none of a plugin that is not known."""
    info = None if plugins is None else plugins.get((name, version))
    if info is None:
        return frozenset()
    properties = info.inputs_schema.get("properties", {})
    return frozenset(key for key, schema in properties.items() if _is_verbatim(schema))


def with_verbatim(
    activity: Activity, plugins: Plugins | None, render: frozenset[str]
) -> frozenset[str]:
    """Return the names of the given inputs of an activity that nothing is replaced in.

    Parameters
    ----------
    plugins
        None for none that is known; :data:`UNCHECKED` takes every input as it is.
    render
        Names of verbatim inputs that are rendered all the same.
    """
    if plugins is UNCHECKED:
        return frozenset(activity.inputs)
    marked = verbatim_inputs(plugins, activity.plugin, activity.version)
    return marked.intersection(activity.inputs) - render


def _is_verbatim(schema: object) -> bool:
    return isinstance(schema, dict) and schema.get(VERBATIM_KEY) is True
