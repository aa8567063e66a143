"""What is true of the Helm chart without helm; `make check-helm` renders it."""

import re
import tomllib
from typing import Any

import jsonschema
import pytest
import yaml

from tests.support.chart import CHART, VALUE_SETS, VALUES
from tests.support.project import ROOT
from tools.chart_schema import SET_BY_CHART, SETTINGS, values_schema
from tools.image_steps import DOCKERFILE, environment_of_image, stages

TEMPLATES = {
    path.name: path.read_text(encoding="utf-8") for path in (CHART / "templates").iterdir()
}
DEFINITION = re.compile(r'define "flowyard\.env\.([a-z-]+)" \}\}(.*?)\{\{- end -\}\}', re.DOTALL)
DRAINS = {"worker": "worker.yaml", "pluginGateway": "plugin-gateway.yaml"}


def _values() -> dict[str, Any]:
    values: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    return values


def _problems(values: object) -> list[str]:
    validator = jsonschema.Draft7Validator(values_schema())
    return [error.message for error in validator.iter_errors(values)]


def _described(schema: dict[str, Any], values: dict[str, Any], place: str = "") -> list[str]:
    """Return what the schema knows and values.yaml does not show."""
    missing = []
    for name, one in schema.get("properties", {}).items():
        if place.endswith(("settings.", "resources.", "pools.default.")):
            continue
        if name not in values:
            missing.append(place + name)
        elif isinstance(values[name], dict):
            missing += _described(one, values[name], f"{place}{name}.")
    return missing


def test_the_schema_of_the_values_is_one() -> None:
    jsonschema.Draft7Validator.check_schema(values_schema())


def test_the_default_values_are_allowed() -> None:
    assert _problems(_values()) == []


@pytest.mark.parametrize("name", VALUE_SETS)
def test_the_values_of_the_tests_are_allowed(name: str) -> None:
    values = yaml.safe_load((VALUES / f"{name}.yaml").read_text(encoding="utf-8"))

    assert _problems(values) == []


@pytest.mark.parametrize(
    "values",
    [
        {"replica": 3},
        {"api": {"setting": {}}},
        {"api": {"settings": {"database_url": "postgresql://x"}}},
        {"scheduler": {"settings": {"window": 0}}},
        {"scheduler": {"settings": {"window": "wide"}}},
        {"worker": {"pools": {"default": {"slot": 3}}}},
        {"worker": {"pools": {"Not a name": {}}}},
        {"worker": {"pools": {"default": {"queues": []}}}},
        {"pluginGateway": {"settings": {"secret_key": "x"}}},
        {"autoscaling": {"source": "kafka"}},
        {"publicUrl": "flowyard.example.com/"},
    ],
)
def test_values_that_are_unknown_or_wrong_are_not(values: dict[str, Any]) -> None:
    assert _problems(values)


def test_the_default_values_show_all_that_may_be_set() -> None:
    assert _described(values_schema(), _values()) == ["global"]


def test_the_chart_has_the_version_of_the_project() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert chart["version"] == chart["appVersion"] == project["version"]


def test_every_variable_that_a_template_names_is_a_setting_of_its_service() -> None:
    blocks = dict(DEFINITION.findall(TEMPLATES["_env.tpl"]))
    shared = set(re.findall(r"FLOWYARD_[A-Z_]+", blocks["database"] + blocks["kafka"]))
    assert shared == {"FLOWYARD_DATABASE_URL", "FLOWYARD_KAFKA_SERVERS", "FLOWYARD_PARTITIONS"}

    named = 0
    for section, model in SETTINGS.items():
        service = "plugin-gateway" if section == "pluginGateway" else section
        prefix = f"FLOWYARD_{service.upper().replace('-', '_')}_"
        more = blocks["place-of-archives"] if service == "api" else ""
        for name in re.findall(r"FLOWYARD_[A-Z_]+", blocks[service] + more):
            named += 1
            assert name.startswith(prefix)
            assert name.removeprefix(prefix).lower() in model.model_fields
    assert named == 14


def test_what_the_chart_sets_itself_is_a_field_of_some_service() -> None:
    fields = {field for model in SETTINGS.values() for field in model.model_fields}

    assert fields >= SET_BY_CHART


@pytest.mark.parametrize("section", DRAINS)
def test_a_pod_is_given_the_time_that_its_service_takes_to_drain(section: str) -> None:
    drain = SETTINGS[section].model_fields["drain_seconds"].default

    assert f'dig "settings" "drain_seconds" {drain:.0f} $values' in TEMPLATES[DRAINS[section]]


def test_pods_run_as_the_user_of_the_image_and_listen_where_it_does() -> None:
    text = DOCKERFILE.read_text(encoding="utf-8")
    user = next(step.rest for step in stages(text)[-1] if step.keyword == "USER")
    ports = {value for name, value in environment_of_image(text).items() if name.endswith("_PORT")}

    assert f"runAsUser: {user}" in TEMPLATES["_pod.tpl"]
    assert ports == {"8080"}
    assert "containerPort: 8080" in TEMPLATES["_pod.tpl"]


def test_workers_share_a_queue_up_to_its_partitions() -> None:
    values = _values()

    assert values["worker"]["autoscaling"]["maxReplicas"] <= values["partitions"]
    assert values["worker"]["slots"] == SETTINGS["worker"].model_fields["slots"].default
