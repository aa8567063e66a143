"""What the operators' guide says of settings, metrics and the chart is so."""

import re

import pytest
import yaml

import flowyard_api.settings
import flowyard_plugin_gateway.settings
from flowyard.telemetry.metrics import METRICS
from flowyard_api.models.queues import QueueView
from tests.support.chart import CHART
from tests.support.project import ROOT

GUIDE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
VALUES = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))


def test_every_metric_that_it_names_exists() -> None:
    named = set(re.findall(r"flowyard_(?:api|scheduler|worker|plugin_gateway)_[a-z_]+", GUIDE))

    assert named
    assert named <= METRICS.keys()


def test_connections_to_postgres_are_counted_from_the_settings() -> None:
    api = flowyard_api.settings.Settings.model_fields["database_pool_size"].default
    gateway = flowyard_plugin_gateway.settings.Settings.model_fields["database_pool_size"].default
    source = (ROOT / "services/scheduler/src/flowyard_scheduler/main.py").read_text("utf-8")
    scheduler = int(re.findall(r"Database\(settings\.database_url, pool_size=(\d+)\)", source)[0])

    # Plain ones, as many again while it is busy, and as many hot ones.
    each = (3 * api, 3 * scheduler, 3 * gateway + 3)
    sentence = next(line for line in GUIDE.splitlines() if line.startswith("- **Connections.**"))

    assert f"API 3 x `database_pool_size` ({each[0]})" in sentence
    assert f"scheduler {each[1]}," in sentence
    assert f"plugin gateway 3 x `database_pool_size` + 3 ({each[2]})" in sentence
    assert f"Two of each: {2 * sum(each)}" in sentence


@pytest.mark.parametrize(
    ("signal", "target"),
    [
        ("waiting", "waitingSteps"),
        ("handed_out", "handedOutSteps"),
        ("waiting_starts", "waitingStarts"),
        ("oldest_waiting_seconds", "oldestSeconds"),
    ],
)
def test_it_names_what_pools_grow_by_and_from_when_on(signal: str, target: str) -> None:
    line = next(line for line in GUIDE.splitlines() if f"| `{signal}` |" in line)
    scaling = [VALUES[section]["autoscaling"] for section in ("worker", "pluginGateway")]

    assert signal in QueueView.model_fields
    assert f"`{target}` ({scaling[0][target]}" in line
    assert scaling[0] == scaling[1]


def test_partitions_and_slots_are_those_of_the_chart() -> None:
    assert f"`partitions` ({VALUES['partitions']}) is" in GUIDE
    assert f"of {VALUES['worker']['slots']} slots" in GUIDE
