"""``flowyard archive``: ended instances that were moved out of the database."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from flowyard_cli.commands.options import (
    DEFAULT_PROJECT,
    DataOption,
    OutputOption,
    ProjectOption,
    ServerOption,
    TokenOption,
    open_client,
    operator_folder,
    project_path,
)
from flowyard_cli.errors import RetirementFailedError, UsageError, needing
from flowyard_cli.running import run_loop
from flowyard_cli.settings import OperatorSettings
from flowyard_cli.terminal import JsonObject, OutputFormat, Terminal

app = typer.Typer(help="Move ended instances out, and read them again.", no_args_is_help=True)

_MEGABYTE = 1_000_000


@app.command()
def run(
    *,
    project: Annotated[
        str | None, typer.Option("--project", "-p", help="Only this one; else all.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell how many, how old, and how large.")
    ] = False,
    data: DataOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Archive or delete now what is old enough; needs the database, and the API's settings."""
    terminal = Terminal(output)
    with needing("archive", "api"):
        from flowyard_cli.retiring import retire_now  # noqa: PLC0415
    done = run_loop(
        retire_now(OperatorSettings(), operator_folder(data), project=project, is_dry=dry_run)
    )
    if terminal.is_json:
        terminal.json(done)
    elif dry_run:
        terminal.rows(
            ["project", "mode", "after", "instances", "oldest ended", "about"],
            [_due(one) for one in done["due"]],
        )
    else:
        terminal.line(f"{done['archived']} archived, {done['deleted']} deleted")
        for name in done["files"]:
            terminal.line(name)
    if not dry_run and done["failed"]:
        raise RetirementFailedError(done["failed"])


@app.command("list")
def list_archives(
    *,
    project: ProjectOption = DEFAULT_PROJECT,
    most: Annotated[int, typer.Option("--most", min=1, help="Most of them.")] = 100,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """List the files that a project's instances were moved to."""
    terminal = Terminal(output)
    with open_client(server, token) as client:
        found = list(client.pages(project_path(project, "archives"), most=most))
    if terminal.is_json:
        terminal.json(found)
        return
    terminal.rows(
        ["file", "instances", "bytes", "written", "sha256"],
        [
            [*(str(one[name]) for name in ("name", "instances", "bytes", "written_at", "sha256"))]
            for one in found
        ],
    )


@app.command()
def show(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="On this machine.")],
    instance_id: Annotated[
        str | None, typer.Argument(metavar="[INSTANCE]", help="Show all lines of this one.")
    ] = None,
    *,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Read an archive without any server, and check that it is whole and unchanged."""
    terminal = Terminal(output)
    with needing("archive", "api"):
        from flowyard_cli.retiring import read_archive  # noqa: PLC0415
    lines = read_archive(file)
    if instance_id is not None:
        found = [one for one in lines if one.get("instance_id") == instance_id]
        if not found:
            raise UsageError(f"Expected instance {instance_id} in {file}, but it is not there")
        terminal.json(found)
        return
    instances, rows = _counted(lines)
    if terminal.is_json:
        terminal.json(instances)
        return
    terminal.rows(
        ["instance", "status", "template", "name", "ended", "rows"],
        [
            [
                one["instance_id"],
                one["status"],
                f"{one['template_key']} v{one['version']}",
                one["name"],
                one["ended_at"],
                str(rows[one["instance_id"]]),
            ]
            for one in instances
        ],
    )


def _counted(lines: Any) -> tuple[list[JsonObject], Counter[str]]:
    instances: list[JsonObject] = []
    rows: Counter[str] = Counter()
    for line in lines:
        if "instance_id" in line:
            rows[line["instance_id"]] += 1
        if line["row"] == "instance":
            instances.append(line)
    return instances, rows


def _due(one: JsonObject) -> list[str]:
    return [
        one["project"],
        one["mode"],
        f"{one['after_days']:g} d",
        str(one["instances"]),
        str(one["oldest_ended_at"] or "-"),
        f"{one['estimated_bytes'] / _MEGABYTE:.1f} MB",
    ]
