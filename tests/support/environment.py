"""The only place where tests read the environment."""

import os
from pathlib import Path


def is_kafka_required() -> bool:
    """Tell whether a missing Kafka fails the tests instead of skipping them."""
    # Tests have no settings of their own to carry it.
    return os.environ.get("FLOWYARD_REQUIRE_KAFKA") == "1"  # noqa: TID251


def is_browser_required() -> bool:
    """Tell whether a missing Chromium fails the tests instead of skipping them."""
    return os.environ.get("FLOWYARD_REQUIRE_BROWSER") == "1"  # noqa: TID251


def outside_environment() -> dict[str, str]:
    """Return this process's environment, for a process that a test starts."""
    return dict(os.environ)  # noqa: TID251


def simulation_seconds() -> float:
    """Return for how long schedules are simulated: a minute, unless somebody wants another time."""
    return float(os.environ.get("FLOWYARD_SIMULATION_SECONDS", "60"))  # noqa: TID251


def cases_folder() -> Path | None:
    """Return the folder of recorded cases that conformance suites play; None if there is none."""
    folder = os.environ.get("FLOWYARD_CASES")  # noqa: TID251
    return Path(folder) if folder else None
