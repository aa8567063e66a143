"""What commands write: for people on a terminal, as plain lines when piped, as JSON for scripts."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

JsonObject = dict[str, Any]
"""An object as the server or a command writes it."""


class OutputFormat(StrEnum):
    """How a command writes its result."""

    TEXT = "text"
    JSON = "json"


STATUS_LOOKS: dict[str, tuple[str, str]] = {
    "created": ("○", "dim"),
    "pending": ("·", "dim"),
    "ready": ("◔", "cyan"),
    "running": ("▶", "blue"),
    "waiting": ("◷", "yellow"),
    "paused": ("‖", "yellow"),
    "succeeded": ("✔", "green"),
    "failed": ("✘", "bold red"),
    "skipped": ("↷", "magenta"),
    "cancelled": ("⊘", "dim red"),
}
"""Symbol and colour by status; the word always stands beside them, for whoever sees neither."""


def status_text(status: str) -> Text:
    """Return a status with its symbol, in its colour."""
    symbol, style = STATUS_LOOKS.get(status, ("?", ""))
    return Text(f"{symbol} {status}", style=style)


class Terminal:
    """Standard output for results, standard error for everything said beside them.

    Parameters
    ----------
    output
        JSON keeps standard output free of everything but the one result.
    """

    def __init__(self, output: OutputFormat = OutputFormat.TEXT) -> None:
        self.output = output
        self.out = Console(highlight=False, soft_wrap=True)
        self.err = Console(stderr=True, highlight=False, soft_wrap=True)

    @property
    def is_json(self) -> bool:
        """Tell whether the result is written as JSON."""
        return self.output is OutputFormat.JSON

    @property
    def is_live(self) -> bool:
        """Tell whether a person looks at standard output."""
        return self.out.is_terminal and not self.is_json

    def line(self, text: str | Text = "") -> None:
        """Write one line of the result."""
        self.out.print(text, markup=False)

    def note(self, text: str | Text) -> None:
        """Say something beside the result."""
        self.err.print(text, markup=False)

    def json(self, value: Any) -> None:
        """Write the result as one JSON value."""
        self.out.out(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode(), highlight=False)

    def rows(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Write a table: drawn on a terminal, aligned columns when piped."""
        if self.is_live:
            self._draw(columns, rows)
            return
        lines = [[column.upper() for column in columns], *rows]
        widths = [max(len(line[place]) for line in lines) for place in range(len(columns))]
        for line in lines:
            cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
            self.line("  ".join(cells).rstrip())

    def _draw(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        table = Table(box=None, header_style="bold", pad_edge=False)
        # The first column names the thing in further commands, so it is never cut.
        least = max((len(row[0]) for row in rows), default=0)
        for place, column in enumerate(columns):
            table.add_column(column, min_width=least if place == 0 else None)
        for row in rows:
            cells = zip(columns, row, strict=True)
            table.add_row(
                *(status_text(cell) if column == "status" else Text(cell) for column, cell in cells)
            )
        self.out.print(table)
