"""``flowyard validate``: what is wrong with definition files, place by place."""

from pathlib import Path
from typing import Annotated

import typer

from flowyard.contracts.plugin_api import PluginInfo
from flowyard.document import Problem
from flowyard_cli.client import API
from flowyard_cli.commands.options import OutputOption, ServerOption, TokenOption, open_client
from flowyard_cli.documents import Plugins, problem_line, problem_object, problems_of, read_file
from flowyard_cli.errors import EXIT_FAILED, NoServerError, ServerUnreachableError
from flowyard_cli.terminal import OutputFormat, Terminal


def validate(
    files: Annotated[list[Path], typer.Argument(help="Definitions in YAML or JSON.")],
    *,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask no server which plugins there are.")
    ] = False,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Say what is wrong with definitions, by file, line and node.

    Structure and expressions are checked here; plugins and their inputs too
    where a server can be asked. Exits with 1 when something is wrong.
    """
    terminal = Terminal(output)
    texts = {file: read_file(file) for file in files}
    plugins = None if offline else _known_plugins(terminal, server, token)
    found = [
        (file, problem)
        for file, text in texts.items()
        for problem in problems_of(text, plugins=plugins)
    ]
    _report(terminal, files, found, has_plugins=plugins is not None)
    if found:
        raise typer.Exit(EXIT_FAILED)


def _known_plugins(terminal: Terminal, server: str | None, token: str | None) -> Plugins | None:
    try:
        with open_client(server, token) as client:
            answer = client.get(f"{API}/plugins")
    except (NoServerError, ServerUnreachableError) as error:
        if server is not None:
            raise
        terminal.note(f"Plugins were not checked: {error}")
        return None
    infos = [PluginInfo.model_validate(item) for item in answer["items"]]
    return {(info.name, info.version): info for info in infos}


def _report(
    terminal: Terminal,
    files: list[Path],
    found: list[tuple[Path, Problem]],
    *,
    has_plugins: bool,
) -> None:
    if terminal.is_json:
        problems = [problem_object(file, problem) for file, problem in found]
        terminal.json({"problems": problems, "plugins_checked": has_plugins})
        return
    for file, problem in found:
        terminal.line(problem_line(file, problem))
    broken = {file for file, _ in found}
    for file in files:
        if file not in broken:
            terminal.line(f"{file}: ok")
