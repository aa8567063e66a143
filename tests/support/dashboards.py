"""The dashboards that Grafana is given, and the alerts that Prometheus is."""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

from tests.support.project import ROOT
from tools.dashboards.pages import FOLDER
from tools.generate_docs import RULES

Json = dict[str, Any]

METRIC = re.compile(r"\bflowyard_[a-z_]+")
_SUFFIX = re.compile(r"_(?:bucket|sum|count)$")
_VARIABLES = {
    "$__rate_interval": "15m",
    "$namespace": ".*",
    "$job": ".*",
    "$queue": ".*",
    "$plugin": ".*",
}
"""What Grafana puts in for them while nothing is picked."""


class Asked(NamedTuple):
    """One expression of one panel."""

    dashboard: str
    panel: str
    expression: str


def dashboards() -> list[Json]:
    """Return them as they lie in the folder."""
    return [
        json.loads(path.read_text(encoding="utf-8")) for path in sorted((ROOT / FOLDER).iterdir())
    ]


def panels(dashboard: Json) -> list[Json]:
    """Return what a dashboard shows, without the headings between."""
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def expressions() -> Iterator[Asked]:
    """Yield what every panel asks Prometheus, with all that can be picked."""
    for dashboard in dashboards():
        for panel in panels(dashboard):
            for target in panel.get("targets", ()):
                if "expr" in target:
                    yield Asked(dashboard["uid"], panel["title"], filled(target["expr"]))


def filled(expression: str) -> str:
    """Return an expression as Grafana asks it while nothing is picked."""
    for name, value in _VARIABLES.items():
        expression = expression.replace(name, value)
    return expression


def alerts() -> list[Json]:
    """Return the alerting rules."""
    written = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    return [rule for group in written["groups"] for rule in group["rules"]]


def metrics_in(text: str) -> set[str]:
    """Return the names of Flowyard's metrics in a text, of histograms without what follows."""
    return {_SUFFIX.sub("", name) for name in METRIC.findall(text)}
