"""Staying with an instance until nothing goes on by itself, and saying how it ended."""

import typer

from flowyard_cli.client import Client
from flowyard_cli.errors import EXIT_FAILED
from flowyard_cli.follow import follow, instance_path
from flowyard_cli.guidance import how_to_follow, next_moves
from flowyard_cli.progress import show_progress
from flowyard_cli.terminal import Terminal
from flowyard_cli.views import InstanceView

EXIT_DETACHED = 130
"""The person stopped watching (128 and the number of the interrupt, as shells have it)."""


def watch_to_the_end(terminal: Terminal, client: Client, instance_id: str) -> None:
    """Show an instance until it ends or stands failed, then end the command with its status.

    Raises
    ------
    typer.Exit
        Raised with 1 if it did not succeed, with 130 if the person interrupted.
    """
    told = _Hints(terminal)
    try:
        views = (told.take(view) for view in follow(client, instance_id))
        settled = show_progress(terminal, views)
    except KeyboardInterrupt:
        terminal.note(f"No longer watching; it goes on. Follow it: {how_to_follow(instance_id)}")
        raise typer.Exit(EXIT_DETACHED) from None
    if terminal.is_json:
        terminal.json(client.get(instance_path(instance_id)))
    elif settled is not None:
        _conclude(terminal, settled)
    if settled is None or settled.status != "succeeded":
        raise typer.Exit(EXIT_FAILED)


class _Hints:
    """Says how to go on as soon as the instance waits for a person, once per cause.

    The live table says it itself.
    """

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._told: set[object] = set()

    def take(self, view: InstanceView) -> InstanceView:
        waiting = [node for node in view.nodes if node.needs_decision]
        cause = (
            view.status == "paused",
            tuple((node.node_id, node.reached_at) for node in waiting),
        )
        needs_help = waiting or view.status == "paused"
        if self._terminal.is_live or view.is_settled or not needs_help:
            return view
        if cause not in self._told:
            self._told.add(cause)
            for line in next_moves(view):
                self._terminal.note(line)
        return view


def _conclude(terminal: Terminal, view: InstanceView) -> None:
    if isinstance(view.outputs, dict):
        for name, value in view.outputs.items():
            terminal.line(f"{name} = {value}")
    for line in next_moves(view):
        terminal.note(line)
