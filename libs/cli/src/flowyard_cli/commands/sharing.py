"""``flowyard templates ...``: who sees a template, favourites, presets, and where it is used."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

import orjson
import typer

from flowyard.engine.graph import InputSpec
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
from flowyard_cli.documents import compile_text
from flowyard_cli.errors import UsageError
from flowyard_cli.terminal import JsonObject, OutputFormat, Terminal
from flowyard_cli.variables import parse_variables

MOST_ROWS = 1000
"""How many rows a list shows at most."""

TemplateArgument = Annotated[
    str, typer.Argument(metavar="TEMPLATE", help="Its key or id; project/key for another's.")
]

app = typer.Typer()


@app.command()
def visibility(
    template: TemplateArgument,
    *,
    to: Annotated[
        list[str] | None, typer.Option("--to", help="A project that may use it; may be repeated.")
    ] = None,
    everybody: Annotated[bool, typer.Option("--all", help="Every project may use it.")] = False,
    nobody: Annotated[bool, typer.Option("--none", help="No other project may use it.")] = False,
    project: ProjectOption = DEFAULT_PROJECT,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Show which other projects may use a template, or choose them."""
    if sum((bool(to), everybody, nobody)) > 1:
        raise UsageError("Expected one of --to, --all and --none, but got several")
    terminal = Terminal(output)
    path = project_path(project, "templates", template, "visibility")
    with open_client(server, token) as client:
        if to or everybody or nobody:
            found = client.put(path, {"all": everybody, "projects": to or []})
        else:
            found = client.get(path)
    if terminal.is_json:
        terminal.json(found)
        return
    names = "every project" if found["all"] else ", ".join(found["projects"]) or "nobody else"
    terminal.line(f"{found['reference']} is visible to {names}")


