"""``flowyard queues``: how much waits, and for how long."""

from typing import Annotated

import typer

from flowyard_cli.client import API, segment
from flowyard_cli.commands.options import OutputOption, ServerOption, TokenOption, open_client
from flowyard_cli.terminal import JsonObject, OutputFormat, Terminal

_TITLES = ("waiting", "handed out", "running", "window", "ended/s", "oldest", "starts waiting")


def show_queues(
    queue: Annotated[
        str | None, typer.Argument(help="Show this one, and what is whose; else all.")
    ] = None,
    *,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Show how many steps and starts wait in the queues, and for how long."""
    terminal = Terminal(output)
    with open_client(server, token) as client:
        if queue is None:
            found = client.get(f"{API}/queues")["items"]
        else:
            found = client.get(f"{API}/queues/{segment(queue)}")
    if terminal.is_json:
        terminal.json(found)
    elif queue is None:
        if not found:
            terminal.note("Nothing waits, and nothing goes on")
        terminal.rows(["queue", *_TITLES], [[one["queue"], *_numbers(one)] for one in found])
    else:
        terminal.rows(list(_TITLES), [_numbers(found)])
        terminal.line()
        terminal.rows(
            ["project", "waiting", "handed out", "oldest", "starts waiting"],
            [
                [
                    one["project"],
                    str(one["waiting"]),
                    str(one["handed_out"]),
                    _age(one["oldest_waiting_seconds"]),
                    str(one["waiting_starts"]),
                ]
                for one in found["projects"]
            ],
        )


def _numbers(queue: JsonObject) -> list[str]:
    return [
        str(queue["waiting"]),
        str(queue["handed_out"]),
        str(queue["running"]),
        str(queue["window"]),
        f"{queue['ended_per_second']:.1f}",
        _age(queue["oldest_waiting_seconds"]),
        str(queue["waiting_starts"]),
    ]


def _age(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds else "-"
