"""``flowyard instances``: finding instances, looking at them, operating them."""

from typing import Annotated

import typer

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
from flowyard_cli.commands.ordering import Aim, Connection, order_each
from flowyard_cli.commands.watching import watch_to_the_end
from flowyard_cli.follow import instance_path, read_instance
from flowyard_cli.guidance import how_to_follow, next_moves
from flowyard_cli.progress import describe_duration
from flowyard_cli.terminal import JsonObject, OutputFormat, Terminal, status_text
from flowyard_cli.variables import parse_loose, parse_object
from flowyard_cli.views import InstanceView, NodeView

app = typer.Typer(help="Find, look at and operate instances.", no_args_is_help=True)

InstanceArgument = Annotated[str, typer.Argument(metavar="INSTANCE", help="Id of the instance.")]
NodeArgument = Annotated[str, typer.Argument(metavar="NODE", help="Id of the node.")]
InstancesArgument = Annotated[
    list[str], typer.Argument(metavar="INSTANCE...", help="Ids of instances.")
]
VarOption = Annotated[
    list[str] | None,
    typer.Option("--var", help="name=value: another value for one input, JSON or text."),
]
NameOption = Annotated[
    str | None, typer.Option("--name", help="Name of the new one.", show_default=False)
]
StartOption = Annotated[bool, typer.Option(help="Start it at once.")]


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
    instance: InstancesArgument,
    *,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Start instances that were created without starting them."""
    order_each(Connection(server, token, output), "start", _aims(instance))


@app.command()
def pause(
    instance: InstancesArgument,
    *,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Let what runs go on to its end, and start nothing new."""
    order_each(Connection(server, token, output), "pause", _aims(instance))


@app.command()
def resume(
    instance: InstancesArgument,
    *,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Go on with paused instances."""
    order_each(Connection(server, token, output), "resume", _aims(instance))


@app.command()
def cancel(
    instance: InstancesArgument,
    *,
    rollback: Annotated[
        bool, typer.Option("--rollback", help="Undo what has succeeded first.")
    ] = False,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """End instances for good."""
    body: JsonObject = {"rollback": True} if rollback else {}
    order_each(Connection(server, token, output), "cancel", _aims(instance), body)


@app.command("set")
def set_variables(
    instance: InstancesArgument,
    *,
    var: Annotated[
        list[str], typer.Option("--var", help="name=value: JSON, else text; @file takes a file.")
    ],
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Give variables that no node has used yet other values."""
    body: JsonObject = {"values": parse_loose(var)}
    order_each(Connection(server, token, output), "set-variables", _aims(instance), body)


@app.command()
def priority(
    instance: InstancesArgument,
    *,
    to: Annotated[int, typer.Option("--to", min=0, max=9, help="The higher the sooner.")],
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Have the steps of instances dispatched sooner or later than others."""
    body: JsonObject = {"priority": to}
    order_each(Connection(server, token, output), "set-priority", _aims(instance), body)


@app.command()
def clone(
    instance: InstanceArgument,
    *,
    var: VarOption = None,
    name: NameOption = None,
    priority: PriorityOption = None,
    start: StartOption = True,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Create another instance of the same version with the same inputs, or others."""
    body: JsonObject = {"inputs": parse_loose(var or []), **_changes(name, priority, start=start)}
    _copy(Connection(server, token, output), instance, "clone", body)


@app.command()
def rerun(
    instance: InstanceArgument,
    node: NodeArgument,
    *,
    inputs: Annotated[
        str | None,
        typer.Option("--inputs", help="Of the node, as a JSON object; @file takes a file."),
    ] = None,
    name: NameOption = None,
    priority: PriorityOption = None,
    start: StartOption = True,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Create another instance that begins at a node, with what this one had come to."""
    given = None if inputs is None else parse_object(inputs, "--inputs")
    body: JsonObject = {"node_id": node, "inputs": given, **_changes(name, priority, start=start)}
    _copy(Connection(server, token, output), instance, "rerun", body)


def _aims(instances: list[str]) -> list[Aim]:
    return [Aim(instance) for instance in dict.fromkeys(instances)]


def _changes(name: str | None, priority: int | None, *, start: bool) -> JsonObject:
    """Return what a copy has otherwise than what it copies; what was not given stays unsaid."""
    given = {"name": name, "priority": priority}
    return {"start": start, **{key: value for key, value in given.items() if value is not None}}


def _copy(connection: Connection, instance: str, verb: str, body: JsonObject) -> None:
    terminal = Terminal(connection.output)
    with open_client(connection.server, connection.token) as client:
        created = client.post(instance_path(instance, "actions", verb), body)
    if terminal.is_json:
        terminal.json(created)
        return
    terminal.line(str(created["instance_id"]))
    terminal.note(how_to_follow(created["instance_id"]))


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
