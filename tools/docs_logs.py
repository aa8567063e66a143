"""Makes ``docs/logs.md``: how to follow, keep and read what is logged."""

from pathlib import Path

from flowyard.telemetry.log_fields import fields_table
from flowyard.telemetry.masking import SHORTEST_FOLDED, SHORTEST_LINE, SHORTEST_SEARCHED
from flowyard_api.log_feeds import IDLE_SECONDS, LIVE_SECONDS
from flowyard_plugin_gateway.line_masking import MAX_HELD_LINES
from flowyard_plugin_gateway.log_bounds import MAX_BYTES, MAX_LINE_CHARACTERS, MAX_LINES
from flowyard_plugin_gateway.log_writer import GATHER_SECONDS, HOLD_SECONDS

_PAGE = Path(__file__).with_suffix(".md")
"""The page, with names in the place of numbers."""


def logs_page() -> str:
    """Return ``docs/logs.md`` as the code says it must read."""
    return _PAGE.read_text(encoding="utf-8").format(
        max_lines=MAX_LINES,
        max_kib=MAX_BYTES // 1024,
        max_characters=MAX_LINE_CHARACTERS,
        gather=GATHER_SECONDS,
        live=LIVE_SECONDS,
        idle=IDLE_SECONDS,
        hold=HOLD_SECONDS,
        held=MAX_HELD_LINES,
        folded=SHORTEST_FOLDED,
        line=SHORTEST_LINE,
        shortest=SHORTEST_SEARCHED,
        fields=fields_table(),
    )
