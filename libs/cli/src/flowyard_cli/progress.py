"""Showing how an instance goes: a live table on a terminal, plain lines when piped."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from rich.console import Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from flowyard.clock import Clock, SystemClock
from flowyard_cli.guidance import next_moves
from flowyard_cli.terminal import Terminal, status_text
from flowyard_cli.views import InstanceView, NodeView

_MINUTE_SECONDS = 60


def show_progress(
    terminal: Terminal, views: Iterable[InstanceView], *, clock: Clock | None = None
) -> InstanceView | None:
    """Show each view as it comes, and return the one after which nothing goes on by itself.

    Parameters
    ----------
    terminal
        With JSON as its output nothing is shown.
    views
        The instance after every change.
    clock
        Gives running durations their end.

    Returns
    -------
    InstanceView or None
        The settled instance; None if the views ended before it settled.
    """
    time = clock or SystemClock()
    if terminal.is_json:
        return _first_settled(views, None)
    if not terminal.is_live:
        return _first_settled(views, PlainLines(terminal))
    table = LiveTable(time)
    with Live(get_renderable=table.render, console=terminal.out, refresh_per_second=8):
        return _first_settled(views, table)


def _first_settled(
    views: Iterable[InstanceView], shown: "PlainLines | LiveTable | None"
) -> InstanceView | None:
    for view in views:
        if shown is not None:
            shown.take(view)
        if view.is_settled:
            return view
    return None


class PlainLines:
    """One line per change of a node's status: ``HH:MM:SS node status``."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._seen: dict[str, tuple[object, ...]] = {}
        self._status: str | None = None

    def take(self, view: InstanceView) -> None:
        """Write what has changed since the view before."""
        changed = [node for node in view.nodes if self._is_news(node)]
        for node in sorted(changed, key=_order):
            self._terminal.line(f"{_clock_time(_moment(node))} {node.node_id} {_words(node)}")
        if view.status != self._status:
            self._status = view.status
            moment = view.ended_at or view.started_at or view.created_at
            if view.is_settled:
                moment = view.ended_at or max(
                    (at for node in view.nodes if (at := _moment(node))), default=moment
                )
            self._terminal.line(f"{_clock_time(moment)} instance {view.status}")

    def _is_news(self, node: NodeView) -> bool:
        facts = (node.status, node.reason, len(node.attempts), node.reached_at)
        if node.status == "pending" or self._seen.get(node.node_id) == facts:
            return False
        self._seen[node.node_id] = facts
        return True


class LiveTable:
    """A table of the nodes that is drawn again as they change."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._view: InstanceView | None = None

    def take(self, view: InstanceView) -> None:
        """Show this view from now on."""
        self._view = view

    def render(self) -> RenderableType:
        """Return what is to be drawn now."""
        view = self._view
        if view is None:
            return Text("waiting for the instance ...", style="dim")
        table = Table("node", "status", "time", "", box=None, pad_edge=False, header_style="bold")
        for node in view.nodes:
            if node.kind in {"start", "end"}:
                continue
            table.add_row(
                Text(node.name or node.node_id),
                status_text(node.status),
                Text(self._duration(node), style="dim"),
                Text(_remark(node), style="dim"),
            )
        moves = [] if view.is_settled else [Text(line) for line in next_moves(view)]
        return Group(table, Text.assemble(f"{view.name}  ", status_text(view.status)), *moves)

    def _duration(self, node: NodeView) -> str:
        if node.reached_at is None or node.status == "pending":
            return ""
        return describe_duration((node.ended_at or self._clock.now()) - node.reached_at)


def describe_duration(duration: timedelta) -> str:
    """Return a duration as a person reads it: ``0.3s``, ``12s``, ``4m 05s``."""
    seconds = max(0.0, duration.total_seconds())
    if seconds < 10:  # noqa: PLR2004
        return f"{seconds:.1f}s"
    if seconds < _MINUTE_SECONDS:
        return f"{seconds:.0f}s"
    minutes, rest = divmod(round(seconds), _MINUTE_SECONDS)
    if minutes < _MINUTE_SECONDS:
        return f"{minutes}m {rest:02d}s"
    return f"{minutes // _MINUTE_SECONDS}h {minutes % _MINUTE_SECONDS:02d}m"


def _remark(node: NodeView) -> str:
    """Return why a node stands where it stands, in a few words."""
    if node.failure is not None:
        return f"{node.failure.code}: {node.failure.message}"
    if node.status == "waiting" and node.reason is not None:
        return f"for {node.reason}"
    tries = len(node.attempts)
    return f"attempt {tries}" if tries > 1 else ""


def _words(node: NodeView) -> str:
    remark = _remark(node)
    return f"{node.status} ({remark})" if remark else node.status


def _moment(node: NodeView) -> datetime | None:
    return node.ended_at or node.reached_at


def _order(node: NodeView) -> tuple[bool, float]:
    moment = _moment(node)
    return moment is None, moment.timestamp() if moment else 0.0


def _clock_time(moment: datetime | None) -> str:
    return (moment or SystemClock().now()).astimezone().strftime("%H:%M:%S")
