"""``flowyard plugins``: what activities can run, and with which inputs."""

from typing import Annotated

import typer

from flowyard.contracts.plugin_api import PluginInfo
from flowyard_cli.client import API, segment
from flowyard_cli.commands.options import OutputOption, ServerOption, TokenOption, open_client
from flowyard_cli.errors import UsageError
from flowyard_cli.terminal import JsonObject, OutputFormat, Terminal

app = typer.Typer(help="What activities can run.", no_args_is_help=True)


@app.command("list")
def list_plugins(
    *,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """List the plugins that the server knows."""
    terminal = Terminal(output)
    with open_client(server, token) as client:
        items = client.get(f"{API}/plugins")["items"]
    if terminal.is_json:
        terminal.json(items)
        return
    infos = [PluginInfo.model_validate(item) for item in items]
    terminal.rows(
        ["plugin", "title", "repeatable"],
        [[f"{info.name}@{info.version}", info.title, info.idempotency] for info in infos],
    )


@app.command()
def show(
    plugin: Annotated[str, typer.Argument(help="As in 'http_request@1.0'.")],
    *,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Show a plugin's inputs and outputs."""
    terminal = Terminal(output)
    name, at, version = plugin.partition("@")
    if not at:
        raise UsageError(f"Expected name@version, as in 'noop@1.0', but got '{plugin}'")
    with open_client(server, token) as client:
        found = client.get(f"{API}/plugins/{segment(name)}/{segment(version)}")
    if terminal.is_json:
        terminal.json(found)
        return
    info = PluginInfo.model_validate(found)
    terminal.line(f"{info.name}@{info.version}  {info.title}")
    terminal.line(info.description)
    for title, schema in (("input", info.inputs_schema), ("output", info.outputs_schema)):
        terminal.line()
        terminal.rows([title, "type", "required", "about"], _fields(schema))


def _fields(schema: JsonObject) -> list[list[str]]:
    required = set(schema.get("required", ()))
    return [
        [name, _type(field), "yes" if name in required else "", field.get("description", "")]
        for name, field in schema.get("properties", {}).items()
    ]


def _type(field: JsonObject) -> str:
    if "anyOf" in field:
        return " | ".join(_type(part) for part in field["anyOf"])
    if "enum" in field:
        return " | ".join(map(str, field["enum"]))
    return str(field.get("type", "any"))
