"""``flowyard secret``: values that only the plugin gateway may open."""

import getpass
import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from flowyard_cli.commands.options import (
    DEFAULT_PROJECT,
    DataOption,
    OutputOption,
    ProjectOption,
    operator_folder,
)
from flowyard_cli.errors import UsageError, needing
from flowyard_cli.running import run_loop
from flowyard_cli.settings import OperatorSettings
from flowyard_cli.terminal import OutputFormat, Terminal

app = typer.Typer(
    help="Set and delete secrets; needs the database, and to set them the plugin gateway's key.",
    no_args_is_help=True,
)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="As in ${secrets.NAME}.")]

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@app.command("set")
def set_value(
    name: NameArgument,
    *,
    value_file: Annotated[
        Path | None, typer.Option("--value-file", help="Take the value from this file.")
    ] = None,
    value_stdin: Annotated[
        bool, typer.Option("--value-stdin", help="Take the value from standard input.")
    ] = False,
    project: ProjectOption = DEFAULT_PROJECT,
    data: DataOption = None,
) -> None:
    """Set a secret; without an option the value is asked for.

    The value is never an argument: those can be read by everybody on the machine.
    One line break at the end of a file or of standard input is left out.
    """
    if _NAME.fullmatch(name) is None:
        raise UsageError(f"Expected a name of letters, digits and _, but got '{name}'")
    if value_file is not None and value_stdin:
        raise UsageError("Expected --value-file or --value-stdin, but got both")
    with needing("secret set", "gateway"):
        from flowyard_cli.sealing import set_secret  # noqa: PLC0415
    value = _value(value_file, is_stdin=value_stdin)
    run_loop(
        set_secret(
            OperatorSettings(),
            operator_folder(data),
            project=project,
            name=name,
            value=value,
            actor=getpass.getuser(),
        )
    )
    Terminal().line(f"{name} is set")


@app.command("list")
def list_names(
    *,
    project: ProjectOption = DEFAULT_PROJECT,
    data: DataOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """List the names of a project's secrets."""
    with needing("secret list", "storage"):
        from flowyard_cli.operating import all_secrets  # noqa: PLC0415
    terminal = Terminal(output)
    rows = run_loop(all_secrets(OperatorSettings(), operator_folder(data), project=project))
    if terminal.is_json:
        terminal.json(rows)
        return
    terminal.rows(
        ["secret", "by", "updated"],
        [[str(row["name"]), str(row["actor"]), str(row["updated_at"])] for row in rows],
    )


@app.command()
def delete(
    name: NameArgument, *, project: ProjectOption = DEFAULT_PROJECT, data: DataOption = None
) -> None:
    """Delete a secret."""
    with needing("secret delete", "storage"):
        from flowyard_cli.operating import remove_secret  # noqa: PLC0415
    run_loop(remove_secret(OperatorSettings(), operator_folder(data), project=project, name=name))
    Terminal().line(f"{name} is deleted")


def _value(file: Path | None, *, is_stdin: bool) -> str:
    if file is not None:
        try:
            text = file.read_text()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"Expected to read {file}, but: {error}") from error
    elif is_stdin:
        text = sys.stdin.read()
    else:
        text = str(typer.prompt("Value", hide_input=True, confirmation_prompt=True))
    value = text.removesuffix("\n").removesuffix("\r")
    if not value:
        raise UsageError("Expected a value, but it is empty")
    return value
