"""``flowyard bench``: what a server does per second, and how fast it answers."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flowyard_cli.bench.workload import USUAL, Workload
from flowyard_cli.client import Client
from flowyard_cli.commands.options import OutputOption, ServerOption, TokenOption, open_client
from flowyard_cli.errors import UsageError, needing
from flowyard_cli.terminal import OutputFormat, Terminal
from flowyard_cli.variables import parse_pairs

if TYPE_CHECKING:
    from flowyard_cli.bench.stand import Stand


def bench(
    *,
    embedded: Annotated[
        bool, typer.Option("--embedded", help="Start a server of its own for it.")
    ] = False,
    workload: Annotated[
        list[Workload] | None, typer.Option("--workload", help="Only these; else the usual four.")
    ] = None,
    repeat: Annotated[
        int, typer.Option("--repeat", min=1, help="Runs of each, of which the medians are told.")
    ] = 1,
    size: Annotated[
        float,
        typer.Option("--size", min=0.001, max=10, help="Share of the usual counts, to try it out."),
    ] = 1.0,
    warm_up: Annotated[
        float,
        typer.Option(
            "--warm-up", min=0, help="Seconds of load before; a server is slow when it is new."
        ),
    ] = 3.0,
    steady: Annotated[
        float,
        typer.Option("--steady", min=0, help="Minutes of steady load, to watch the memory."),
    ] = 0.0,
    rate: Annotated[
        float, typer.Option("--rate", min=1, help="Nodes per second of the steady load.")
    ] = 1000.0,
    save: Annotated[
        Path | None, typer.Option("--save", help="File to write the result to, for --compare.")
    ] = None,
    compare: Annotated[
        Path | None, typer.Option("--compare", help="Saved result to compare this one with.")
    ] = None,
    draw: Annotated[
        Path | None, typer.Option("--draw", help="Folder to draw the result into, as SVG.")
    ] = None,
    pid: Annotated[
        list[str] | None,
        typer.Option("--pid", help="name=pid of a server process whose use is told."),
    ] = None,
    condition: Annotated[
        list[str] | None,
        typer.Option("--condition", help="name=value that is noted with the result."),
    ] = None,
    server: ServerOption = None,
    token: TokenOption = None,
    output: OutputOption = OutputFormat.TEXT,
) -> None:
    """Measure a server with no-op nodes, and check that every node of every run is stored.

    chain: 200 instances of 20 nodes at once. latency: 200 nodes one after another.
    fanout: 1 to 500 to 1. start: 100 single nodes, one run after another.
    chain-idempotent: the chain without claims; with chain, it tells what claims cost.
    live-N: N instances of 20 nodes. long-chain: 10,000 nodes. wide-fanout: 5,000 branches.
    timers: 1,000 that are due in the same second. With --steady alone, none of these.
    Exits with 1 when not everything succeeded.
    """
    if embedded and server is not None:
        raise UsageError("Expected --embedded or --server, but got both")
    with needing("bench", "bench"):
        from flowyard_cli.bench import comparison, figures, report, session  # noqa: PLC0415
    terminal = Terminal(output)
    saved = None if compare is None else comparison.load(compare)
    noted = parse_pairs(condition or (), "--condition")
    with _opened(server, token, _pids(pid or ()), noted, size=size, embedded=embedded) as stand:
        plan = session.Plan(
            workloads=workload or (() if steady else USUAL),
            repeat=repeat,
            size=size,
            warm_up_seconds=warm_up,
            steady_minutes=steady,
            steady_nodes_per_s=rate,
            is_embedded=embedded,
            noted=noted,
        )
        result = session.measure(stand, plan, lambda one, run: report.tell_run(terminal, one, run))
    if save is not None:
        comparison.save(result, save)
    compared = None if saved is None else comparison.compare(saved, result)
    if compared is not None:
        result = {**result, "comparison": compared.as_json()}
    report.tell_result(terminal, result, compared)
    if draw is not None:
        for file in figures.draw(result, draw, saved=saved):
            terminal.note(f"drawn: {file}")


@contextmanager
def _opened(
    server: str | None,
    token: str | None,
    pids: dict[str, int],
    noted: dict[str, str],
    *,
    size: float,
    embedded: bool,
) -> Iterator["Stand"]:
    from flowyard_cli.bench.embedded import embedded_server  # noqa: PLC0415
    from flowyard_cli.bench.processes import Processes  # noqa: PLC0415
    from flowyard_cli.bench.stand import Stand  # noqa: PLC0415

    with ExitStack() as stack:
        if embedded:
            started = stack.enter_context(embedded_server())
            pids.update(started.pids)
            noted.setdefault("postgres", started.postgres_version)
            client = stack.enter_context(Client(started.target))
        else:
            client = stack.enter_context(open_client(server, token))
        yield Stand(client, Processes(pids), size=size)


def _pids(pairs: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, text in parse_pairs(pairs, "--pid").items():
        if not text.isdigit():
            raise UsageError(f"Expected --pid name=number, but got --pid {name}={text}")
        found[name] = int(text)
    return found
