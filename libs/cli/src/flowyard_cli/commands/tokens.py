"""``flowyard token``: bearer tokens, made and revoked directly on the database."""

from typing import Annotated
from uuid import UUID

import typer

from flowyard_cli.commands.options import DataOption, OutputOption, operator_folder
from flowyard_cli.errors import UsageError, needing
from flowyard_cli.running import run_loop
from flowyard_cli.settings import OperatorSettings
from flowyard_cli.terminal import JsonObject, OutputFormat, Terminal

app = typer.Typer(
    help="Make and revoke bearer tokens; needs the database itself.", no_args_is_help=True
)


@app.command()
def create(
    *,
    actor: Annotated[str, typer.Option("--actor", help="Who acts with it; kept with each act.")],
    data: DataOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Make a token and print it; it is never shown again."""
    if not actor.strip():
        raise UsageError("Expected --actor to name somebody, but it is empty")
    terminal = Terminal(output)
    with needing("token", "storage"):
        from flowyard_cli.operating import create_token_of  # noqa: PLC0415
    issued = run_loop(
        create_token_of(OperatorSettings(), operator_folder(data), actor=actor.strip())
    )
    if terminal.is_json:
        terminal.json(issued)
    else:
        terminal.line(str(issued["token"]))
        terminal.note(f"Token {issued['token_id']} of {issued['actor']}; keep it, it is not stored")


@app.command("list")
def list_tokens(*, data: DataOption = None, output: OutputOption = OutputFormat.TEXT) -> None:
    """List tokens; the tokens themselves are not stored."""
    terminal = Terminal(output)
    with needing("token", "storage"):
        from flowyard_cli.operating import all_tokens  # noqa: PLC0415
    rows = run_loop(all_tokens(OperatorSettings(), operator_folder(data)))
    if terminal.is_json:
        terminal.json(rows)
        return
    terminal.rows(
        ["token", "actor", "created", "revoked"],
        [[_text(row, name) for name in _COLUMNS] for row in rows],
    )


@app.command()
def revoke(
    token_id: Annotated[UUID, typer.Argument(metavar="TOKEN_ID", help="As 'list' shows it.")],
    *,
    data: DataOption = None,
) -> None:
    """Make a token worthless."""
    with needing("token", "storage"):
        from flowyard_cli.operating import revoke_token_of  # noqa: PLC0415
    run_loop(revoke_token_of(OperatorSettings(), operator_folder(data), token_id))
    Terminal().line(f"{token_id} is revoked")


_COLUMNS = ("token_id", "actor", "created_at", "revoked_at")


def _text(row: JsonObject, name: str) -> str:
    return "" if row[name] is None else str(row[name])
