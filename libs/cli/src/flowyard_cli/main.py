"""The ``flowyard`` command."""

import sys
from collections.abc import Callable

from flowyard.errors import FlowyardError
from flowyard_cli.errors import EXIT_USAGE, describe, exit_status
from flowyard_cli.services import SERVICES, serve


def main() -> None:
    """Run the command that the process was started with, and end with its exit status."""
    sys.exit(_guarded(_command()))


def _command() -> Callable[[], None]:
    """Return the whole command line, or, in an image of one service alone, that service."""
    try:
        from flowyard_cli.app import app  # noqa: PLC0415
    except ModuleNotFoundError as error:
        missing = error.name or "a package"
        given = sys.argv[1:]
        if len(given) == 1 and given[0] in SERVICES:
            return lambda: serve(given[0], log_level="INFO")
        sys.stderr.write(
            f"This command needs the extra 'cli' ({missing} is not installed):"
            " pip install 'flowyard[cli]'\n"
        )
        sys.exit(EXIT_USAGE)
    return app


def _guarded(command: Callable[[], None]) -> int:
    try:
        command()
    except FlowyardError as error:
        sys.stderr.write(f"{describe(error)}\n")
        return exit_status(error)
    return 0
