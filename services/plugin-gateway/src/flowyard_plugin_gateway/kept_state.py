"""What a plugin keeps with a wait: sealed, beside the plugin's own name.

The name stands open, so that a cancellation finds its plugin without anything else:
only a gateway that hosts it may ask it to stop.
"""

from flowyard.storage.sealing import Sealer
from flowyard_plugin_gateway.references import SEALED, sealed
from flowyard_plugin_gateway.registry import AnyPlugin

PLUGIN = "plugin"
"""Key of the plugin's name."""

VERSION = "version"
"""Key of the plugin's version."""

_KEYS = frozenset({SEALED, PLUGIN, VERSION})


def keep_state(sealer: Sealer, plugin: AnyPlugin, state: object) -> dict[str, object]:
    """Return a plugin's state as it is stored."""
    return {**sealed(sealer, state), PLUGIN: plugin.name, VERSION: plugin.version}


def open_state(sealer: Sealer, stored: object) -> object:
    """Return a plugin's state as the plugin gave it.

    Raises
    ------
    UnsealableError
        Raised if it was sealed under another key.
    """
    if isinstance(stored, dict) and SEALED in stored and stored.keys() <= _KEYS:
        return sealer.unseal(stored[SEALED])
    return stored


def keeper(stored: object) -> tuple[str, str]:
    """Return name and version of the plugin that keeps a stored state; empty where unknown."""
    if not isinstance(stored, dict):
        return "", ""
    return str(stored.get(PLUGIN, "")), str(stored.get(VERSION, ""))
