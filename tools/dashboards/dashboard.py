"""One dashboard, and what all of them have in common."""

import json
from dataclasses import dataclass

from tools.dashboards.panels import PROMETHEUS, SELECTOR, Json, Row, Variable, places

TAG = "flowyard"
"""By which the dashboards find each other."""

SOURCES = (
    Variable(name="datasource", label="Prometheus", query="prometheus", kind="datasource"),
    Variable(name="traces", label="Traces", query="jaeger", kind="datasource"),
)
"""Where numbers and traces come from; Grafana takes the first of each kind."""

RELEASES = (
    Variable(
        name="namespace",
        label="Namespace",
        query="label_values(flowyard_service_info, namespace)",
    ),
    Variable(
        name="job",
        label="Job",
        query='label_values(flowyard_service_info{namespace=~"$namespace"}, job)',
    ),
)
"""Which Flowyard; a Prometheus may scrape several."""

QUEUE = Variable(
    name="queue",
    label="Queue",
    query=f"label_values(flowyard_scheduler_queue_window{{{SELECTOR}}}, queue)",
)
"""Queues that schedulers know of."""

PLUGIN = Variable(
    name="plugin",
    label="Plugin",
    query=f"label_values(flowyard_plugin_gateway_step_seconds_count{{{SELECTOR}}}, plugin)",
)
"""Plugins that have run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """One page of panels."""

    uid: str
    """Part of its address; never changes, for people keep it."""
    title: str
    description: str
    rows: tuple[Row, ...]
    variables: tuple[Variable, ...] = ()
    """Besides those that all dashboards have."""

    def as_text(self) -> str:
        """Return what Grafana is given."""
        return json.dumps(self._as_json(), indent=2, ensure_ascii=False) + "\n"

    def _as_json(self) -> Json:
        variables = (*SOURCES, *RELEASES, *self.variables)
        return {
            "uid": self.uid,
            "title": self.title,
            "description": f"{self.description} (made by tools/dashboards: `make docs`)",
            "tags": [TAG],
            "schemaVersion": 39,
            "editable": True,
            "graphTooltip": 1,
            "refresh": "30s",
            "time": {"from": "now-1h", "to": "now"},
            "timezone": "browser",
            "links": [
                {
                    "type": "dashboards",
                    "title": "Flowyard",
                    "tags": [TAG],
                    "asDropdown": False,
                    "includeVars": True,
                    "keepTime": True,
                    "targetBlank": False,
                }
            ],
            "annotations": {"list": _annotations()},
            "templating": {"list": [one.as_json() for one in variables]},
            "panels": places(self.rows),
        }


def _annotations() -> list[Json]:
    alerts = 'ALERTS{alertname=~"Flowyard.+", alertstate="firing", severity!="info"}'
    starts = f"process_start_time_seconds{{{SELECTOR}}} * 1000"
    return [
        {
            "name": "Alerts",
            "datasource": PROMETHEUS,
            "enable": True,
            "iconColor": "red",
            "expr": alerts,
            "step": "60s",
            "titleFormat": "{{alertname}}",
            "textFormat": "{{queue}} {{topic}} {{instance}}",
        },
        {
            "name": "Starts of processes",
            "datasource": PROMETHEUS,
            "enable": True,
            "iconColor": "blue",
            "expr": starts,
            "useValueForTime": True,
            "step": "60s",
            "titleFormat": "{{instance}} has started",
        },
    ]
