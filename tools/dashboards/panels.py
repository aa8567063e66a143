"""Panels, queries and variables of a dashboard, as Grafana writes them in JSON."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]

PROMETHEUS: Json = {"type": "prometheus", "uid": "${datasource}"}
JAEGER: Json = {"type": "jaeger", "uid": "${traces}"}

SELECTOR = 'job=~"$job", namespace=~"$namespace"'
"""What each series of a dashboard is chosen by: the releases that its reader has picked."""

RATE = "$__rate_interval"
"""Span of a rate that fits the dashboard's zoom, and holds several scrapes."""

_METRIC = re.compile(r"\b((?:flowyard|process)_[a-z_]+)(\{([^}]*)\})?")
_COLUMNS = 24
"""Width of Grafana's grid."""


def selected(expression: str) -> str:
    """Return an expression whose metrics are all narrowed to what the reader has picked."""

    def narrow(match: re.Match[str]) -> str:
        own = match[3]
        return f"{match[1]}{{{SELECTOR}{', ' + own if own else ''}}}"

    return _METRIC.sub(narrow, expression)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One expression of a panel."""

    expression: str
    legend: str = ""
    """What its series are called; ``{{label}}`` stands for a label."""
    is_instant: bool = False
    """Whether the value of now is wanted alone."""

    def as_json(self, number: int) -> Json:
        """Return it as Grafana writes it."""
        return {
            "datasource": PROMETHEUS,
            "editorMode": "code",
            "expr": selected(self.expression),
            "format": "table" if self.is_instant else "time_series",
            "instant": self.is_instant,
            "legendFormat": self.legend or "__auto",
            "range": not self.is_instant,
            "refId": chr(ord("A") + number),
        }


def rate(metric: str, by: str = "", where: str = "") -> str:
    """Return how often per second something was counted, by some labels."""
    grouped = f" by ({by})" if by else ""
    return f"sum{grouped} (rate({metric}{f'{{{where}}}' if where else ''}[{RATE}]))"


def quantile(share: float, metric: str, by: str = "", where: str = "") -> str:
    """Return a quantile of a histogram, by some labels."""
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({share}, {rate(f'{metric}_bucket', labels, where)})"


def quantiles(metric: str, by: str = "", where: str = "") -> tuple[Query, ...]:
    """Return the median and what one in a hundred exceeds, of a histogram."""
    name = " ".join(f"{{{{{label}}}}}" for label in by.replace(",", "").split())
    return tuple(
        Query(
            expression=quantile(share, metric, by, where),
            legend=f"p{round(share * 100)} {name}".strip(),
        )
        for share in (0.5, 0.99)
    )


def mean(metric: str, by: str = "", where: str = "") -> str:
    """Return the mean of a histogram, by some labels."""
    return f"{rate(f'{metric}_sum', by, where)} / {rate(f'{metric}_count', by, where)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One panel; what it shows of whatever Grafana can do."""

    title: str
    description: str
    """What it says, and what to make of it: shown at its corner."""
    kind: Literal["timeseries", "stat", "table", "state-timeline", "traces", "text"] = "timeseries"
    unit: str = "short"
    """A unit of Grafana's, as in ``s``, ``ops``, ``bytes``, ``percentunit``."""
    queries: tuple[Query, ...] = ()
    width: int = 8
    height: int = 8
    steps: tuple[float, ...] = ()
    """From which value on it needs attention, and from which it is bad; one alone is bad."""
    is_stacked: bool = False
    content: str = ""
    """Of a text: Markdown."""
    targets: tuple[Json, ...] = ()
    """Queries of another source than Prometheus."""
    hidden: tuple[str, ...] = ()
    """Columns of a table that are not shown."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What columns of a table are called."""

    def as_json(self, number: int, x: int, y: int) -> Json:
        """Return it as Grafana writes it, at its place."""
        made: Json = {
            "id": number,
            "type": self.kind,
            "title": self.title,
            "description": self.description,
            "gridPos": {"h": self.height, "w": self.width, "x": x, "y": y},
            "options": self._options(),
        }
        if self.kind == "text":
            return made
        queries = [query.as_json(place) for place, query in enumerate(self.queries)]
        made["datasource"] = PROMETHEUS if queries else JAEGER
        made["targets"] = queries or list(self.targets)
        made["fieldConfig"] = {"defaults": self._defaults(), "overrides": []}
        if self.kind == "table" and queries:
            made["transformations"] = self._columns()
        return made

    def _defaults(self) -> Json:
        found: Json = {"unit": self.unit, "thresholds": self._thresholds()}
        if self.kind == "timeseries":
            found["min"] = 0
            found["custom"] = {
                "fillOpacity": 30 if self.is_stacked else 8,
                "lineWidth": 1,
                "showPoints": "never",
                "spanNulls": False,
                "stacking": {"group": "A", "mode": "normal" if self.is_stacked else "none"},
                "thresholdsStyle": {"mode": "dashed" if self.steps else "off"},
            }
        return found

    def _thresholds(self) -> Json:
        colors = ["red"] if len(self.steps) == 1 else ["orange", "red"]
        above = [
            {"color": color, "value": value}
            for color, value in zip(colors, self.steps, strict=False)
        ]
        return {"mode": "absolute", "steps": [{"color": "green", "value": None}, *above]}

    def _options(self) -> Json:
        match self.kind:
            case "text":
                return {"mode": "markdown", "content": self.content}
            case "stat":
                return {
                    "colorMode": "background" if self.steps else "value",
                    "graphMode": "area",
                    "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
                    "textMode": "auto",
                }
            case "timeseries":
                return {
                    "legend": {
                        "calcs": ["lastNotNull", "max"],
                        "displayMode": "table",
                        "placement": "bottom",
                        "showLegend": True,
                        "sortBy": "Last *",
                        "sortDesc": True,
                    },
                    "tooltip": {"mode": "multi", "sort": "desc"},
                }
            case "state-timeline":
                return {"showValue": "never", "legend": {"showLegend": False}, "rowHeight": 0.9}
            case "table" | "traces":
                return {}

    def _columns(self) -> list[Json]:
        return [
            {"id": "merge", "options": {}},
            {
                "id": "organize",
                "options": {
                    "excludeByName": dict.fromkeys(("Time", *self.hidden), True),
                    "renameByName": dict(self.names),
                },
            },
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Panels under one heading, each behind the one before."""

    title: str
    panels: tuple[Panel, ...]

    def as_json(self, number: int, y: int) -> tuple[list[Json], int]:
        """Return the heading and its panels, and where the next row begins."""
        made: list[Json] = [
            {
                "id": number,
                "type": "row",
                "title": self.title,
                "collapsed": False,
                "panels": [],
                "gridPos": {"h": 1, "w": _COLUMNS, "x": 0, "y": y},
            }
        ]
        x, y, height = 0, y + 1, 0
        for panel in self.panels:
            if x + panel.width > _COLUMNS:
                x, y, height = 0, y + height, 0
            made.append(panel.as_json(number + len(made), x, y))
            x, height = x + panel.width, max(height, panel.height)
        return made, y + height


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """Something that the reader picks, above all panels."""

    name: str
    label: str
    query: str = ""
    """Where its values come from; without one it is a text that is typed in."""
    kind: Literal["query", "datasource", "textbox"] = "query"

    def as_json(self) -> Json:
        """Return it as Grafana writes it."""
        made: Json = {"name": self.name, "label": self.label, "type": self.kind, "hide": 0}
        if self.kind == "textbox":
            empty = {"selected": True, "text": "", "value": ""}
            return {**made, "query": "", "current": empty, "options": [empty]}
        if self.kind == "datasource":
            return {**made, "query": self.query, "refresh": 1, "regex": "", "current": {}}
        return {
            **made,
            "datasource": PROMETHEUS,
            "definition": self.query,
            "query": {"query": self.query, "refId": self.name},
            "refresh": 2,
            "sort": 1,
            "multi": True,
            "includeAll": True,
            "allValue": ".*",
            "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
        }


def places(rows: Sequence[Row]) -> list[Json]:
    """Return the panels of a dashboard, each in its place."""
    made: list[Json] = []
    y = 0
    for row in rows:
        panels, y = row.as_json(len(made) + 1, y)
        made += panels
    return made


def stat(
    title: str,
    description: str,
    expression: str,
    *,
    unit: str = "short",
    steps: tuple[float, ...] = (),
    width: int = 3,
) -> Panel:
    """Return one number, with the way it came."""
    return Panel(
        title=title,
        description=description,
        kind="stat",
        queries=(Query(expression=expression),),
        unit=unit,
        steps=steps,
        width=width,
        height=4,
    )
