"""``flowyard webhook``: who outside is told what happens in a project."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import typer

from flowyard_cli.commands.options import (
    DEFAULT_PROJECT,
    OutputOption,
    ProjectOption,
    ServerOption,
    TokenOption,
    open_client,
    project_path,
)
from flowyard_cli.errors import UsageError
from flowyard_cli.terminal import JsonObject, OutputFormat, Terminal

MOST_ROWS = 1000
"""How many rows a list shows at most."""

app = typer.Typer(help="Who outside is told what happens.", no_args_is_help=True)

IdArgument = Annotated[UUID, typer.Argument(metavar="WEBHOOK_ID", help="As 'list' shows it.")]


@app.command("list")
def list_webhooks(
    *,
    project: ProjectOption = DEFAULT_PROJECT,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """List a project's webhooks."""
    terminal = Terminal(output)
    with open_client(server, token) as client:
        rows = list(client.pages(project_path(project, "webhooks"), most=MOST_ROWS))
    if terminal.is_json:
        terminal.json(rows)
        return
    terminal.rows(
        ["webhook", "url", "state", "events"],
        [[row["webhook_id"], row["url"], _state(row), ", ".join(row["events"])] for row in rows],
    )


@app.command()
def create(
    url: Annotated[str, typer.Argument(help="Where to post.")],
    *,
    event: Annotated[
        list[str], typer.Option("--event", "-e", help="What it is told; may be repeated.")
    ],
    template: Annotated[
        list[str] | None,
        typer.Option("--template", help="Only instances of it; may be repeated."),
    ] = None,
    label: Annotated[
        list[str] | None,
        typer.Option("--label", help="name=value that instances have; may be repeated."),
    ] = None,
    about: Annotated[str, typer.Option("--about", help="What it is for.")] = "",
    project: ProjectOption = DEFAULT_PROJECT,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Have an address told what happens; its secret is shown this once."""
    body = {
        "url": url,
        "events": event,
        "templates": template or [],
        "labels": _labels(label or []),
        "description": about,
    }
    with open_client(server, token) as client:
        made = client.post(project_path(project, "webhooks"), body)
    _show_secret(made, Terminal(output))


@app.command()
def enable(
    webhook_id: IdArgument,
    *,
    project: ProjectOption = DEFAULT_PROJECT,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Tell a webhook what happens again, and what still waits for it."""
    _switch(project, webhook_id, server, token, output, enabled=True)


@app.command()
def disable(
    webhook_id: IdArgument,
    *,
    project: ProjectOption = DEFAULT_PROJECT,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Keep a webhook, and tell it nothing."""
    _switch(project, webhook_id, server, token, output, enabled=False)


@app.command()
def delete(
    webhook_id: IdArgument,
    *,
    project: ProjectOption = DEFAULT_PROJECT,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Take a webhook away, with its history."""
    terminal = Terminal(output)
    with open_client(server, token) as client:
        found = client.delete(project_path(project, "webhooks", webhook_id))
    if terminal.is_json:
        terminal.json(found)
    else:
        terminal.line(f"{found['url']} is told nothing any more")


@app.command("rotate-secret")
def rotate_secret(
    webhook_id: IdArgument,
    *,
    overlap: Annotated[
        int, typer.Option("--overlap", min=0, help="Seconds for which the old one signs, too.")
    ] = 86_400,
    project: ProjectOption = DEFAULT_PROJECT,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Give a webhook a new secret, shown this once."""
    path = project_path(project, "webhooks", webhook_id, "actions", "rotate-secret")
    with open_client(server, token) as client:
        found = client.post(path, {"overlap_seconds": overlap})
    _show_secret(found, Terminal(output))


@app.command()
def ping(
    webhook_id: IdArgument,
    *,
    project: ProjectOption = DEFAULT_PROJECT,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Send a webhook a test."""
    terminal = Terminal(output)
    with open_client(server, token) as client:
        made = client.post(project_path(project, "webhooks", webhook_id, "actions", "ping"))
    if terminal.is_json:
        terminal.json(made)
    else:
        terminal.line(f"{made['delivery_id']} is on its way")


@app.command()
def history(
    webhook_id: IdArgument,
    *,
    status: Annotated[
        str | None,
        typer.Option("--status", help="pending, delivered or given_up.", show_default=False),
    ] = None,
    most: Annotated[int, typer.Option("--most", min=1, help="Rows at most.")] = 50,
    project: ProjectOption = DEFAULT_PROJECT,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """List what a webhook was told, the latest first."""
    terminal = Terminal(output)
    path = project_path(project, "webhooks", webhook_id, "deliveries")
    with open_client(server, token) as client:
        rows = list(client.pages(path, {"status": status}, most=most))
    if terminal.is_json:
        terminal.json(rows)
        return
    names = ("delivery_id", "event", "occurred_at", "status", "attempts")
    terminal.rows(
        ["delivery", "event", "at", "outcome", "tries"],
        [[str(row[name]) for name in names] for row in rows],
    )


@app.command()
def redeliver(
    webhook_id: IdArgument,
    delivery_id: Annotated[
        UUID | None, typer.Argument(metavar="[DELIVERY_ID]", help="One; else --since.")
    ] = None,
    *,
    since: Annotated[
        datetime | None,
        typer.Option("--since", help="All that was given up of events from then on, in UTC."),
    ] = None,
    project: ProjectOption = DEFAULT_PROJECT,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Deliver again: one delivery, or all that was given up since an instant."""
    if (delivery_id is None) == (since is None):
        raise UsageError("Expected either a delivery or --since, but got both or neither")
    terminal = Terminal(output)
    path = project_path(project, "webhooks", webhook_id)
    with open_client(server, token) as client:
        if since is None:
            found = client.post(f"{path}/deliveries/{delivery_id}/actions/redeliver")
        else:
            body = {"since": since.replace(tzinfo=UTC).isoformat()}
            found = client.post(f"{path}/actions/redeliver", body)
    if terminal.is_json:
        terminal.json(found)
    else:
        terminal.line(f"{found.get('redelivered', 1)} on the way")


def _switch(
    project: str,
    webhook_id: UUID,
    server: str | None,
    token: str | None,
    output: OutputFormat,
    *,
    enabled: bool,
) -> None:
    terminal = Terminal(output)
    with open_client(server, token) as client:
        found = client.patch(project_path(project, "webhooks", webhook_id), {"enabled": enabled})
    if terminal.is_json:
        terminal.json(found)
    else:
        terminal.line(f"{found['url']} is {_state(found)}")


def _show_secret(found: JsonObject, terminal: Terminal) -> None:
    """Print a webhook with its secret, for which there is no second time."""
    if terminal.is_json:
        terminal.json(found)
        return
    terminal.line(f"webhook  {found['webhook_id']}")
    if found["secret"] is None:
        terminal.note("The answer with the secret was lost on its way: rotate it.")
    else:
        terminal.line(f"secret   {found['secret']}")


def _labels(texts: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError(f"Expected a label as name=value, but got {text}")
        found[name] = value
    return found


def _state(row: dict[str, Any]) -> str:
    if row["disabled_reason"] is not None:
        return f"disabled ({row['disabled_reason']})"
    return "failing" if row["failures"] else "enabled"
