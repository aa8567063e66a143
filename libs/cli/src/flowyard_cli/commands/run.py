"""``flowyard run``: from a file or a template to a finished instance, in one command."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from flowyard.engine.graph import InputSpec
from flowyard_cli.client import Client
from flowyard_cli.commands.apply import apply_definition, check_definition
from flowyard_cli.commands.options import (
    DEFAULT_PROJECT,
    OutputOption,
    PriorityOption,
    ProjectOption,
    ServerOption,
    TokenOption,
    open_client,
    project_path,
)
from flowyard_cli.commands.sharing import addressed, without_preset
from flowyard_cli.commands.watching import watch_to_the_end
from flowyard_cli.documents import compile_text, read_file
from flowyard_cli.errors import UsageError
from flowyard_cli.guidance import how_to_follow
from flowyard_cli.terminal import JsonObject, OutputFormat, Terminal
from flowyard_cli.variables import parse_pairs, parse_variables

LINK_KINDS = ("ticket", "commit", "artifact", "other")
"""What an outside reference may be."""

TEMPLATE_REFERENCE = re.compile(r"([a-z][a-z0-9_-]*/)?[A-Za-z0-9][A-Za-z0-9_-]*")
"""A template's key or id, perhaps with another project's name before it; else it is a file."""

_FILE_ENDINGS = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Startable:
    """A template version that an instance can be started from."""

    template: str
    version: int | None
    inputs: Sequence[InputSpec]


def run(
    what: Annotated[
        str, typer.Argument(metavar="FILE_OR_TEMPLATE", help="A definition, or a template's key.")
    ],
    *,
    var: Annotated[
        list[str] | None,
        typer.Option("--var", help="name=value for an input; name=@file takes it from a file."),
    ] = None,
    label: Annotated[
        list[str] | None, typer.Option("--label", help="name=value to find the instance by.")
    ] = None,
    link: Annotated[
        list[str] | None,
        typer.Option("--link", help="ticket|commit|artifact|other=address, an outside reference."),
    ] = None,
    scheme: Annotated[
        list[str] | None,
        typer.Option("--scheme", help="An execution scheme, instead of the template's default."),
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", help="An optional node to leave out.")
    ] = None,
    preset: Annotated[
        str | None, typer.Option("--preset", help="A preset, which --var completes or replaces.")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="What people call the run.")] = None,
    priority: PriorityOption = None,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Show it and stay until it ends.")
    ] = False,
    project: ProjectOption = DEFAULT_PROJECT,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Start an instance; a file is published first where it has changed.

    Exits with 0 when it succeeded, 1 when it failed or was cancelled, 2 when
    the command has to be given differently.
    """
    terminal = Terminal(output)
    labels = parse_pairs(label or (), "--label")
    links = [_link(text) for text in link or ()]
    source = _source(terminal, what)
    with open_client(server, token) as client:
        startable = _startable(client, project, what, source)
        specs = without_preset(client, project, startable.template, preset, startable.inputs)
        inputs = parse_variables(var or (), specs)
        body = {
            "template": startable.template,
            "version": startable.version,
            "preset": preset,
            "name": name,
            "inputs": inputs,
            "labels": labels,
            "links": links,
            "schemes": scheme,
            "excluded": exclude,
            "priority": priority,
            "start": True,
        }
        created: JsonObject = client.post(
            project_path(project, "instances"),
            {key: value for key, value in body.items() if value is not None},
        )
        instance_id = str(created["instance_id"])
        if wait:
            watch_to_the_end(terminal, client, instance_id)
        elif terminal.is_json:
            terminal.json(created)
        else:
            terminal.line(instance_id)
            terminal.note(f"Started. Follow it: {how_to_follow(instance_id)}")


def _source(terminal: Terminal, what: str) -> str | None:
    """Return the definition's text, or None where a template's key was given."""
    is_template = TEMPLATE_REFERENCE.fullmatch(what) is not None
    is_file = what.endswith(_FILE_ENDINGS) or Path(what).is_file() or not is_template
    if not is_file:
        return None
    text = read_file(Path(what))
    check_definition(terminal, Path(what), text)
    return text


def _startable(client: Client, project: str, what: str, source: str | None) -> Startable:
    if source is None:
        what = addressed(client, project, what)
        version = client.get(project_path(project, "templates", what))["latest_version"]
        if version is None:
            raise UsageError(f"Expected {what} to have a published version, but it has none")
        number = int(version)
        stored = client.get(project_path(project, "templates", what, "versions", number))
        _, graph = compile_text(stored["source"])
        return Startable(template=what, version=number, inputs=graph.inputs)
    key, graph = compile_text(source)
    result = apply_definition(client, project, source)
    return Startable(template=key, version=int(result["version"]), inputs=graph.inputs)


def _link(text: str) -> JsonObject:
    kind, equals, url = text.partition("=")
    if not equals or kind not in LINK_KINDS or not url:
        raise UsageError(
            f"Expected --link kind=address with a kind of {', '.join(LINK_KINDS)},"
            f" but got --link {text!r}"
        )
    return {"kind": kind, "url": url}
