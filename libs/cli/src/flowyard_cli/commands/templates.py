"""``flowyard templates``: what there is to start, and its versions."""

from collections.abc import Iterator
from typing import Annotated

import orjson
import typer

from flowyard_cli.commands import sharing, trying
from flowyard_cli.commands.importing import diagnostic_line
from flowyard_cli.commands.options import (
    DEFAULT_PROJECT,
    OutputOption,
    ProjectOption,
    ServerOption,
    TokenOption,
    open_client,
    project_path,
)
from flowyard_cli.errors import EXIT_FAILED, UsageError
from flowyard_cli.terminal import JsonObject, OutputFormat, Terminal

MOST_TEMPLATES = 1000
"""How many a list shows at most; a search finds the others."""

app = typer.Typer(
    help="List, compare, publish, roll back and share templates.", no_args_is_help=True
)
app.add_typer(sharing.app)
app.add_typer(trying.app)

TemplateArgument = Annotated[str, typer.Argument(metavar="TEMPLATE", help="Its key or id.")]


@app.command("list")
def list_templates(
    *,
    scope: Annotated[
        str, typer.Option("--scope", help="own, common (of other projects), or all.")
    ] = "own",
    category: Annotated[str | None, typer.Option("--category", help="Only these.")] = None,
    label: Annotated[
        list[str] | None, typer.Option("--label", help="name:value; may be repeated.")
    ] = None,
    favourite: Annotated[bool, typer.Option("--favourite", help="Only your favourites.")] = False,
    saved: Annotated[str | None, typer.Option("--filter", help="Name of a saved filter.")] = None,
    project: ProjectOption = DEFAULT_PROJECT,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """List the templates of a project."""
    terminal = Terminal(output)
    with open_client(server, token) as client:
        asked = {
            "scope": None if scope == "own" else scope,
            "category": category,
            "label": label,
            "favourite": "true" if favourite else None,
            "filter": saved,
        }
        rows = list(client.pages(project_path(project, "templates"), asked, most=MOST_TEMPLATES))
    if terminal.is_json:
        terminal.json(rows)
        return
    terminal.rows(
        ["template", "version", "title"],
        [
            [
                row["key"] if scope == "own" else row["reference"],
                _number(row.get("latest_version")),
                row.get("title") or "",
            ]
            for row in rows
        ],
    )


@app.command()
def show(
    template: TemplateArgument,
    *,
    version: Annotated[
        int | None, typer.Option("--version", help="Else the newest.", show_default=False)
    ] = None,
    project: ProjectOption = DEFAULT_PROJECT,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Print a version's definition."""
    terminal = Terminal(output)
    with open_client(server, token) as client:
        about = client.get(project_path(project, "templates", template))
        number = version or about["latest_version"]
        if number is None:
            found = client.get(project_path(project, "templates", template, "draft"))
        else:
            found = client.get(project_path(project, "templates", template, "versions", number))
    if terminal.is_json:
        terminal.json(found)
    else:
        terminal.line(str(found["source"]).rstrip("\n"))


@app.command()
def versions(
    template: TemplateArgument,
    *,
    project: ProjectOption = DEFAULT_PROJECT,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """List a template's published versions, newest first."""
    terminal = Terminal(output)
    path = project_path(project, "templates", template, "versions")
    with open_client(server, token) as client:
        rows = list(client.pages(path, most=MOST_TEMPLATES))
    if terminal.is_json:
        terminal.json(rows)
        return
    terminal.rows(
        ["version", "published", "by", "note"],
        [
            [
                str(row["number"]),
                str(row["published_at"]),
                str(row["actor"]),
                str(row["note"]),
            ]
            for row in rows
        ],
    )


@app.command()
def diff(
    template: TemplateArgument,
    version: Annotated[int, typer.Argument(help="The version to look at.")],
    against: Annotated[int, typer.Argument(help="The version to compare it with.")],
    *,
    project: ProjectOption = DEFAULT_PROJECT,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Show what changed from one version to another."""
    terminal = Terminal(output)
    path = project_path(project, "templates", template, "versions", version, "diff")
    with open_client(server, token) as client:
        found = client.get(path, {"against": against})
    if terminal.is_json:
        terminal.json(found)
        return
    for line in _changes(found):
        terminal.line(line)


@app.command("export")
def export(
    template: TemplateArgument,
    *,
    version: Annotated[
        int | None, typer.Option("--version", help="Else the newest.", show_default=False)
    ] = None,
    format_: Annotated[
        str, typer.Option("--format", help="bk-sops-yaml: YAML v1 of bk-sops.")
    ] = "bk-sops-yaml",
    project: ProjectOption = DEFAULT_PROJECT,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Print a version, and the subflows that it runs, in the format of another system.

    What the format cannot hold is said on standard error; then it exits with 1.
    """
    terminal = Terminal(output)
    with open_client(server, token) as client:
        number = version
        if number is None:
            number = client.get(project_path(project, "templates", template))["latest_version"]
        if number is None:
            raise UsageError(f"Expected {template} to be published, but it is not")
        path = project_path(project, "templates", template, "versions", number, "export")
        found = client.get(path, {"format": format_})
    if terminal.is_json:
        terminal.json(found)
    else:
        terminal.line(str(found["text"]).rstrip("\n"))
        for diagnostic in found["diagnostics"]:
            terminal.note(f"{diagnostic['template']}: {diagnostic_line(diagnostic)}")
    if any(one["severity"] == "error" for one in found["diagnostics"]):
        raise typer.Exit(EXIT_FAILED)


@app.command()
def publish(
    template: TemplateArgument,
    *,
    note: Annotated[str, typer.Option("--note", help="What has changed.")] = "",
    project: ProjectOption = DEFAULT_PROJECT,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Publish a template's draft as a new version."""
    _act(
        "publish",
        {"note": note},
        template=template,
        project=project,
        server=server,
        token=token,
        output=output,
    )


@app.command()
def rollback(
    template: TemplateArgument,
    version: Annotated[int, typer.Argument(help="The version to come back to.")],
    *,
    project: ProjectOption = DEFAULT_PROJECT,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Publish an earlier version again, as the newest one."""
    _act(
        "rollback",
        {"version": version},
        template=template,
        project=project,
        server=server,
        token=token,
        output=output,
    )


def _act(
    verb: str,
    body: JsonObject,
    *,
    template: str,
    project: str,
    server: str | None,
    token: str | None,
    output: OutputFormat,
) -> None:
    terminal = Terminal(output)
    with open_client(server, token) as client:
        result = client.post(project_path(project, "templates", template, "actions", verb), body)
    if terminal.is_json:
        terminal.json(result)
        return
    what = "is now at" if result["changed"] else "has not changed since"
    terminal.line(f"{template} {what} version {result['version']['number']}")


def _changes(diff: JsonObject) -> Iterator[str]:
    """Yield one line per thing that differs, and one below it per field of it."""
    yield f"version {diff['before']} -> {diff['after']}"
    for kind in ("nodes", "edges", "inputs", "variables", "outputs", "schemes", "settings"):
        for item in diff[kind]:
            yield f"{_MARKS[item['change']]} {kind.removesuffix('s')} {item['id']}"
            for field in item["fields"]:
                before, after = (orjson.dumps(field[side]).decode() for side in ("before", "after"))
                yield f"    {field['field']}: {before} -> {after}"


_MARKS = {"added": "+", "removed": "-", "changed": "~"}


def _number(value: object) -> str:
    return "-" if value is None else str(value)
