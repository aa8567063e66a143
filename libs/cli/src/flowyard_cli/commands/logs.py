"""``flowyard instances logs``: what a plugin has said about what it does."""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer
from rich.text import Text

from flowyard_cli.client import Client, segment
from flowyard_cli.commands.instances import InstanceArgument, NodeArgument
from flowyard_cli.commands.options import OutputOption, ServerOption, TokenOption, open_client
from flowyard_cli.errors import UsageError
from flowyard_cli.follow import SILENCE_SECONDS, Patience, instance_path, read_events
from flowyard_cli.terminal import JsonObject, OutputFormat, Terminal

_STYLES = {"debug": "dim", "info": "", "warning": "yellow", "error": "bold red"}


class LogLevel(StrEnum):
    """How much a line matters, the least first."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def logs(
    instance: InstanceArgument,
    node: NodeArgument,
    *,
    attempt: Annotated[
        int | None, typer.Option("--attempt", min=1, help="Its number; else the latest.")
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on until the attempt has ended.")
    ] = False,
    level: Annotated[
        LogLevel, typer.Option("--level", help="Leave out what matters less.")
    ] = LogLevel.DEBUG,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Show what a node has logged."""
    terminal = Terminal(output)
    with open_client(server, token) as client:
        number = latest_attempt(client, instance, node) if attempt is None else attempt
        lines = read_log(client, instance, node, number, level=level, follow=follow)
        if terminal.is_json:
            terminal.json(list(lines))
            return
        for line in lines:
            terminal.line(_line(line))


def latest_attempt(client: Client, instance: str, node: str) -> int:
    """Return the number of a node's latest attempt.

    Raises
    ------
    UsageError
        Raised if there is none yet.
    """
    found = client.get(instance_path(instance, "nodes", segment(node)))
    numbers = [int(attempt["number"]) for attempt in found["attempts"]]
    if not numbers:
        raise UsageError(f"Expected a node that was begun, but {node} is {found['status']}")
    return max(numbers)


def read_log(
    client: Client,
    instance: str,
    node: str,
    number: int,
    *,
    level: LogLevel = LogLevel.DEBUG,
    follow: bool = False,
) -> Iterator[JsonObject]:
    """Yield the lines of an attempt's log in order.

    Parameters
    ----------
    level
        Leaves out what matters less.
    follow
        Goes on until the attempt has ended, and yields lines as they come.
    """
    path = instance_path(instance, "nodes", segment(node), "attempts", str(number), "logs")
    if follow:
        yield from _follow(client, f"{path}/stream", level)
        return
    after = 0
    while True:
        page = client.get(path, {"after": after, "level": level.value})
        yield from page["lines"]
        if page["is_complete"] or not page["lines"]:
            return
        after = page["next_after"]


def _follow(client: Client, path: str, level: LogLevel) -> Iterator[JsonObject]:
    """Yield lines as they come; a stream that breaks off is opened again behind the last one."""
    after = 0
    patience = Patience(client)
    while True:
        asked = {"after": after, "level": level.value}
        with patience, client.stream(path, asked, silence_seconds=SILENCE_SECONDS) as lines:
            for event in read_events(lines):
                patience.renew()
                if "sequence" not in event:
                    return
                after = int(event["sequence"])
                yield event
        patience.rest()


def _line(line: JsonObject) -> Text:
    at = datetime.fromisoformat(line["at"]).astimezone().strftime("%H:%M:%S.%f")[:-3]
    word = str(line["level"]).upper().ljust(7)
    return Text.assemble(
        (at, "dim"), " ", (word, _STYLES.get(line["level"], "")), " ", line["text"]
    )
