"""Dashboards, alerts, runbooks and the tests of alerts name what there is, and all of it."""

import re

import pytest
import yaml

from flowyard.telemetry.metrics import METRICS
from tests.support.compose import compose_file
from tests.support.dashboards import Asked, alerts, dashboards, expressions, metrics_in, panels
from tests.support.project import ROOT

RUNBOOKS = (ROOT / "docs" / "runbooks.md").read_text(encoding="utf-8")
GRAFANA = ROOT / "deploy" / "observability" / "grafana"
WITHOUT_A_SHELL = {"otel-collector"}
"""Images in which nothing can be run that would ask for their health."""

PARTS = 4
"""Overview, one instance's path, workers and queues, Postgres and Kafka."""

_LABELS = re.compile(r"\{([^}]*)\}")
_LABEL = re.compile(r"(\w+)(?:=~|!=|!~|=)")
_GROUPED = re.compile(r"by \(([^)]*)\)")
_OF_THE_TARGET = {"job", "instance", "namespace", "le"}
"""Labels that Prometheus adds, or a histogram has."""


def _labels_in(expression: str) -> set[str]:
    matched = {name for group in _LABELS.findall(expression) for name in _LABEL.findall(group)}
    grouped = {name.strip() for group in _GROUPED.findall(expression) for name in group.split(",")}
    return matched | grouped


@pytest.mark.parametrize("asked", list(expressions()), ids=lambda one: f"{one[0]}-{one[1]}")
def test_panels_name_metrics_and_labels_that_there_are(asked: Asked) -> None:
    named = metrics_in(asked.expression)

    assert named <= METRICS.keys()
    if named:
        known = {label for name in named for label in METRICS[name].labels}  # type: ignore[index]
        assert _labels_in(asked.expression) <= known | _OF_THE_TARGET | {"service"}


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: rule["alert"])
def test_alerts_name_metrics_and_labels_that_there_are(rule: dict[str, str]) -> None:
    named = metrics_in(rule["expr"])
    known = {label for name in named for label in METRICS[name].labels}  # type: ignore[index]

    assert named <= METRICS.keys()
    assert _labels_in(rule["expr"]) <= known | _OF_THE_TARGET


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: rule["alert"])
def test_an_alert_says_what_it_means_and_leads_to_its_runbook(
    rule: dict[str, dict[str, str]],
) -> None:
    notes = rule["annotations"]
    section = f"### {rule['alert']}\n"

    assert rule["labels"]["severity"] in {"critical", "warning", "info"}
    assert notes["summary"]
    assert notes["description"].endswith(".")
    assert notes["runbook_url"] == f"docs/runbooks.md#{str(rule['alert']).lower()}"
    text = RUNBOOKS.split(section)[1].split("\n### ")[0]
    assert text.strip().startswith(f"*{rule['labels']['severity']}.*")
    for part in ("Who notices", "Look", "Do"):
        assert f"- **{part}.**" in text


def test_every_runbook_belongs_to_an_alert() -> None:
    sections = re.findall(r"^### (\w+)$", RUNBOOKS, re.MULTILINE)

    assert sections == [rule["alert"] for rule in alerts()]


def test_every_alert_is_tested_for_when_it_comes_and_when_it_does_not() -> None:
    path = ROOT / "tests" / "observability" / "flowyard.rules.test.yml"
    tests = yaml.safe_load(path.read_text(encoding="utf-8"))["tests"]

    tried = {
        (re.findall(r'alertname="(\w+)"', one["expr"])[0], bool(one["exp_samples"]))
        for test in tests
        for one in test["promql_expr_test"]
    }

    assert tried == {(rule["alert"], comes) for rule in alerts() for comes in (True, False)}


def test_dashboards_have_addresses_of_their_own_and_lead_to_each_other() -> None:
    found = dashboards()

    assert len({one["uid"] for one in found}) == len(found) == PARTS
    assert len({one["title"] for one in found}) == PARTS
    for one in found:
        assert one["tags"] == ["flowyard"]
        assert one["links"][0]["tags"] == ["flowyard"]
        assert one["links"][0]["includeVars"]


@pytest.mark.parametrize("dashboard", dashboards(), ids=lambda one: str(one["uid"]))
def test_panels_are_described_have_units_and_places_of_their_own(
    dashboard: dict[str, list[dict[str, dict[str, dict[str, int]]]]],
) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in panels(dashboard):
        assert panel["title"], panel
        assert panel["description"], panel["title"]
        if panel["type"] != "text":
            assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(set(ids)) == len(ids)


def test_grafana_knows_the_sources_that_its_dashboards_ask_for() -> None:
    sources = yaml.safe_load(
        (GRAFANA / "provisioning" / "datasources" / "flowyard.yml").read_text(encoding="utf-8")
    )["datasources"]
    wanted = {
        variable["query"]
        for dashboard in dashboards()
        for variable in dashboard["templating"]["list"]
        if variable["type"] == "datasource"
    }

    assert {one["type"] for one in sources} == wanted
    services = compose_file()["services"]
    for one in sources:
        host, port = one["url"].removeprefix("http://").split(":")
        assert f"127.0.0.1:{port}:{port}" in services[host]["ports"]
    (jaeger,) = [one for one in sources if one["type"] == "jaeger"]
    for query in jaeger["jsonData"]["tracesToMetrics"]["queries"]:
        assert metrics_in(query["query"]) <= METRICS.keys()


def test_what_watches_starts_only_when_it_is_asked_for_and_is_not_root() -> None:
    services = compose_file()["services"]
    watching = {name: one for name, one in services.items() if "profiles" in one}

    assert watching.keys() == {"otel-collector", "jaeger", "prometheus", "grafana"}
    for name, one in watching.items():
        assert one["profiles"] == ["observability"]
        assert one["cap_drop"] == ["ALL"]
        assert not str(one["user"]).startswith(("0", "root"))
        assert re.search(r":v?\d+\.\d+\.\d+$", one["image"]), one["image"]
        assert ("healthcheck" in one) != (name in WITHOUT_A_SHELL)
        assert all(str(port).startswith("127.0.0.1:") for port in one.get("ports", ()))


def test_the_compose_file_runs_the_collector_that_is_checked() -> None:
    image = compose_file()["services"]["otel-collector"]["image"]
    path = ROOT / "tests" / "observability" / "collector.build.yaml"

    assert image.rpartition(":")[2] == yaml.safe_load(path.read_text("utf-8"))["dist"]["version"]


def test_services_are_told_where_the_profiles_collector_and_jaeger_are() -> None:
    lines = (ROOT / "deploy" / "observability" / "compose.env").read_text("utf-8").splitlines()
    told = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    services = compose_file()["services"]

    assert told["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://otel-collector:4318"
    port = told["FLOWYARD_API_TRACE_URL"].split(":")[2].split("/")[0]
    assert f"127.0.0.1:{port}:{port}" in services["jaeger"]["ports"]
    for name in ("api", "scheduler", "worker", "plugin-gateway"):
        assert "OTEL_EXPORTER_OTLP_ENDPOINT" in services[name]["environment"]
