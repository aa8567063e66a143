"""``flowyard project``: projects, and what belongs to one."""

from typing import Annotated

import orjson
import typer

from flowyard_cli.client import API
from flowyard_cli.commands.options import (
    DEFAULT_PROJECT,
    OutputOption,
    ProjectOption,
    ServerOption,
    TokenOption,
    open_client,
    project_path,
)
from flowyard_cli.terminal import OutputFormat, Terminal
from flowyard_cli.variables import read_text

MOST_VARIABLES = 10_000
"""More than the server lets a project have."""

app = typer.Typer(help="Projects, and what belongs to one.", no_args_is_help=True)
variables = typer.Typer(
    help="Values that every template of a project reads as ${project.NAME}.", no_args_is_help=True
)
app.add_typer(variables, name="variables")

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="As in ${project.NAME}.")]


@app.command("create")
def create_project(
    name: Annotated[str, typer.Argument(metavar="NAME", help="In addresses; it never changes.")],
    *,
    title: Annotated[str, typer.Option("--title", help="For people.")] = "",
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Make a project: it holds templates, instances and secrets."""
    terminal = Terminal(output)
    with open_client(server, token) as client:
        created = client.post(f"{API}/projects", {"name": name, "title": title})
    if terminal.is_json:
        terminal.json(created)
    else:
        terminal.note(f"Created project {name}")


@app.command("list")
def list_projects(
    *,
    most: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = 100,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """List projects by name."""
    terminal = Terminal(output)
    with open_client(server, token) as client:
        items = list(client.pages(f"{API}/projects", most=most))
    if terminal.is_json:
        terminal.json(items)
    else:
        terminal.rows(["name", "title"], [[one["name"], one["title"]] for one in items])


@variables.command("list")
def list_variables(
    *,
    project: ProjectOption = DEFAULT_PROJECT,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """List the variables of a project."""
    terminal = Terminal(output)
    with open_client(server, token) as client:
        items = list(client.pages(project_path(project, "variables"), most=MOST_VARIABLES))
    if terminal.is_json:
        terminal.json(items)
        return
    terminal.rows(
        ["name", "value", "about", "actor"],
        [
            [one["name"], orjson.dumps(one["value"]).decode(), one["description"], one["actor"]]
            for one in items
        ],
    )


@variables.command("set")
def set_variable(
    name: NameArgument,
    value: Annotated[
        str, typer.Argument(help="JSON, else text; @file takes a file's content, @@ stands for @.")
    ],
    *,
    text: Annotated[
        bool, typer.Option("--text", help="Take the value as text even if it is JSON.")
    ] = False,
    about: Annotated[str, typer.Option("--about", help="What it is for.")] = "",
    project: ProjectOption = DEFAULT_PROJECT,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Make or replace a variable; instances that exist keep what they have."""
    terminal = Terminal(output)
    body = {"value": _value(read_text(value), is_text=text), "description": about}
    with open_client(server, token) as client:
        written = client.put(project_path(project, "variables", name), body)
    if terminal.is_json:
        terminal.json(written)
    else:
        terminal.note(f"Wrote {name} of project {project}")


@variables.command("delete")
def delete_variable(
    name: NameArgument,
    *,
    project: ProjectOption = DEFAULT_PROJECT,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Take a variable away; instances that exist keep what they have."""
    terminal = Terminal(output)
    with open_client(server, token) as client:
        deleted = client.delete(project_path(project, "variables", name))
    if terminal.is_json:
        terminal.json(deleted)
    else:
        terminal.note(f"Deleted {name} of project {project}")


def _value(text: str, *, is_text: bool) -> object:
    if is_text:
        return text
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
