"""Options that many commands share, and what they open."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from flowyard_cli.client import API, Client, segment
from flowyard_cli.data_folder import DataFolder, find_data_folder
from flowyard_cli.settings import ClientSettings
from flowyard_cli.target import find_target
from flowyard_cli.terminal import OutputFormat, Terminal

DEFAULT_PROJECT = "example"
"""The project that ``flowyard dev`` creates."""

ServerOption = Annotated[
    str | None,
    typer.Option(
        "--server",
        help="Address of the API; else FLOWYARD_SERVER, else the data folder's.",
        show_default=False,
    ),
]
"""Which server to talk to."""

TokenOption = Annotated[
    str | None,
    typer.Option(
        "--token",
        help="Bearer token; else FLOWYARD_TOKEN, else the data folder's.",
        show_default=False,
    ),
]
"""What proves who asks."""

ProjectOption = Annotated[
    str, typer.Option("--project", "-p", help="Project that the templates and instances are in.")
]
"""Which project to work in."""

OutputOption = Annotated[
    OutputFormat, typer.Option("--output", "-o", help="Text for people, JSON for scripts.")
]
"""How the result is written."""

PriorityOption = Annotated[
    int | None,
    typer.Option("--priority", min=0, max=9, help="The higher the sooner.", show_default=False),
]
"""How soon the steps of a new instance are handed out; not given where None."""

DataOption = Annotated[
    Path | None,
    typer.Option("--data", help="Data folder of 'flowyard dev'.", show_default=False),
]
"""Which data folder to work on."""


@contextmanager
def open_client(server: str | None, token: str | None) -> Iterator[Client]:
    """Open a client of the server that the options, the environment or a data folder name."""
    target = find_target(server=server, token=token, settings=ClientSettings(), start=Path.cwd())
    with Client(target, say=Terminal().note) as client:
        yield client


def operator_folder(data: Path | None) -> DataFolder | None:
    """Return the data folder that is named, or the nearest one."""
    named = data or ClientSettings().data
    return DataFolder(named) if named else find_data_folder(Path.cwd())


def project_path(project: str, *parts: object) -> str:
    """Return the address of something in a project."""
    segments = "/".join(part if part in _WORDS else segment(part) for part in map(str, parts))
    return f"{API}/projects/{segment(project)}/{segments}"


_WORDS = frozenset(
    {
        *("templates", "instances", "actions", "versions", "draft", "diff", "variables"),
        *("imports", "export", "archives"),
    }
)
