"""The page about metrics says what the code says."""

from pathlib import Path

from flowyard.telemetry.metrics_page import metrics_page

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"


def test_the_metrics_page_is_fresh() -> None:
    assert PAGE.read_text() == metrics_page(), (
        "run: python -m flowyard.telemetry.metrics_page > docs/metrics.md"
    )
