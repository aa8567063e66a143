"""The bench's own arithmetic; what it measures is not tested here."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import psutil
import pytest

from flowyard_cli.bench.comparison import compare, load, save
from flowyard_cli.bench.figures import draw
from flowyard_cli.bench.measures import gaps, middle_rate, percentile, slope_per_minute, spread_ms
from flowyard_cli.bench.processes import Processes
from flowyard_cli.bench.results import Measured, summary
from flowyard_cli.bench.steady import Sample, slopes
from flowyard_cli.errors import BenchFailedError, UsageError
from flowyard_cli.terminal import JsonObject

AT = datetime(2030, 1, 1, tzinfo=UTC)
SVG_TEXT = "{http://www.w3.org/2000/svg}text"


def measured(nodes_per_s: float, cpu_seconds: float = 1.0, nodes: int = 4000) -> Measured:
    return Measured(
        figures={"nodes_per_s": nodes_per_s},
        nodes=nodes,
        cpu_seconds={"api": cpu_seconds / 4, "scheduler": cpu_seconds * 3 / 4,
                     "total": cpu_seconds},
    )  # fmt: skip


def result(**values: object) -> JsonObject:
    return {"cpu_s_per_1000_nodes": {}, "rss_mb": {}, "conditions": {"mode": "cluster"}, **values}


def texts(file: Path) -> list[str]:
    return ["".join(one.itertext()) for one in ET.parse(file).iter(SVG_TEXT)]  # noqa: S314  # ours


def test_percentiles_are_values_that_occurred() -> None:
    values = [float(number) for number in range(1, 101)]

    assert percentile(values, 0.50) == 50
    assert percentile(values, 0.99) == 99
    assert percentile([7.0], 0.99) == 7


def test_gaps_are_taken_between_neighbours_in_time() -> None:
    moments = [AT + timedelta(milliseconds=ms) for ms in (30, 0, 10)]

    assert gaps(moments) == pytest.approx([0.010, 0.020])
    assert spread_ms(gaps(moments)) == {"p50_ms": 10.0, "p99_ms": 20.0}


def test_the_rate_of_the_middle_leaves_out_a_slow_beginning_and_end() -> None:
    even = [AT + timedelta(milliseconds=10 * number) for number in range(80)]
    early = [AT - timedelta(seconds=number) for number in range(1, 11)]
    late = [AT + timedelta(minutes=number) for number in range(1, 11)]

    assert middle_rate([*late, *even, *early]) == pytest.approx(100)


def test_moments_without_a_middle_have_no_rate() -> None:
    with pytest.raises(BenchFailedError):
        middle_rate([AT, AT, AT])


def test_a_slope_is_told_per_minute() -> None:
    assert slope_per_minute([0, 30, 60], [100, 101, 102]) == pytest.approx(2)


def test_the_slope_of_memory_leaves_out_the_time_in_which_caches_fill() -> None:
    filling = [Sample(seconds=one, rss_mb={"api": 10.0 * one}) for one in range(20)]
    flat = [Sample(seconds=one, rss_mb={"api": 200.0}) for one in range(20, 100)]

    assert slopes([*filling, *flat]) == {"api": 0.0}


def test_the_figures_of_several_runs_are_their_medians() -> None:
    runs = [measured(900, 4.0), measured(5000, 8.0), measured(1000, 6.0)]

    found = summary({"chain": runs})

    assert found["chain"] == {"nodes_per_s": 1000}
    assert found["cpu_s_per_1000_nodes"]["chain"] == {
        "api": 0.375,
        "scheduler": 1.125,
        "total": 1.5,
    }
    assert [run["nodes_per_s"] for run in found["runs"]["chain"]] == [900, 5000, 1000]


def test_a_single_run_is_not_told_twice() -> None:
    assert "runs" not in summary({"chain": [measured(900)]})


def test_claims_cost_what_the_idempotent_run_is_faster_by() -> None:
    runs = {"chain": [measured(3000)], "chain-idempotent": [measured(4000)]}

    assert summary(runs)["claims_cost_percent"] == 25.0
    assert "claims_cost_percent" not in summary({"chain": [measured(3000)]})


def test_a_comparison_knows_which_way_is_better() -> None:
    saved = result(chain={"nodes_per_s": 2000.0, "wall_s": 2.0}, start={"p50_ms": 5.0})
    now = result(chain={"nodes_per_s": 1000.0, "wall_s": 1.0}, start={"p50_ms": 5.0})

    rates, wall, start = compare(saved, now).figures

    assert (rates.figure, rates.ratio, rates.is_better) == ("chain nodes_per_s", 0.5, False)
    assert (wall.figure, wall.ratio, wall.is_better) == ("chain wall_s", 0.5, True)
    assert (start.ratio, start.is_better) == (1.0, None)


def test_a_comparison_leaves_out_what_only_one_result_has() -> None:
    saved = result(chain={"nodes_per_s": 2000.0}, rss_mb={"api": 100.0, "worker": 50.0})
    now = result(latency={"p50_ms": 5.0}, rss_mb={"api": 110.0})

    assert [one.figure for one in compare(saved, now).figures] == ["api rss_mb"]


def test_a_comparison_tells_every_condition_that_differs() -> None:
    saved = result(conditions={"mode": "cluster", "repeat": 3, "versions": {"pydantic": "2.13"}})
    now = result(conditions={"mode": "cluster", "broker": "x", "versions": {"pydantic": "2.14"}})

    found = {one.name: (one.saved, one.now, one.differs) for one in compare(saved, now).conditions}

    assert found == {
        "mode": ("cluster", "cluster", False),
        "broker": (None, "x", True),
        "repeat": (3, None, True),
        "versions.pydantic": ("2.13", "2.14", True),
    }


def test_a_saved_result_is_read_back_as_it_was(tmp_path: Path) -> None:
    whole = result(chain={"nodes_per_s": 2000.5})

    save(whole, tmp_path / "run.json")

    assert load(tmp_path / "run.json") == whole


@pytest.mark.parametrize("content", ["", "[]", '{"chain": {}}', "\x00"])
def test_a_file_without_a_result_is_no_ground_for_comparison(tmp_path: Path, content: str) -> None:
    file = tmp_path / "run.json"
    file.write_text(content)

    with pytest.raises(UsageError):
        load(file)


def test_pictures_are_whole_documents_that_name_every_series(tmp_path: Path) -> None:
    saved = result(chain={"nodes_per_s": 2000.0}, start={"p50_ms": 4.0, "p99_ms": 9.0})
    now = result(
        chain={"nodes_per_s": 3000.0},
        start={"p50_ms": 5.0, "p99_ms": 8.0},
        cpu_s_per_1000_nodes={"chain": {"api": 0.5, "kafka": 1.5, "total": 2.0}},
    )

    files = {file.name: texts(file) for file in draw(now, tmp_path / "new", saved=saved)}

    assert set(files) == {"throughput.svg", "latency.svg", "cpu.svg"}
    assert {"saved", "now", "chain", "2000", "3000"} <= set(files["throughput.svg"])
    assert {"saved p50", "saved p99", "now p50", "now p99"} <= set(files["latency.svg"])
    assert {"api", "kafka", "chain (2 s)", "25", "75"} <= set(files["cpu.svg"])


def test_pictures_load_nothing_from_elsewhere(tmp_path: Path) -> None:
    (file,) = draw(result(chain={"nodes_per_s": 3000.0}), tmp_path)

    document = ET.parse(file)  # noqa: S314  # written by the test

    assert not [one for one in document.iter() if one.tag.endswith("script")]
    assert not [one for one in document.iter() if any("href" in name for name in one.attrib)]


def test_steady_load_is_drawn_as_one_line_for_each_process(tmp_path: Path) -> None:
    samples = [
        {"seconds": float(second), "rss_mb": {"api": 100.0, "worker": 50.0 + second}}
        for second in range(0, 120, 10)
    ]

    (file,) = draw(result(steady={"samples": samples}), tmp_path)

    assert file.name == "memory.svg"
    assert {"api", "worker", "minutes", "MB"} <= set(texts(file))


def test_the_time_of_children_counts_for_their_parent_but_not_for_the_bench_itself() -> None:
    here = psutil.Process()
    processes = Processes({"pytest": here.pid})

    with processes.watched() as used:
        sum(range(3_000_000))

    assert set(used) == {"pytest", "client", "total"}
    # Either is read a moment apart, and the system counts in hundredths of a second.
    assert used["pytest"] + 0.02 >= used["client"] > 0
    assert used["total"] == pytest.approx(used["pytest"] + used["client"])


def test_memory_is_told_of_the_server_alone() -> None:
    assert set(Processes({"pytest": os.getpid()}).memory_mb()) == {"pytest"}


def test_a_process_that_does_not_exist_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(UsageError):
        Processes({"api": 2**22 + 1})
