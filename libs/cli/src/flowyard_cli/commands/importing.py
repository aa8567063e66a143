"""``flowyard import``: flows of other systems as native definitions."""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
import yaml

from flowyard.document import to_yaml
from flowyard.interchange import (
    ComponentTable,
    Diagnostic,
    Import,
    ImportedTemplate,
    InterchangeError,
    Severity,
    import_bk_sops,
    read_components,
)
from flowyard_cli.commands.options import OutputOption
from flowyard_cli.documents import read_file
from flowyard_cli.errors import EXIT_FAILED, UsageError
from flowyard_cli.terminal import JsonObject, OutputFormat, Terminal

app = typer.Typer(no_args_is_help=True, help="Take over flows of other systems.")


@app.callback()
def options() -> None:
    """Take over flows of other systems."""


@app.command("bk-sops")
def bk_sops(
    files: Annotated[
        list[Path],
        typer.Argument(help="Trees as JSON, YAML v1, .dat exports or a2flow v2."),
    ],
    *,
    write: Annotated[
        Path | None,
        typer.Option("--write", "-w", help="Folder to write definitions to.", show_default=False),
    ] = None,
    components: Annotated[
        Path | None,
        typer.Option(
            "--components",
            help="YAML table of plugins for components, before Flowyard's own.",
            show_default=False,
        ),
    ] = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Turn flows of bk-sops and bamboo into definitions, and say what became of them.

    Nothing is sent anywhere. An error is what a person has to change before the
    template does what the flow did; a warning is what is lost; a note is what is
    written in another way. Exits with 1 when there is an error.
    """
    terminal = Terminal(output)
    table = None if components is None else _table(components)
    imports = {file: _import(read_file(file), table) for file in files}
    if write is not None:
        _write(write, imports.values(), terminal)
    if terminal.is_json:
        terminal.json(_report(imports))
    else:
        for file, result in imports.items():
            _tell(terminal, file, result)
    if any(result.has_errors for result in imports.values()):
        raise typer.Exit(EXIT_FAILED)


def _table(file: Path) -> ComponentTable:
    try:
        return read_components(yaml.safe_load(read_file(file)))
    except (yaml.YAMLError, InterchangeError) as error:
        raise UsageError(f"Expected {file} to be a table of components, but {error}") from error


def _import(text: str, table: ComponentTable | None) -> Import:
    try:
        return import_bk_sops(text, components=table)
    except InterchangeError as error:
        unreadable = Diagnostic(severity=Severity.ERROR, code=error.code, reason=str(error))
        return Import(templates=(), diagnostics=(unreadable,))


def _write(folder: Path, imports: Iterable[Import], terminal: Terminal) -> None:
    """Write each definition to a file of its own; none is ever overwritten."""
    templates: dict[Path, ImportedTemplate] = {}
    for template in (one for result in imports for one in result.templates):
        file = folder / f"{template.key}.yaml"
        if file in templates or file.exists():
            raise UsageError(f"Expected to write {file}, but there is one already")
        templates[file] = template
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, template in templates.items():
            file.write_text(to_yaml(template.document), encoding="utf-8")
            terminal.note(f"Wrote {file}")
    except OSError as error:
        raise UsageError(f"Expected to write to {folder}, but: {error.strerror}") from error


def _report(imports: dict[Path, Import]) -> JsonObject:
    return {
        "templates": [
            {"file": str(file), **asdict(template)}
            for file, result in imports.items()
            for template in result.templates
        ],
        "diagnostics": [
            {"file": str(file), **asdict(diagnostic)}
            for file, result in imports.items()
            for diagnostic in result.diagnostics
        ],
    }


def _tell(terminal: Terminal, file: Path, result: Import) -> None:
    for template in result.templates:
        nodes = template.document["nodes"]
        count = len(nodes) if isinstance(nodes, list) else 0
        title = f" ({template.title})" if template.title else ""
        terminal.line(f"{file}: template {template.key}{title}, {count} nodes")
    for diagnostic in result.diagnostics:
        terminal.line(f"{file}: {_diagnostic_line(diagnostic)}")


def _diagnostic_line(diagnostic: Diagnostic) -> str:
    place = ".".join(map(str, diagnostic.path))
    node = f" [{diagnostic.node_id}]" if diagnostic.node_id else ""
    repair = f" {diagnostic.repair}" if diagnostic.repair else ""
    where = f" (at {place})" if place else ""
    return f"{diagnostic.severity.value} {diagnostic.code}{node} {diagnostic.reason}{where}{repair}"
