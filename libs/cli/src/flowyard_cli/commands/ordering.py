"""Giving instances and nodes commands, one or many, and saying what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import typer

from flowyard_cli.client import Client, segment
from flowyard_cli.commands.options import open_client
from flowyard_cli.errors import RefusedError, UsageError, describe, exit_status
from flowyard_cli.follow import instance_path
from flowyard_cli.terminal import JsonObject, OutputFormat, Terminal

COMMAND_WAIT_SECONDS = 10
"""How long a command waits for its outcome; the scheduler settles one within milliseconds."""


@dataclass(frozen=True, slots=True)
class Connection:
    """What the options say about the server and the output."""

    server: str | None
    token: str | None
    output: OutputFormat


@dataclass(frozen=True, slots=True)
class Aim:
    """What a command is for."""

    instance: str
    node: str | None = None

    @property
    def name(self) -> str:
        """What it is called where several are listed."""
        return self.instance if self.node is None else self.node


def order(
    client: Client,
    instance: str,
    verb: str,
    *,
    node: str | None = None,
    body: JsonObject | None = None,
) -> JsonObject:
    """Give an instance, or a node of it, a command and return the command's outcome.

    Raises
    ------
    RefusedError
        Raised if the present status does not allow it.
    """
    below = ("nodes", segment(node)) if node is not None else ()
    path = instance_path(instance, *below, "actions", verb)
    result: JsonObject = client.post(path, body or {}, {"wait": COMMAND_WAIT_SECONDS})
    return result


def order_each(
    connection: Connection, verb: str, aims: Sequence[Aim], body: JsonObject | None = None
) -> None:
    """Give each of them a command and say what became of it; a refusal holds no other back.

    Raises
    ------
    RefusedError
        Raised if there is only one, and it is refused.
    typer.Exit
        Raised if one of several is refused, behind all others.
    """
    terminal = Terminal(connection.output)
    with open_client(connection.server, connection.token) as client:
        if len(aims) == 1:
            (aim,) = aims
            result = order(client, aim.instance, verb, node=aim.node, body=body)
            _say(terminal, verb, [result])
            return
        results, status = _order_all(client, verb, aims, body)
    _say(terminal, verb, results)
    if status:
        raise typer.Exit(status)


def order_in_status(
    connection: Connection, verb: str, instance: str, status: str, body: JsonObject | None = None
) -> None:
    """Give all nodes of an instance that are in a status a command, and say which took it.

    Raises
    ------
    typer.Exit
        Raised if one of them is refused.
    """
    terminal = Terminal(connection.output)
    path = instance_path(instance, "nodes", "actions", verb)
    with open_client(connection.server, connection.token) as client:
        taken = client.post(path, {**(body or {}), "status": [status]})
    if terminal.is_json:
        terminal.json(taken)
    else:
        for item in taken["items"]:
            problem = item["problem"]
            word = "accepted" if problem is None else f"refused: {problem['detail']}"
            terminal.line(f"{verb} {item['node_id']}: {word}")
        if taken["has_more"]:
            terminal.note("There are more: the same command goes on")
    if any(item["problem"] is not None for item in taken["items"]):
        raise typer.Exit(1)


def nodes_of(instance: str, nodes: Sequence[str] | None) -> list[Aim]:
    """Return the nodes that a command names.

    Raises
    ------
    UsageError
        Raised if there are none.
    """
    if not nodes:
        raise UsageError("Expected ids of nodes or --status, but got neither")
    return [Aim(instance, node) for node in nodes]


def _order_all(
    client: Client, verb: str, aims: Sequence[Aim], body: JsonObject | None
) -> tuple[list[JsonObject], int]:
    results: list[JsonObject] = []
    status = 0
    for aim in aims:
        named: JsonObject = {"target": aim.name}
        try:
            results.append({**named, **order(client, aim.instance, verb, node=aim.node, body=body)})
        except RefusedError as error:
            status = max(status, exit_status(error))
            results.append({**named, "refused": error.reason, "message": describe(error)})
    return results, status


def _say(terminal: Terminal, verb: str, results: Sequence[JsonObject]) -> None:
    is_alone = len(results) == 1 and "target" not in results[0]
    if terminal.is_json:
        terminal.json(results[0] if is_alone else list(results))
        return
    for result in results:
        name = verb if is_alone else f"{verb} {result['target']}"
        if "refused" in result:
            terminal.note(f"{name}: {result['message']}")
        elif result.get("outcome") is None:
            terminal.line(f"{name}: accepted, not carried out yet")
        else:
            terminal.line(f"{name}: {result['outcome']}")
