"""``flowyard bench``: what a server does per second, and how fast it answers."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Annotated

import typer

from flowyard_cli.bench.workloads import MEASURES, Workload, prepare
from flowyard_cli.client import Client
from flowyard_cli.commands.options import OutputOption, ServerOption, TokenOption, open_client
from flowyard_cli.errors import UsageError, needing
from flowyard_cli.terminal import JsonObject, OutputFormat, Terminal
from flowyard_cli.variables import parse_pairs


def bench(
    *,
    embedded: Annotated[
        bool, typer.Option("--embedded", help="Start a server of its own for it.")
    ] = False,
    workload: Annotated[
        list[Workload] | None, typer.Option("--workload", help="Only these; else all four.")
    ] = None,
    pid: Annotated[
        list[str] | None,
        typer.Option("--pid", help="name=pid of a server process whose memory is told."),
    ] = None,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Measure a server with no-op nodes, and check that every node of every run is stored.

    chain: 200 instances of 20 nodes at once. latency: 200 nodes one after another.
    fanout: 1 to 500 to 1. start: 100 single nodes, one run after another.
    Exits with 1 when not everything succeeded.
    """
    if embedded and server is not None:
        raise UsageError("Expected --embedded or --server, but got both")
    with needing("bench", "all"):
        from flowyard_cli.bench.conditions import conditions, resident_mb  # noqa: PLC0415
    terminal = Terminal(output)
    processes = _processes(pid or ())
    result: JsonObject = {}
    with _opened(server, token, processes, is_embedded=embedded) as client:
        prepare(client)
        for chosen in workload or tuple(Workload):
            result[chosen.value] = MEASURES[chosen](client)
            if not terminal.is_json:
                terminal.line(_words(chosen, result[chosen.value]))
        result["rss_mb"] = resident_mb(processes)
    result["conditions"] = conditions(is_embedded=embedded)
    if terminal.is_json:
        terminal.json(result)
    elif processes:
        terminal.line(f"memory: {_numbers(result['rss_mb'])} MB")


@contextmanager
def _opened(
    server: str | None, token: str | None, processes: dict[str, int], *, is_embedded: bool
) -> Iterator[Client]:
    from flowyard_cli.bench.embedded import embedded_server  # noqa: PLC0415

    with ExitStack() as stack:
        if is_embedded:
            started = stack.enter_context(embedded_server())
            processes["flowyard"] = started.pid
            yield stack.enter_context(Client(started.target))
        else:
            yield stack.enter_context(open_client(server, token))


def _processes(pairs: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, text in parse_pairs(pairs, "--pid").items():
        if not text.isdigit():
            raise UsageError(f"Expected --pid name=number, but got --pid {name}={text}")
        found[name] = int(text)
    return found


def _words(workload: Workload, numbers: JsonObject) -> str:
    return f"{workload}: {_numbers(numbers)}"


def _numbers(numbers: JsonObject) -> str:
    return ", ".join(f"{name} {value}" for name, value in numbers.items())
