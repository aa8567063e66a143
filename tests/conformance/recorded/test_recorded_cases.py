from pathlib import Path

import pytest

from flowyard.storage.database import Database
from flowyard_scheduler import loop
from tests.conformance.recorded.components import CallbackUrls, recorded_plugins
from tests.conformance.recorded.differences import DIFFERENCES
from tests.conformance.recorded.player import Deviation
from tests.conformance.recorded.recordings import Recording
from tests.conformance.recorded.suite import SPEED, judged, play_flows, play_others, summary
from tests.support.environment import cases_folder
from tests.support.flowyard import running_flowyard
from tests.support.project import ROOT


@pytest.fixture
def folder() -> Path:
    found = cases_folder()
    if found is None:
        pytest.skip("FLOWYARD_CASES names no folder of recorded cases")
    return found


@pytest.mark.timeout(900)
async def test_recorded_flows_run_as_recorded_but_for_what_is_meant_to_differ(
    folder: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "IDLE_SECONDS", 0.05)
    callback_urls: CallbackUrls = {}
    plugins = recorded_plugins(speed=SPEED, callback_urls=callback_urls)

    async with running_flowyard(database, plugins) as flowyard:
        verdicts = await play_flows(flowyard, folder, callback_urls)

    assert verdicts
    assert [one.line() for one in verdicts if one.outcome == "failed"] == []


def test_conditions_trees_and_exports_are_as_recorded(folder: Path) -> None:
    verdicts = list(play_others(folder))

    assert verdicts
    assert [one.line() for one in verdicts if one.outcome == "failed"] == []


def test_the_migration_guide_names_every_case_that_is_meant_to_differ() -> None:
    guide = (ROOT / "docs" / "migration.md").read_text(encoding="utf-8")

    missing = [name for name in DIFFERENCES if f"`{name.partition('[')[0]}`" not in guide]

    assert missing == []


def _recording(test: str) -> Recording:
    return Recording(name=f"{test}[x]", test=test, steps=())


def test_a_deviation_that_is_not_meant_fails_its_case() -> None:
    verdict = judged(_recording("some::case"), [Deviation(step="assert_all_finish", reason="no")])

    assert verdict.outcome == "failed"


def test_a_difference_that_is_meant_and_does_not_show_fails_its_case() -> None:
    test, meant = next(iter(DIFFERENCES.items()))

    assert judged(_recording(test), []).outcome == "failed"
    shown = [Deviation(step=beginning, reason="so") for beginning in meant]
    assert judged(_recording(test), shown).outcome == "differs"


def test_the_summary_counts_by_outcome() -> None:
    good = judged(_recording("some::case"), [])
    bad = judged(_recording("some::case"), [Deviation(step="assert x", reason="no")])

    told = summary([good, bad])

    assert (told["passed"], told["differs"], told["failed"]) == (1, 0, 1)
