"""The only place where tests read the environment."""

import os


def is_kafka_required() -> bool:
    """Tell whether a missing Kafka fails the tests instead of skipping them."""
    # Tests have no settings of their own to carry it.
    return os.environ.get("FLOWYARD_REQUIRE_KAFKA") == "1"  # noqa: TID251


def outside_environment() -> dict[str, str]:
    """Return this process's environment, for a process that a test starts."""
    return dict(os.environ)  # noqa: TID251
