"""``docs/plugins.md``, made from the plugins' own schemas."""

from importlib.resources import files
from typing import Any

import httpx
import orjson

from flowyard.contracts.plugin_api import PluginInfo
from flowyard_plugin_gateway.built_in import built_in_plugins
from flowyard_plugin_gateway.registry import PluginRegistry

HEAD = """\
# Plugins

A node names a plugin at an exact version, as in `plugin: http_request@1.0`. Inputs are checked
against the plugin's schema; outputs are `${nodes.<id>.<output>}` for the nodes that follow.
A plugin that must not run twice is claimed before it runs; one that is harmless when repeated
is not, and is simply run again after a crash.

This page is made by `make docs`: the built-in plugins from their schemas, the rest from
`writing_plugins.md` in the plugin gateway's package.

## Built-in plugins
"""

GUIDE = files("flowyard_plugin_gateway").joinpath("writing_plugins.md")
"""How to write plugins, for people, by hand."""

IDEMPOTENCY = {
    "always": "Harmless when repeated: it needs no claim.",
    "never": "Runs at most once per attempt.",
    "by_inputs": "Whether it is harmless when repeated depends on its inputs.",
}
"""What each kind of idempotency means to an author."""

Schema = dict[str, Any]


def render() -> str:
    """Return the page as the plugins say it must read."""
    registry = PluginRegistry(built_in_plugins(httpx.AsyncClient(trust_env=False)))
    built_in = "".join(_section(info) for info in registry.infos())
    return f"{HEAD}{built_in}\n{GUIDE.read_text(encoding='utf-8')}"


def _section(info: PluginInfo) -> str:
    parts = [
        f"\n### {info.name}@{info.version}: {info.title}\n",
        info.description,
        f"\n{IDEMPOTENCY[info.idempotency]}\n",
        "Inputs:\n",
        _table(info.inputs_schema),
    ]
    for name in sorted(_models(info.inputs_schema)):
        part = info.inputs_schema["$defs"][name]
        parts += [f"\n`{name}`: {part.get('description', '')}\n", _table(part)]
    parts += ["\nOutputs:\n", _table(info.outputs_schema)]
    return "\n".join(parts) + "\n"


def _models(schema: Schema) -> list[str]:
    definitions: dict[str, Schema] = schema.get("$defs", {})
    return [name for name, definition in definitions.items() if "properties" in definition]


def _table(schema: Schema) -> str:
    properties: dict[str, Schema] = schema.get("properties", {})
    if not properties:
        return "Any names and values." if schema.get("additionalProperties") else "None."
    required = set(schema.get("required", []))
    rows = [
        f"| `{name}` | {_kind(part)} | {_default(name, part, required)} | {_text(part)} |"
        for name, part in properties.items()
    ]
    head = ["| name | type | default | meaning |", "| --- | --- | --- | --- |"]
    return "\n".join([*head, *rows])


def _kind(part: Schema) -> str:
    if "$ref" in part:
        name = str(part["$ref"]).rpartition("/")[2]
        return "any JSON" if name == "JsonValue" else f"`{name}`"
    if "enum" in part or "const" in part:
        return " or ".join(f"`{value}`" for value in part.get("enum", [part.get("const")]))
    for key in ("anyOf", "oneOf"):
        if key in part:
            kinds = [_kind(option) for option in part[key] if option.get("type") != "null"]
            return " or ".join(dict.fromkeys(kinds))
    return _simple_kind(part)


def _simple_kind(part: Schema) -> str:
    kind = str(part.get("type", "any JSON"))
    if kind == "array":
        return f"list of {_kind(part.get('items', {}))}"
    if kind == "object":
        values = part.get("additionalProperties")
        return f"object of {_kind(values)}" if isinstance(values, dict) else "object"
    return str(part.get("format", kind))


def _default(name: str, part: Schema, required: set[str]) -> str:
    if "default" in part and part["default"] is not None:
        return f"`{orjson.dumps(part['default']).decode()}`"
    return "required" if name in required and "const" not in part else ""


def _text(part: Schema) -> str:
    text = str(part.get("description", "")).replace("|", "\\|").replace("\n", " ")
    examples = part.get("examples", [])
    shown = f" Example: `{orjson.dumps(examples[0]).decode()}`" if examples else ""
    return (text + shown).strip()


if __name__ == "__main__":
    print(render(), end="")  # noqa: T201 - the page goes to standard output
