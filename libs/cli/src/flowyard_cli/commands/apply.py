"""``flowyard apply``: definition files become published template versions."""

from pathlib import Path
from typing import Annotated

import typer

from flowyard.document import DocumentError
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
from flowyard_cli.documents import compile_text, problem_line, problem_object, read_file
from flowyard_cli.errors import EXIT_USAGE
from flowyard_cli.terminal import JsonObject, OutputFormat, Terminal


def apply_definition(client: Client, project: str, text: str) -> JsonObject:
    """Publish a definition if it differs from the newest version.

    Returns
    -------
    dict
        The ``template``'s key, its newest ``version`` and whether that has ``changed``.
    """
    path = project_path(project, "templates", "actions", "apply")
    answer = client.post_yaml(path, text)
    return {
        "template": answer["template"]["key"],
        "version": answer["version"]["number"],
        "changed": answer["changed"],
    }


def check_definition(terminal: Terminal, file: Path, text: str) -> str:
    """Return a definition's key, or end the command with what is wrong with it."""
    try:
        key, _ = compile_text(text)
    except DocumentError as error:
        if terminal.is_json:
            problems = [problem_object(file, problem) for problem in error.problems]
            terminal.json({"problems": problems})
        for problem in error.problems:
            terminal.note(problem_line(file, problem))
        raise typer.Exit(EXIT_USAGE) from error
    return key


def apply(
    files: Annotated[list[Path], typer.Argument(help="Definitions in YAML or JSON.")],
    *,
    project: ProjectOption = DEFAULT_PROJECT,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Publish definitions, each as a new version of its template if it has changed.

    A definition that uses another one as a subflow goes behind it.
    """
    terminal = Terminal(output)
    texts = {file: read_file(file) for file in files}
    for file, text in texts.items():
        check_definition(terminal, file, text)
    results: list[JsonObject] = []
    with open_client(server, token) as client:
        for file, text in texts.items():
            result = apply_definition(client, project, text)
            results.append({"file": str(file), **result})
            if not terminal.is_json:
                terminal.line(f"{file}: {_words(result)}")
    if terminal.is_json:
        terminal.json(results)


def _words(result: JsonObject) -> str:
    what = "published as" if result["changed"] else "unchanged, still"
    return f"{what} {result['template']} version {result['version']}"
