"""``flowyard import``: flows of other systems as native definitions, here or on a server."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
import yaml

from flowyard.document import to_yaml
from flowyard.interchange import (
    ComponentTable,
    Import,
    ImportedTemplate,
    InterchangeError,
    SourceFile,
    import_files,
    read_components,
)
from flowyard_cli.commands.options import (
    DEFAULT_PROJECT,
    OutputOption,
    ProjectOption,
    ServerOption,
    TokenOption,
    open_client,
    project_path,
)
from flowyard_cli.documents import read_file
from flowyard_cli.errors import EXIT_FAILED, UsageError
from flowyard_cli.terminal import JsonObject, OutputFormat, Terminal

MAX_IMPORT_BYTES = 16 * 1024 * 1024
"""Largest file: exports hold all flows of a project, and a server takes no more."""

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
    apply: Annotated[
        bool, typer.Option("--apply", help="Store them as drafts on the server.")
    ] = False,
    publish: Annotated[
        bool, typer.Option("--publish", help="Store and publish them; those with errors as drafts.")
    ] = False,
    components: Annotated[
        Path | None,
        typer.Option(
            "--components",
            help="YAML table of plugins for components, before Flowyard's own.",
            show_default=False,
        ),
    ] = None,
    prefix: Annotated[str, typer.Option("--prefix", help="Begins the keys of all templates.")] = "",
    project: ProjectOption = DEFAULT_PROJECT,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Turn flows of bk-sops and bamboo into definitions, and say what became of them.

    Nothing is sent anywhere without --apply or --publish. An error is what a person
    has to change before the template does what the flow did; a warning is what is
    lost or surprising; a note is what is written in another way. Exits with 1 when
    there is an error, or a template was refused.
    """
    terminal = Terminal(output)
    rules = None if components is None else _rules(components)
    sources = [
        SourceFile(name=str(file), text=read_file(file, most_bytes=MAX_IMPORT_BYTES))
        for file in files
    ]
    is_sent = apply or publish
    if is_sent and write is not None:
        raise UsageError("Expected --write or --apply, but both are given")
    if is_sent:
        body = {
            "files": [{"name": source.name, "text": source.text} for source in sources],
            "components": rules,
            "key_prefix": prefix,
            "mode": "publish" if publish else "draft",
        }
        with open_client(server, token) as client:
            report = client.post(project_path(project, "imports"), body)
    else:
        table = None if rules is None else _table(rules, components)
        result = import_files(sources, components=table, key_prefix=prefix)
        if write is not None:
            _write(write, result.templates, terminal)
        report = _report(result)
    _tell(terminal, report)
    if _has_failed(report):
        raise typer.Exit(EXIT_FAILED)


def _rules(file: Path) -> JsonObject:
    try:
        rules = yaml.safe_load(read_file(file))
    except yaml.YAMLError as error:
        raise UsageError(f"Expected {file} to be a table of components, but {error}") from error
    _table(rules, file)
    return dict(rules or {})


def _table(rules: object, file: Path | None) -> ComponentTable:
    try:
        return read_components(rules)
    except InterchangeError as error:
        raise UsageError(f"Expected {file} to be a table of components, but {error}") from error


def _write(folder: Path, imported: Iterable[ImportedTemplate], terminal: Terminal) -> None:
    """Write each definition to a file of its own; none is ever overwritten."""
    templates: dict[Path, ImportedTemplate] = {}
    for template in imported:
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


def _report(result: Import) -> JsonObject:
    return {
        "templates": [asdict(template) for template in result.templates],
        "diagnostics": [asdict(diagnostic) for diagnostic in result.diagnostics],
    }


def _has_failed(report: JsonObject) -> bool:
    has_errors = any(one["severity"] == "error" for one in report["diagnostics"])
    return has_errors or any(one.get("outcome") == "refused" for one in report["templates"])


def _tell(terminal: Terminal, report: JsonObject) -> None:
    if terminal.is_json:
        terminal.json(report)
        return
    for template in report["templates"]:
        for line in _template_lines(template):
            terminal.line(line)
    for diagnostic in report["diagnostics"]:
        terminal.line(f"{diagnostic['file']}: {diagnostic_line(diagnostic)}")


def _template_lines(template: JsonObject) -> Sequence[str]:
    title = f" ({template['title']})" if template["title"] else ""
    count = len(template["document"]["nodes"])
    line = f"{template['file']}: template {template['key']}{title}, {count} nodes"
    if "outcome" not in template:
        return [line]
    version = "" if template["version"] is None else f" version {template['version']}"
    problems = [
        f"{template['file']}: {template['key']} {one['type']}"
        f"{' [' + one['node_id'] + ']' if one.get('node_id') else ''} {one['msg']}"
        for one in template["problems"]
    ]
    return [f"{line}: {template['outcome']}{version}", *problems]


def diagnostic_line(diagnostic: JsonObject) -> str:
    """Return a diagnostic as one line, without its file."""
    place = ".".join(map(str, diagnostic["path"]))
    node = f" [{diagnostic['node_id']}]" if diagnostic["node_id"] else ""
    repair = f" {diagnostic['repair']}" if diagnostic["repair"] else ""
    where = f" (at {place})" if place else ""
    told = f"{diagnostic['severity']} {diagnostic['code']}{node} {diagnostic['reason']}"
    return f"{told}{where}{repair}"
