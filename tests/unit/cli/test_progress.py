import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.console import Console

from flowyard_cli.guidance import next_moves
from flowyard_cli.progress import LiveTable, describe_duration, show_progress
from flowyard_cli.terminal import OutputFormat, Terminal
from flowyard_cli.views import InstanceView

AT = datetime(2030, 1, 1, 12, 0, 0, tzinfo=UTC)
ID = "0197c0de-0000-7000-8000-000000000001"


class StandingClock:
    def now(self) -> datetime:
        return AT + timedelta(seconds=12)

    def monotonic(self) -> float:
        return 0.0


def node(node_id: str, status: str, **facts: Any) -> dict[str, Any]:
    return {"node_id": node_id, "status": status, "reached_at": AT, **facts}


def view(status: str, *nodes: dict[str, Any], **facts: Any) -> InstanceView:
    body = {"instance_id": ID, "name": "Release", "status": status, "nodes": nodes, **facts}
    return InstanceView.model_validate(body)


def plain_lines(*views: InstanceView) -> list[str]:
    terminal = Terminal()
    terminal.out = Console(file=io.StringIO(), width=200)
    show_progress(terminal, views)
    assert isinstance(terminal.out.file, io.StringIO)
    return terminal.out.file.getvalue().splitlines()


def test_piped_progress_is_one_line_per_change() -> None:
    lines = plain_lines(
        view("running", node("a", "running"), node("b", "pending", reached_at=None)),
        view("running", node("a", "succeeded", ended_at=AT), node("b", "ready")),
        view("succeeded", node("a", "succeeded", ended_at=AT), node("b", "succeeded")),
    )

    assert [line.split(" ", 1)[1] for line in lines] == [
        "a running",
        "instance running",
        "a succeeded",
        "b ready",
        "b succeeded",
        "instance succeeded",
    ]
    assert all(line[2] == line[5] == ":" for line in lines)


def test_a_failure_is_told_with_its_code() -> None:
    failure = {"code": "http_status", "message": "answered 503"}

    lines = plain_lines(view("failed", node("a", "failed", failure=failure)))

    assert lines[0].endswith("a failed (http_status: answered 503)")


def test_watching_ends_where_nothing_goes_on_by_itself() -> None:
    terminal = Terminal(OutputFormat.JSON)

    settled = show_progress(terminal, iter([view("running"), view("failed"), view("running")]))

    assert settled is not None
    assert settled.status == "failed"


def test_the_live_table_tells_a_status_by_symbol_and_word() -> None:
    table = LiveTable(StandingClock())
    table.take(view("running", node("a", "succeeded"), node("b", "running", name="Do b")))
    console = Console(file=io.StringIO(), width=100)

    console.print(table.render())

    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    assert "✔ succeeded" in text
    assert "Do b" in text
    assert "▶ running" in text
    assert "12s" in text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0.0s"), (0.34, "0.3s"), (12.4, "12s"), (245, "4m 05s"), (7380, "2h 03m"), (-1, "0.0s")],
)
def test_a_duration_reads_as_people_say_it(seconds: float, words: str) -> None:
    assert describe_duration(timedelta(seconds=seconds)) == words


def test_a_waiting_approval_is_told_with_both_answers() -> None:
    moves = "\n".join(next_moves(view("running", node("sign", "waiting", reason="approval"))))

    assert f"flowyard instances approve {ID} sign" in moves
    assert f"flowyard instances reject {ID} sign" in moves


def test_a_failed_instance_is_told_with_retry_skip_and_cancel() -> None:
    moves = "\n".join(next_moves(view("failed", node("start", "failed"))))

    for verb in ("retry", "skip"):
        assert f"flowyard instances {verb} {ID} start" in moves
    assert f"flowyard instances cancel {ID}" in moves


def test_a_breakpoint_and_a_gateway_without_a_way_are_told_with_what_helps() -> None:
    stopped = "\n".join(next_moves(view("running", node("deploy", "ready", reason="breakpoint"))))
    lost = "\n".join(next_moves(view("failed", node("which", "failed", kind="exclusive"))))

    assert f"flowyard nodes resume {ID} deploy" in stopped
    assert f"flowyard nodes choose {ID} which" in lost
    assert "skip" not in lost


def test_a_finished_instance_needs_nothing() -> None:
    assert list(next_moves(view("succeeded", node("a", "succeeded")))) == []
