"""What Prometheus' own tool says of its configuration, of the alerts, and of their tests."""

import shutil
from pathlib import Path

from tests.support.dashboards import alerts
from tests.support.observability import DEPLOYED, RULES, require_tools, run_promtool
from tests.support.project import ROOT

TESTS = ROOT / "tests" / "observability" / "flowyard.rules.test.yml"


def test_promtool_finds_no_fault_in_the_configuration_and_its_alerts() -> None:
    require_tools()

    told = run_promtool("check", "config", "prometheus.yml", folder=DEPLOYED / "prometheus")

    assert f"{len(alerts())} rules found" in told


def test_each_alert_comes_when_it_should_and_not_before(tmp_path: Path) -> None:
    require_tools()
    for file in (RULES, TESTS):
        shutil.copy(file, tmp_path)

    told = run_promtool("test", "rules", TESTS.name, folder=tmp_path)

    assert "SUCCESS" in told
