"""``flowyard nodes``: stepping in at single nodes."""

from typing import Annotated

import typer

from flowyard_cli.client import Client, segment
from flowyard_cli.commands.instances import InstanceArgument, NodeArgument
from flowyard_cli.commands.options import OutputOption, ServerOption, TokenOption, open_client
from flowyard_cli.commands.ordering import (
    Aim,
    Connection,
    nodes_of,
    order_each,
    order_in_status,
)
from flowyard_cli.errors import UsageError
from flowyard_cli.follow import instance_path
from flowyard_cli.terminal import JsonObject, OutputFormat
from flowyard_cli.variables import holds_reference, parse_loose, parse_object

app = typer.Typer(
    help="Step in at nodes; items of maps are called deploy:3, inner nodes deploy.build.",
    no_args_is_help=True,
)

NodesArgument = Annotated[
    list[str] | None, typer.Argument(metavar="NODE...", help="Ids of nodes.", show_default=False)
]
NodeStatusOption = Annotated[
    str | None,
    typer.Option("--status", help="Instead of ids: all nodes in this one.", show_default=False),
]
CommentOption = Annotated[str, typer.Option("--comment", help="Why; kept with the decision.")]
VarOption = Annotated[
    list[str] | None,
    typer.Option("--var", help="name=value: another value for one input, JSON or text."),
]
InputsOption = Annotated[
    str | None,
    typer.Option("--inputs", help="All inputs anew, as a JSON object; @file takes a file."),
]


@app.command()
def retry(
    instance: InstanceArgument,
    node: NodesArgument = None,
    *,
    var: VarOption = None,
    inputs: InputsOption = None,
    status: NodeStatusOption = None,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Run failed nodes again, one of them with other inputs where they are given."""
    connection = Connection(server, token, output)
    body = _inputs(connection, instance, node, var, inputs)
    _order(connection, "retry", instance, nodes=node, status=status, body=body)


@app.command()
def skip(
    instance: InstanceArgument,
    node: NodesArgument = None,
    *,
    status: NodeStatusOption = None,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Pass over failed nodes."""
    _order(Connection(server, token, output), "skip", instance, nodes=node, status=status)


@app.command("force-fail")
def force_fail(
    instance: InstanceArgument,
    node: NodesArgument = None,
    *,
    message: Annotated[
        str, typer.Option("--message", "-m", help="Why; shown as its failure.")
    ] = "",
    status: NodeStatusOption = None,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Stop nodes that work or wait; their plugins are told."""
    body: JsonObject = {"message": message}
    _order(
        Connection(server, token, output),
        "force-fail",
        instance,
        nodes=node,
        status=status,
        body=body,
    )


@app.command("force-succeed")
def force_succeed(
    instance: InstanceArgument,
    node: NodeArgument,
    *,
    outputs: Annotated[
        str, typer.Option("--outputs", help="As a JSON object; @file takes a file.")
    ] = "{}",
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Let a node count as succeeded, with the outputs that are given."""
    body: JsonObject = {"outputs": parse_object(outputs, "--outputs")}
    order_each(Connection(server, token, output), "force-succeed", [Aim(instance, node)], body)


@app.command()
def pause(
    instance: InstanceArgument,
    node: NodesArgument = None,
    *,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Have the next token that reaches a node stop there."""
    _order(Connection(server, token, output), "pause", instance, nodes=node)


@app.command()
def resume(
    instance: InstanceArgument,
    node: NodesArgument = None,
    *,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Take a stop back, and let a token in that waits."""
    _order(Connection(server, token, output), "resume", instance, nodes=node)


@app.command()
def choose(
    instance: InstanceArgument,
    node: NodeArgument,
    target: Annotated[
        list[str], typer.Argument(metavar="TARGET...", help="Where the chosen branches lead to.")
    ],
    *,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Say which way a token takes at a gateway that has failed."""
    order_each(
        Connection(server, token, output), "choose", [Aim(instance, node)], {"targets": target}
    )


@app.command("reset-timer")
def reset_timer(
    instance: InstanceArgument,
    node: NodesArgument = None,
    *,
    after: Annotated[
        float, typer.Option("--after", min=0, help="Seconds from now; 0 ends the wait at once.")
    ],
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Have a wait for a time, or the pause before a retry, end at another time."""
    body: JsonObject = {"after_seconds": after}
    _order(Connection(server, token, output), "reset-timer", instance, nodes=node, body=body)


@app.command()
def restart(
    instance: InstanceArgument,
    node: NodesArgument = None,
    *,
    inputs: InputsOption = None,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Begin subflows once more from their start."""
    body: JsonObject = {} if inputs is None else {"inputs": parse_object(inputs, "--inputs")}
    _order(Connection(server, token, output), "restart", instance, nodes=node, body=body)


@app.command()
def approve(
    instance: InstanceArgument,
    node: NodesArgument = None,
    *,
    comment: CommentOption = "",
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Say yes where a node waits for a decision."""
    body: JsonObject = {"comment": comment}
    _order(Connection(server, token, output), "approve", instance, nodes=node, body=body)


@app.command()
def reject(
    instance: InstanceArgument,
    node: NodesArgument = None,
    *,
    comment: CommentOption = "",
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Say no where a node waits for a decision."""
    body: JsonObject = {"comment": comment}
    _order(Connection(server, token, output), "reject", instance, nodes=node, body=body)


def _order(
    connection: Connection,
    verb: str,
    instance: str,
    *,
    nodes: list[str] | None,
    status: str | None = None,
    body: JsonObject | None = None,
) -> None:
    if status is None:
        order_each(connection, verb, nodes_of(instance, nodes), body)
    elif nodes:
        raise UsageError("Expected ids of nodes or --status, but got both")
    else:
        order_in_status(connection, verb, instance, status, body)


def _inputs(
    connection: Connection,
    instance: str,
    nodes: list[str] | None,
    var: list[str] | None,
    inputs: str | None,
) -> JsonObject:
    if var and inputs is not None:
        raise UsageError("Expected --var or --inputs, but got both")
    if not var and inputs is None:
        return {}
    if nodes is None or len(nodes) != 1:
        raise UsageError("Expected one node for other inputs, but got none or several")
    if inputs is not None:
        return {"inputs": parse_object(inputs, "--inputs")}
    changed = parse_loose(var or [])
    with open_client(connection.server, connection.token) as client:
        return {"inputs": {**_last_inputs(client, instance, nodes[0]), **changed}}


def _last_inputs(client: Client, instance: str, node: str) -> JsonObject:
    found = client.get(instance_path(instance, "nodes", segment(node)))
    attempts = found["attempts"]
    latest = max(attempts, key=lambda attempt: int(attempt["number"]), default=None)
    last: JsonObject = (latest["inputs"] if latest else None) or {}
    if holds_reference(last):
        raise UsageError(
            f"Expected inputs of {node} that can be sent again, but they refer to secrets:"
            " give all of them with --inputs, or retry without changes"
        )
    return last
