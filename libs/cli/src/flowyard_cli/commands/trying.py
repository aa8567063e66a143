"""``flowyard templates mock-run`` and ``test-node``: trying out what is not published yet."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import orjson
import typer
import yaml

from flowyard.engine.graph import InputSpec, JsonValue
from flowyard_cli.client import Client
from flowyard_cli.commands.options import (
    DEFAULT_PROJECT,
    OutputOption,
    ProjectOption,
    ServerOption,
    TokenOption,
    open_client,
    project_path,
)
from flowyard_cli.commands.watching import watch_to_the_end
from flowyard_cli.documents import compile_text, read_file
from flowyard_cli.errors import UsageError
from flowyard_cli.guidance import how_to_follow
from flowyard_cli.terminal import JsonObject, OutputFormat, Terminal
from flowyard_cli.variables import parse_pairs, parse_variables, read_text, typed

app = typer.Typer()

TemplateArgument = Annotated[str, typer.Argument(metavar="TEMPLATE", help="Its key or id.")]
VersionOption = Annotated[
    int | None, typer.Option("--version", help="Else the draft.", show_default=False)
]
NameOption = Annotated[str | None, typer.Option("--name", help="What people call the run.")]
WaitOption = Annotated[
    bool, typer.Option("--wait/--no-wait", help="Show it and stay until it ends.")
]


@app.command("mock-run")
def mock_run(
    template: TemplateArgument,
    *,
    mock: Annotated[
        Path | None,
        typer.Option("--mock", metavar="FILE", help="Results by node id, in YAML or JSON."),
    ] = None,
    var: Annotated[
        list[str] | None, typer.Option("--var", help="name=value for an input; name=@file.")
    ] = None,
    scheme: Annotated[
        list[str] | None, typer.Option("--scheme", help="Instead of the template's default.")
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", help="An optional node to leave out.")
    ] = None,
    version: VersionOption = None,
    name: NameOption = None,
    wait: WaitOption = False,
    project: ProjectOption = DEFAULT_PROJECT,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Run a template with canned results: nodes that get none succeed without outputs.

    A result is {outputs: {...}}, {failure: {code: ..., message: ...}} or {run: true}.
    """
    terminal = Terminal(output)
    mocks = {} if mock is None else _mocks(mock)
    with open_client(server, token) as client:
        specs = _specs(client, project, template, version)
        body: JsonObject = {
            "mocks": mocks,
            "inputs": parse_variables(var or (), specs),
            "schemes": scheme,
            "excluded": exclude,
            "version": version,
            "name": name,
        }
        _try(
            terminal,
            client,
            project_path(project, "templates", template, "actions", "mock-run"),
            body,
            wait=wait,
        )


@app.command("test-node")
def run_node(
    template: TemplateArgument,
    node: Annotated[str, typer.Argument(help="Id of the node.")],
    *,
    given: Annotated[
        list[str] | None,
        typer.Option(
            "--input",
            help="name=value, taken as it is, instead of all of the node's own; name=@file."
            " JSON where it is, else text.",
        ),
    ] = None,
    var: Annotated[
        list[str] | None,
        typer.Option("--var", help="name=value for a variable of the template; name=@file."),
    ] = None,
    version: VersionOption = None,
    name: NameOption = None,
    wait: WaitOption = False,
    project: ProjectOption = DEFAULT_PROJECT,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Run one node alone and for real, with all its effects."""
    terminal = Terminal(output)
    inputs = parse_pairs(given or (), "--input")
    variables = parse_pairs(var or (), "--var")
    with open_client(server, token) as client:
        specs = {one.name: one for one in _specs(client, project, template, version)}
        body: JsonObject = {
            "node_id": node,
            "inputs": {key: _value(text) for key, text in inputs.items()} or None,
            "variables": {
                key: typed(specs[key], read_text(text)) if key in specs else _value(text)
                for key, text in variables.items()
            },
            "version": version,
            "name": name,
        }
        _try(
            terminal,
            client,
            project_path(project, "templates", template, "actions", "test-node"),
            body,
            wait=wait,
        )


def _try(terminal: Terminal, client: Client, path: str, body: JsonObject, *, wait: bool) -> None:
    created: JsonObject = client.post(
        path, {key: value for key, value in body.items() if value is not None}
    )
    instance_id = str(created["instance_id"])
    if wait or not terminal.is_json:
        for warning in created["warnings"]:
            terminal.note(f"Warning: {warning['msg']} [{warning['node_id']}]")
    if wait:
        watch_to_the_end(terminal, client, instance_id)
    elif terminal.is_json:
        terminal.json(created)
    else:
        terminal.line(instance_id)
        terminal.note(f"Started. Follow it: {how_to_follow(instance_id)}")


def _specs(client: Client, project: str, template: str, version: int | None) -> Sequence[InputSpec]:
    place = ("draft",) if version is None else ("versions", version)
    stored = client.get(project_path(project, "templates", template, *place))
    if stored["source"] is None:
        raise UsageError(f"Expected {template} to have a draft, but it has none")
    _, graph = compile_text(stored["source"])
    return graph.inputs


def _mocks(file: Path) -> dict[str, JsonValue]:
    try:
        found = yaml.safe_load(read_file(file))
    except yaml.YAMLError as error:
        raise UsageError(f"Expected {file} to be YAML or JSON, but: {error}") from error
    if not isinstance(found, dict):
        raise UsageError(f"Expected {file} to hold results by node id, but it does not")
    return found


def _value(text: str) -> JsonValue:
    text = read_text(text)
    try:
        value: JsonValue = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
    return value
