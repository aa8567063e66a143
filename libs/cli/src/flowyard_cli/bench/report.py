"""A result in words: what people read on a terminal."""

from collections.abc import Mapping

from flowyard_cli.bench.comparison import Comparison
from flowyard_cli.bench.results import Measured
from flowyard_cli.bench.workload import Workload
from flowyard_cli.terminal import JsonObject, Terminal


def tell_run(terminal: Terminal, workload: Workload, run: Measured) -> None:
    """Write what one run has measured; nothing where the result is written as JSON."""
    if not terminal.is_json:
        terminal.line(f"{workload}: {_numbers(run.figures)}")
        terminal.line(f"  CPU seconds per 1,000 nodes: {_numbers(run.cpu_per_1000_nodes)}")


def tell_result(terminal: Terminal, result: JsonObject, comparison: Comparison | None) -> None:
    """Write the medians, where there is more than one run, and everything that compares."""
    if terminal.is_json:
        terminal.json(result)
        return
    for name in result.get("runs", {}):
        terminal.line(f"{name}, median: {_numbers(result[name])}")
    if "claims_cost_percent" in result:
        terminal.line(f"claims cost {result['claims_cost_percent']} % of the nodes per second")
    if "steady" in result:
        steady = result["steady"]
        grown = _numbers(steady["slope_mb_per_min"])
        terminal.line(
            f"steady: {steady['nodes_per_s']:g} nodes per second for"
            f" {steady['minutes']:g} minutes; memory grew by {grown} MB per minute"
        )
    terminal.line(f"memory: {_numbers(result['rss_mb'])} MB")
    if comparison is not None:
        _tell_comparison(terminal, comparison)


def _tell_comparison(terminal: Terminal, comparison: Comparison) -> None:
    rows = [
        (
            one.figure,
            f"{one.saved:g}",
            f"{one.now:g}",
            "-" if one.ratio is None else f"{one.ratio:.3f}",
            _judged(one.is_better),
        )
        for one in comparison.figures
    ]
    terminal.rows(("figure", "saved", "now", "ratio", ""), rows)
    terminal.rows(
        ("condition", "saved", "now", ""),
        [
            (one.name, str(one.saved), str(one.now), "differs" if one.differs else "")
            for one in comparison.conditions
        ],
    )


def _judged(is_better: bool | None) -> str:  # noqa: FBT001  # the one thing it judges
    if is_better is None:
        return "same"
    return "better" if is_better else "worse"


def _numbers(numbers: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in numbers.items())
