"""What the scripts under tests/bench conclude from what they have measured."""

from collections.abc import Mapping
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest

from tests.bench.finished import CHUNK, _chunks
from tests.bench.on_cluster import split
from tests.bench.peer import COLUMNS, medians, table
from tests.bench.scale import Point, bottleneck, ideal
from tests.bench.waiting import BenchWait, offer


def point(workers: int, share: float, **cores: float) -> Point:
    total = sum(cores.values())
    return Point(
        workers=workers, nodes_per_s=share * ideal(workers), cores={**cores, "total": total}
    )


def result(nodes_per_s: float, ms: float) -> Mapping[str, Mapping[str, float]]:
    return {
        "chain": {"nodes_per_s": nodes_per_s},
        "latency": {"p50_ms": ms, "p99_ms": ms},
        "fanout": {"wall_s": ms},
        "start": {"p50_ms": ms, "p99_ms": ms},
    }


def test_counts_of_processes_come_before_what_is_for_the_bench() -> None:
    counts, options = split(["worker=2", "api=1", "--workload", "chain", "--repeat", "3"])

    assert counts == {"worker": 2, "api": 1}
    assert options == ["--workload", "chain", "--repeat", "3"]


def test_a_count_of_something_else_is_refused() -> None:
    with pytest.raises(SystemExit):
        split(["workers=2"])


def test_slots_and_their_time_give_the_ideal_rate() -> None:
    assert ideal(1) == pytest.approx(320)
    assert ideal(8) == pytest.approx(2560)


def test_a_straight_line_has_no_bottleneck() -> None:
    assert bottleneck([point(1, 0.95, kafka=0.2), point(2, 0.9, kafka=0.4)], 2).startswith("none")


def test_the_first_bend_is_put_down_to_the_process_that_fills_a_core() -> None:
    points = [point(1, 0.95, kafka=0.2), point(4, 0.6, scheduler=0.97, kafka=0.5),
              point(8, 0.3, scheduler=0.4, kafka=1.6)]  # fmt: skip

    found = bottleneck(points, 2)

    assert found.startswith("with 4 workers")
    assert "scheduler" in found


def test_full_cores_are_put_down_to_those_that_use_them_most() -> None:
    found = bottleneck([point(2, 0.5, kafka=0.8, scheduler=0.7, api=0.45)], 2)

    assert "all 2 cores" in found
    assert found.index("kafka") < found.index("scheduler") < found.index("api")


def test_a_bend_without_a_busy_processor_is_called_waiting() -> None:
    assert "waiting" in bottleneck([point(1, 0.5, kafka=0.3)], 2)


def test_the_best_of_several_set_ups_is_found_for_each_column() -> None:
    results = [result(300, 9), result(200, 4)]

    assert [column.best(results) for column in COLUMNS] == [300, 4, 4, 4, 4, 4]


def test_a_figure_that_nobody_has_measured_is_a_dash() -> None:
    unmeasured = {**result(300, 9), "latency": {"p50_ms": 9}}
    p99 = next(one for one in COLUMNS if (one.workload, one.figure) == ("latency", "p99_ms"))

    assert p99.of(unmeasured) is None
    assert p99.best([unmeasured, result(200, 4)]) == 4
    assert p99.best([unmeasured]) is None
    assert list(table({"x": [1, None, 2]}))[2] == "| x | 1 | - | 2 |"


def test_medians_are_taken_figure_by_figure() -> None:
    found = medians([result(300, 9), result(200, 4), result(100, 5)])

    assert found["chain"]["nodes_per_s"] == 200
    assert found["fanout"]["wall_s"] == 5


def test_the_table_is_one_of_markdown() -> None:
    head, rule, row = table({"Flowyard": [5000, 7, 15, 0.4, 12, 20]})

    assert head.count("|") == rule.count("|") == row.count("|")
    assert row == "| Flowyard | 5000 | 7 | 15 | 0.4 | 12 | 20 |"


def test_chunks_cover_every_instance_once() -> None:
    covered = [number for first, last in _chunks(2 * CHUNK + 1) for number in (first, last)]

    assert covered == [1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 1, 2 * CHUNK + 1]


def test_the_waiting_plugin_is_found_as_a_distribution(tmp_path: Path) -> None:
    offer(tmp_path)

    (folder,) = tmp_path.iterdir()
    (entry_point,) = PathDistribution(folder).entry_points

    assert entry_point.group == "flowyard.plugins"
    assert entry_point.load() is BenchWait
