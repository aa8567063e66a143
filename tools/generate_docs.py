"""Writes what is made from code, pages above all, or tells which of it is stale."""

import sys
from collections.abc import Callable
from pathlib import Path

from flowyard.telemetry.metrics_page import metrics_page
from flowyard_plugin_gateway.documentation import render as plugins_page
from tools.chart_schema import values_schema_page
from tools.dashboards.pages import DASHBOARDS
from tools.docs_decisions import decisions_page
from tools.docs_logs import logs_page
from tools.docs_operations import operations_page
from tools.docs_states import states_page

ROOT = Path(__file__).parents[1]
"""The project's folder."""

RULES = ROOT / "deploy" / "observability" / "prometheus" / "flowyard.rules.yml"
"""The alerts; a chart can hold no file from outside of its folder, so it has a copy."""


def chart_rules() -> str:
    """Return the alerts as the chart holds them."""
    head = (
        "# A copy, made from deploy/observability/prometheus/flowyard.rules.yml by `make docs`.\n"
    )
    return head + RULES.read_text(encoding="utf-8")


PAGES: dict[str, Callable[[], str]] = {
    "deploy/helm/flowyard/values.schema.json": values_schema_page,
    "deploy/helm/flowyard/files/flowyard.rules.yml": chart_rules,
    "docs/decisions/README.md": decisions_page,
    "docs/logs.md": logs_page,
    "docs/metrics.md": metrics_page,
    "docs/instance-operations.md": operations_page,
    "docs/plugins.md": plugins_page,
    "docs/states.md": states_page,
    **{name: one.as_text for name, one in DASHBOARDS.items()},
}
"""What makes each generated page, keyed by its path from the project's folder."""


def stale_pages() -> list[str]:
    """Return the paths of pages that differ from what the code says now."""
    return [
        name
        for name, make in PAGES.items()
        if not (ROOT / name).exists() or (ROOT / name).read_text(encoding="utf-8") != make()
    ]


def write_pages() -> list[str]:
    """Write the pages that are stale, and return their paths."""
    stale = stale_pages()
    for name in stale:
        (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / name).write_text(PAGES[name](), encoding="utf-8")
    return stale


def main() -> int:
    """Write the pages; with ``--check``, only name the stale ones and fail if there are any."""
    if "--check" not in sys.argv[1:]:
        sys.stdout.writelines(f"wrote {name}\n" for name in write_pages())
        return 0
    stale = stale_pages()
    sys.stderr.writelines(f"{name} is stale: run `make docs`\n" for name in stale)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
