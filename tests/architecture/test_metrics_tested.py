"""A number that no test has seen move may never have moved at all."""

from flowyard.telemetry.metrics import METRICS
from tests.integration.flows.test_metrics import ELSEWHERE
from tests.support.project import ROOT

OWN = ROOT / "tests" / "integration" / "flows" / "test_metrics.py"
ROOMS = ("unit", "integration")
LISTS = ("counting.py", "test_metric_bounds.py", "test_metrics_exporting.py")
"""Where metrics are named for what they are, not for what they count."""


def test_what_no_run_in_good_order_counts_is_looked_at_by_another_test() -> None:
    texts = [
        path.read_text(encoding="utf-8")
        for room in ROOMS
        for path in (ROOT / "tests" / room).rglob("*.py")
        if path != OWN and path.name not in LISTS
    ]

    unseen = {name for name in ELSEWHERE if not any(f'"{name}"' in text for text in texts)}

    assert unseen == set()
    assert METRICS.keys() >= ELSEWHERE
