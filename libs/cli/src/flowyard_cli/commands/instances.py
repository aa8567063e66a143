"""``flowyard instances``: finding instances, looking at them, operating them."""

from typing import Annotated

import typer

from flowyard_cli.client import Client, segment
from flowyard_cli.commands.options import (
    DEFAULT_PROJECT,
    OutputOption,
    ProjectOption,
    ServerOption,
    TokenOption,
    open_client,
    project_path,
)
from flowyard_cli.commands.watching import watch_to_the_end
from flowyard_cli.errors import UsageError
from flowyard_cli.follow import instance_path, read_instance
from flowyard_cli.guidance import next_moves
from flowyard_cli.progress import describe_duration
from flowyard_cli.terminal import JsonObject, OutputFormat, Terminal, status_text
from flowyard_cli.variables import holds_reference, parse_loose, parse_object
from flowyard_cli.views import InstanceView, NodeView

COMMAND_WAIT_SECONDS = 10
"""How long a command waits for its outcome; the scheduler settles one within milliseconds."""

app = typer.Typer(help="Find, look at and operate instances.", no_args_is_help=True)

InstanceArgument = Annotated[str, typer.Argument(metavar="INSTANCE", help="Id of the instance.")]
NodeArgument = Annotated[str, typer.Argument(metavar="NODE", help="Id of the node.")]
CommentOption = Annotated[str, typer.Option("--comment", help="Why; kept with the decision.")]


@app.command("list")
def list_instances(
    *,
    status: Annotated[list[str] | None, typer.Option("--status", help="Only these.")] = None,
    template: Annotated[str | None, typer.Option("--template", help="Only of this one.")] = None,
    label: Annotated[list[str] | None, typer.Option("--label", help="name=value")] = None,
    text: Annotated[str | None, typer.Option("--text", help="Part of the name.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Newest so many.")] = 20,
    project: ProjectOption = DEFAULT_PROJECT,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """List instances, newest first."""
    terminal = Terminal(output)
    labels = [pair.replace("=", ":", 1) for pair in label or ()]
    params = {"status": status, "template": template, "label": labels or None, "text": text}
    with open_client(server, token) as client:
        rows = list(client.pages(project_path(project, "instances"), params, most=limit))
    if terminal.is_json:
        terminal.json(rows)
        return
    views = [InstanceView.model_validate(row) for row in rows]
    terminal.rows(
        ["instance", "status", "template", "created", "time", "name"],
        [
            [
                view.instance_id,
                view.status,
                f"{view.template}@{view.version}",
                _moment(view),
                _duration(view),
                view.name,
            ]
            for view in views
        ],
    )


@app.command()
def show(
    instance: InstanceArgument,
    *,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Show an instance with every node, and how to go on where it stands."""
    terminal = Terminal(output)
    with open_client(server, token) as client:
        if terminal.is_json:
            terminal.json(client.get(instance_path(instance)))
            return
        view = read_instance(client, instance)
    terminal.line(f"{view.name}  ({view.template}@{view.version})")
    terminal.line(status_text(view.status))
    rows = [_node_row(node) for node in view.nodes if node.kind not in {"start", "end"}]
    terminal.rows(["node", "status", "attempts", "time", "remark"], rows)
    if isinstance(view.outputs, dict):
        for name, value in view.outputs.items():
            terminal.line(f"{name} = {value}")
    for line in next_moves(view):
        terminal.note(line)


@app.command()
def watch(
    instance: InstanceArgument,
    *,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Show an instance live until it ends; exits like 'flowyard run --wait'."""
    terminal = Terminal(output)
    with open_client(server, token) as client:
        watch_to_the_end(terminal, client, instance)


@app.command()
def start(
    instance: InstanceArgument,
    *,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Start an instance that was created without starting it."""
    _operate("start", instance, server=server, token=token, output=output)


@app.command()
def pause(
    instance: InstanceArgument,
    *,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Let what runs go on to its end, and start nothing new."""
    _operate("pause", instance, server=server, token=token, output=output)


@app.command()
def resume(
    instance: InstanceArgument,
    *,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Go on with a paused instance."""
    _operate("resume", instance, server=server, token=token, output=output)


@app.command()
def cancel(
    instance: InstanceArgument,
    *,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """End an instance for good."""
    _operate("cancel", instance, server=server, token=token, output=output)


@app.command()
def retry(
    instance: InstanceArgument,
    node: NodeArgument,
    *,
    var: Annotated[
        list[str] | None,
        typer.Option("--var", help="name=value: another value for one input, JSON or text."),
    ] = None,
    inputs: Annotated[
        str | None,
        typer.Option("--inputs", help="All inputs anew, as a JSON object; @file takes a file."),
    ] = None,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Run a failed node again, with other inputs where they are given."""
    if var and inputs is not None:
        raise UsageError("Expected --var or --inputs, but got both")
    body: JsonObject = {}
    if inputs is not None:
        body = {"inputs": parse_object(inputs, "--inputs")}
    elif var:
        changed = parse_loose(var)
        with open_client(server, token) as client:
            body = {"inputs": {**_last_inputs(client, instance, node), **changed}}
    _operate("retry", instance, node=node, body=body, server=server, token=token, output=output)


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


@app.command()
def skip(
    instance: InstanceArgument,
    node: NodeArgument,
    *,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Pass over a failed node."""
    _operate("skip", instance, node=node, server=server, token=token, output=output)


@app.command()
def approve(
    instance: InstanceArgument,
    node: NodeArgument,
    *,
    comment: CommentOption = "",
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Say yes where a node waits for a decision."""
    _operate(
        "approve",
        instance,
        node=node,
        body={"comment": comment},
        server=server,
        token=token,
        output=output,
    )


@app.command()
def reject(
    instance: InstanceArgument,
    node: NodeArgument,
    *,
    comment: CommentOption = "",
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Say no where a node waits for a decision."""
    _operate(
        "reject",
        instance,
        node=node,
        body={"comment": comment},
        server=server,
        token=token,
        output=output,
    )


def _operate(
    verb: str,
    instance: str,
    *,
    server: str | None,
    token: str | None,
    output: OutputFormat,
    node: str | None = None,
    body: JsonObject | None = None,
) -> None:
    terminal = Terminal(output)
    with open_client(server, token) as client:
        result = order(client, instance, verb, node=node, body=body)
    if terminal.is_json:
        terminal.json(result)
    elif result.get("outcome") is None:
        terminal.line(f"{verb}: accepted, not carried out yet")
    else:
        terminal.line(f"{verb}: {result['outcome']}")


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


def _node_row(node: NodeView) -> list[str]:
    remark = node.reason or ""
    if node.failure is not None:
        remark = f"{node.failure.code}: {node.failure.message}"
    spent = ""
    if node.reached_at is not None and node.ended_at is not None:
        spent = describe_duration(node.ended_at - node.reached_at)
    return [node.node_id, node.status, str(len(node.attempts) or ""), spent, remark]


def _moment(view: InstanceView) -> str:
    at = view.created_at
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S") if at else ""


def _duration(view: InstanceView) -> str:
    if view.started_at is None or view.ended_at is None:
        return ""
    return describe_duration(view.ended_at - view.started_at)