@app.command()
def favourite(
    template: TemplateArgument,
    *,
    remove: Annotated[bool, typer.Option("--remove", help="It is none any more.")] = False,
    project: ProjectOption = DEFAULT_PROJECT,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Mark a template as one of your favourites."""
    terminal = Terminal(output)
    with open_client(server, token) as client:
        path = project_path(project, "templates", addressed(client, project, template), "favourite")
        found = client.delete(path) if remove else client.put(path, {})
    if terminal.is_json:
        terminal.json(found)
        return
    what = "is" if found["favourite"] else "is no longer"
    terminal.line(f"{found['template']} {what} a favourite")


@app.command()
def presets(
    template: TemplateArgument,
    *,
    project: ProjectOption = DEFAULT_PROJECT,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """List the presets of a template."""
    terminal = Terminal(output)
    with open_client(server, token) as client:
        path = project_path(project, "templates", addressed(client, project, template), "presets")
        rows = list(client.pages(path, most=MOST_ROWS))
    if terminal.is_json:
        terminal.json(rows)
        return
    terminal.rows(
        ["preset", "inputs", "by", "description"],
        [
            [row["name"], orjson.dumps(row["inputs"]).decode(), row["actor"], row["description"]]
            for row in rows
        ],
    )


@app.command()
def preset(
    template: TemplateArgument,
    name: Annotated[str, typer.Argument(help="Of the preset.")],
    *,
    var: Annotated[
        list[str] | None, typer.Option("--var", help="name=value for an input; may be repeated.")
    ] = None,
    about: Annotated[str, typer.Option("--about", help="What it is for.")] = "",
    delete: Annotated[bool, typer.Option("--delete", help="Take it away.")] = False,
    project: ProjectOption = DEFAULT_PROJECT,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Write a preset of a template, or delete it."""
    terminal = Terminal(output)
    path = project_path(project, "templates", template, "presets", name)
    with open_client(server, token) as client:
        if delete:
            found = client.delete(path)
        else:
            specs = [
                replace(spec, is_required=False) for spec in _inputs(client, project, template)
            ]
            body = {"description": about, "inputs": parse_variables(var or (), specs)}
            found = client.put(path, body)
    if terminal.is_json:
        terminal.json(found)
    else:
        terminal.line(f"{name} is {'deleted' if delete else 'written'}")


@app.command()
def uses(
    template: TemplateArgument,
    *,
    version: Annotated[
        int | None, typer.Option("--version", help="Only uses pinned to it.", show_default=False)
    ] = None,
    project: ProjectOption = DEFAULT_PROJECT,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """List where a template is used as a subflow, in all projects."""
    terminal = Terminal(output)
    path = project_path(project, "templates", template, "uses")
    with open_client(server, token) as client:
        rows = list(client.pages(path, {"version": version}, most=MOST_ROWS))
    if terminal.is_json:
        terminal.json(rows)
        return
    terminal.rows(
        ["template", "where", "node", "pinned", "open"],
        [_use(row) for row in rows],
    )


@app.command()
def outdated(
    template: TemplateArgument,
    *,
    update: Annotated[
        bool, typer.Option("--update", help="Bring all of them up to date and publish.")
    ] = False,
    project: ProjectOption = DEFAULT_PROJECT,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """List a template's subflows that are pinned to older versions, or update them."""
    terminal = Terminal(output)
    path = project_path(project, "templates", template)
    with open_client(server, token) as client:
        found = (
            client.post(f"{path}/actions/update-subflows")
            if update
            else client.get(f"{path}/outdated")
        )
    if terminal.is_json:
        terminal.json(found)
    elif update:
        terminal.line(f"{template}: {found['outcome']}, now at version {found['version']}")
    else:
        terminal.rows(
            ["node", "template", "pinned", "latest"],
            [
                [row["node_id"], row["template"], str(row["pinned"]), str(row["latest"])]
                for row in found["items"]
            ],
        )


@app.command()
def delete(
    template: TemplateArgument,
    *,
    restore: Annotated[bool, typer.Option("--restore", help="Bring it back instead.")] = False,
    project: ProjectOption = DEFAULT_PROJECT,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Delete a template that nothing uses; its history stays."""
    terminal = Terminal(output)
    path = project_path(project, "templates", template)
    with open_client(server, token) as client:
        found = client.post(f"{path}/actions/restore") if restore else client.delete(path)
    if terminal.is_json:
        terminal.json(found)
    else:
        terminal.line(f"{found['key']} is {'there again' if restore else 'deleted'}")


def addressed(client: Client, project: str, template: str) -> str:
    """Return what names a template in addresses: for ``project/key``, its id.

    Raises
    ------
    UsageError
        Raised if no such template is visible in the project.
    """
    _, slash, key = template.partition("/")
    if not slash:
        return template
    asked = {"scope": "all", "text": key}
    for row in client.pages(project_path(project, "templates"), asked, most=MOST_ROWS):
        if row["reference"] == template:
            return str(row["template_id"])
    raise UsageError(f"Expected {template} to be visible in project {project}, but it is not")


def without_preset(
    client: Client, project: str, template: str, name: str | None, specs: Sequence[InputSpec]
) -> list[InputSpec]:
    """Return a template's inputs, none of those required that a preset gives."""
    if name is None:
        return list(specs)
    path = project_path(project, "templates", template, "presets", name)
    given = client.get(path)["inputs"]
    return [replace(spec, is_required=False) if spec.name in given else spec for spec in specs]


def _inputs(client: Client, project: str, template: str) -> Sequence[InputSpec]:
    path = project_path(project, "templates", template)
    number = client.get(path)["latest_version"]
    if number is None:
        raise UsageError(f"Expected {template} to have a published version, but it has none")
    _, graph = compile_text(client.get(f"{path}/versions/{number}")["source"])
    return graph.inputs


def _use(row: JsonObject) -> list[str]:
    version: Any = row["version"]
    return [
        f"{row['project']}/{row['template']}",
        row["where"] if version is None else f"{row['where']} {version}",
        str(row["node_id"]),
        f"{row['pinned'] or 'latest'}{' (outdated)' if row['outdated'] else ''}",
        str(row["open_instances"]),
    ]
