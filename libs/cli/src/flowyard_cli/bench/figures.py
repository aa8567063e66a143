"""Pictures of a result: SVG that any browser shows and any page can hold, without scripts."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pygal
from pygal.style import CleanStyle

from flowyard_cli.bench.processes import TOTAL
from flowyard_cli.bench.workload import Workload
from flowyard_cli.errors import UsageError
from flowyard_cli.terminal import JsonObject

# The library looks for its maps by a finder of the protocol before PEP 451, at which Python 3.11
# warns with every import that fails, anywhere; no map is drawn here.
sys.meta_path[:] = [one for one in sys.meta_path if type(one).__module__ != pygal.__name__]

_NOW, _SAVED = "now", "saved"
_SHARES = ("p50_ms", "p99_ms")

Rows = Mapping[str, Mapping[str, float]]
"""Values keyed by series, then by the place on the axis."""

_OPTIONS: Mapping[str, Any] = {
    # The library's own scripts are loaded from elsewhere; a picture needs none.
    "js": (),
    "style": CleanStyle(value_font_size=11, legend_font_size=13, title_font_size=18),
    "print_values": True,
    "legend_at_bottom": True,
    "width": 900,
    "height": 480,
}


def draw(result: JsonObject, folder: Path, *, saved: JsonObject | None = None) -> list[Path]:
    """Draw a result, beside a saved one if there is one, and return the files.

    Parameters
    ----------
    folder
        Made if it does not exist; ``throughput.svg``, ``latency.svg``, ``cpu.svg``
        and ``memory.svg`` are written, each if the result has something for it.

    Raises
    ------
    UsageError
        Raised if nothing can be written there.
    """
    results = {_SAVED: saved, _NOW: result} if saved is not None else {_NOW: result}
    pictures = {
        "throughput.svg": bars("Nodes per second", throughput(results)),
        "latency.svg": bars("Milliseconds", latency(results)),
        "cpu.svg": bars(
            "Processor time by process, % (seconds for 1,000 nodes)",
            cpu_shares(result),
            is_stacked=True,
        ),
        "memory.svg": memory(result),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return [_written(folder / name, picture) for name, picture in pictures.items() if picture]
    except OSError as error:
        raise UsageError(f"Expected to draw into {folder}, but: {error.strerror}") from error


def throughput(results: Mapping[str, JsonObject]) -> Rows:
    """Return nodes per second, keyed by result, then by workload."""
    return {
        name: {
            workload.value: result[workload]["nodes_per_s"]
            for workload in Workload
            if "nodes_per_s" in result.get(workload, {})
        }
        for name, result in results.items()
    }


def latency(results: Mapping[str, JsonObject]) -> Rows:
    """Return the middle and the slowest hundredth, keyed by result and share, then by workload."""
    return {
        f"{name} {share.removesuffix('_ms')}": {
            workload.value: result[workload][share]
            for workload in Workload
            if share in result.get(workload, {})
        }
        for name, result in results.items()
        for share in _SHARES
    }


def cpu_shares(result: JsonObject) -> Rows:
    """Return what percent of the processor time each process used, keyed by it, then by workload.

    The workloads are named with the seconds that 100 % of them are: they differ
    too much for one axis.
    """
    used: Mapping[str, Mapping[str, float]] = result["cpu_s_per_1000_nodes"]
    processes = dict.fromkeys(name for row in used.values() for name in row if name != TOTAL)
    return {
        process: {
            f"{workload} ({row[TOTAL]:.3g} s)": round(100 * row[process] / row[TOTAL], 1)
            for workload, row in used.items()
            if row.get(process, 0.0) > 0
        }
        for process in processes
    }


def memory(result: JsonObject) -> bytes:
    """Return a picture of each process' memory under steady load; empty if there was none."""
    samples = result.get("steady", {}).get("samples", [])
    if not samples:
        return b""
    rows = {
        process: [(one["seconds"] / 60, one["rss_mb"][process]) for one in samples]
        for process in samples[0]["rss_mb"]
    }
    return lines("Memory under steady load", rows, x_title="minutes", y_title="MB", has_dots=False)


def bars(title: str, rows: Rows, *, is_stacked: bool = False) -> bytes:
    """Return a picture of bars, one group for each place on the axis; empty without any value."""
    places = list(dict.fromkeys(place for row in rows.values() for place in row))
    if not places:
        return b""
    kind = pygal.StackedBar if is_stacked else pygal.Bar
    chart = kind(title=title, x_labels=places, **_OPTIONS)
    for series, row in rows.items():
        chart.add(series, [row.get(place) for place in places])
    return _rendered(chart)


def lines(
    title: str,
    rows: Mapping[str, Sequence[tuple[float, float]]],
    *,
    x_title: str,
    y_title: str,
    has_dots: bool = True,
) -> bytes:
    """Return a picture of lines over a common axis; each series is a sequence of ``(x, y)``."""
    options = {**_OPTIONS, "print_values": has_dots and len(rows) == 1}
    chart = pygal.XY(title=title, x_title=x_title, y_title=y_title, show_dots=has_dots, **options)
    for series, points in rows.items():
        chart.add(series, list(points))
    return _rendered(chart)


def _rendered(chart: Any) -> bytes:
    chart.add_xml_filter(_without_scripts)
    picture: bytes = chart.render()
    return picture


def _without_scripts(root: Any) -> Any:
    # The library always leaves its configuration for scripts there.
    for parent in list(root.iter()):
        for child in list(parent):
            if str(child.tag).endswith("script"):
                parent.remove(child)
    return root


def _written(file: Path, picture: bytes) -> Path:
    file.write_bytes(picture)
    return file
