"""``flowyard plugin``: what authors of plugins begin with."""

from pathlib import Path
from typing import Annotated

import typer

from flowyard_cli.commands.options import OutputOption
from flowyard_cli.errors import UsageError
from flowyard_cli.plugin_package import folder_name, plugin_package
from flowyard_cli.terminal import OutputFormat, Terminal

app = typer.Typer(help="Write plugins.", no_args_is_help=True)


@app.callback()
def options() -> None:
    """Write plugins."""


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="As flows will name it, such as 'restart_host'.")],
    *,
    directory: Annotated[
        Path | None,
        typer.Option(
            "--directory",
            "-d",
            help="Folder of the package; must be absent or empty. Left out,"
            " ./flowyard-plugin-NAME.",
            show_default=False,
        ),
    ] = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Write a package with one plugin, its tests and what finds it; nothing is overwritten."""
    terminal = Terminal(output)
    package = plugin_package(name)
    folder = directory or Path(folder_name(name))
    _write(folder, package)
    if terminal.is_json:
        terminal.json({"directory": str(folder), "files": [str(path) for path in package]})
        return
    for path in package:
        terminal.line(str(folder / path))
    terminal.note(f"Next: cd {folder}, read README.md, and make {name}@1.0 do what you need.")


def _write(folder: Path, package: dict[Path, str]) -> None:
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"Expected {folder} to be absent or empty, but something is there")
        for path, text in package.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"Expected to write to {folder}, but: {error.strerror}") from error
