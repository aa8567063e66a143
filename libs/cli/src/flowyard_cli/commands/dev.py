"""``flowyard dev`` and ``flowyard demo-service``: everything on this machine."""

from pathlib import Path
from typing import Annotated

import typer

from flowyard_cli.commands.options import DataOption
from flowyard_cli.commands.serve import LogLevel, LogLevelOption
from flowyard_cli.data_folder import FOLDER_NAME, DataFolder
from flowyard_cli.errors import needing
from flowyard_cli.running import run_loop, run_until_stopped
from flowyard_cli.settings import ClientSettings
from flowyard_cli.terminal import Terminal

DEFAULT_PORT = 8080
"""Where the API listens unless told otherwise."""

DEMO_PORT = 8090
"""Where the demo service listens unless told otherwise."""

PortOption = Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes a free one.")]


def dev(
    *,
    port: PortOption = DEFAULT_PORT,
    data: DataOption = None,
    seed: Annotated[
        bool, typer.Option("--seed/--no-seed", help="Publish the example flows.")
    ] = True,
    log_level: LogLevelOption = LogLevel.INFO,
) -> None:
    """Run all of Flowyard on this machine, with a database of its own in the data folder.

    Ctrl-C stops it; what was running goes on at the next start.
    """
    with needing("dev", "all"):
        from flowyard_cli.dev.foreground import run_dev  # noqa: PLC0415
    folder = DataFolder(data or ClientSettings().data or Path(FOLDER_NAME))
    run_dev(Terminal(), folder, port=port, is_seeded=seed, log_level=log_level)


def demo_service(*, port: PortOption = DEMO_PORT) -> None:
    """Run the small service that the release example releases."""
    with needing("demo-service", "api"):
        from flowyard.telemetry.serving import AppServer  # noqa: PLC0415
        from flowyard_cli.demo_service import demo_app  # noqa: PLC0415
    terminal = Terminal()
    server = AppServer(demo_app(), "127.0.0.1", port)

    async def greet() -> None:
        terminal.line(f"The demo service listens on {server.url}")

    run_loop(run_until_stopped(server, started=greet))
