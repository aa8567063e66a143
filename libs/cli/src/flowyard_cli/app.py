"""All commands of ``flowyard``, put together."""

from importlib.metadata import version as installed_version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typing_extensions import override

from flowyard.errors import FlowyardError
from flowyard_cli.commands import (
    archive,
    bench,
    dev,
    importing,
    instances,
    nodes,
    plugin_authoring,
    plugins,
    projects,
    queues,
    secrets,
    serve,
    templates,
    tokens,
    webhooks,
)
from flowyard_cli.commands.apply import apply
from flowyard_cli.commands.logs import logs
from flowyard_cli.commands.run import run
from flowyard_cli.commands.validate import validate
from flowyard_cli.errors import describe, exit_status
from flowyard_cli.terminal import Terminal

FLOWS, SERVICES, OPERATION = "Flows", "Services", "Operation"


class Commands(TyperGroup):
    """The command line's outermost group: errors become words and an exit status."""

    @override
    def invoke(self, ctx: Any) -> Any:
        """Run a command; what Flowyard raises on purpose is said, never traced."""
        try:
            return super().invoke(ctx)
        except FlowyardError as error:
            Terminal().note(describe(error))
            raise typer.Exit(exit_status(error)) from error


app = typer.Typer(
    cls=Commands,
    name="flowyard",
    help="Operations as flows: drawn or written, run durably across many machines.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:  # noqa: FBT001
    if wanted:
        Terminal().line(f"flowyard {installed_version('flowyard')}")
        raise typer.Exit


@app.callback()
def options(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Say which."),
    ] = False,
) -> None:
    """Operations as flows: drawn or written, run durably across many machines."""


app.command(rich_help_panel=FLOWS)(validate)
app.command(rich_help_panel=FLOWS)(apply)
app.command(rich_help_panel=FLOWS)(run)
instances.app.command()(logs)
for step_in in (nodes.retry, nodes.skip, nodes.approve, nodes.reject):
    instances.app.command()(step_in)
app.add_typer(instances.app, name="instances", rich_help_panel=FLOWS)
app.add_typer(nodes.app, name="nodes", rich_help_panel=FLOWS)
app.add_typer(templates.app, name="templates", rich_help_panel=FLOWS)
app.add_typer(plugins.app, name="plugins", rich_help_panel=FLOWS)
app.add_typer(plugin_authoring.app, name="plugin", rich_help_panel=FLOWS)
app.add_typer(importing.app, name="import", rich_help_panel=FLOWS)
app.command(rich_help_panel=SERVICES)(dev.dev)
app.command("demo-service", rich_help_panel=SERVICES)(dev.demo_service)
app.command(rich_help_panel=SERVICES)(serve.api)
app.command(rich_help_panel=SERVICES)(serve.scheduler)
app.command(rich_help_panel=SERVICES)(serve.worker)
app.command("plugin-gateway", rich_help_panel=SERVICES)(serve.plugin_gateway)
app.command(rich_help_panel=OPERATION)(serve.migrate)
app.add_typer(tokens.app, name="token", rich_help_panel=OPERATION)
app.add_typer(secrets.app, name="secret", rich_help_panel=OPERATION)
app.add_typer(projects.app, name="project", rich_help_panel=OPERATION)
app.add_typer(webhooks.app, name="webhook", rich_help_panel=OPERATION)
app.add_typer(archive.app, name="archive", rich_help_panel=OPERATION)
app.command("queues", rich_help_panel=OPERATION)(queues.show_queues)
app.command(rich_help_panel=OPERATION)(bench.bench)
