"""The only place where tests read the environment."""

import os


def is_kafka_required() -> bool:
    """Tell whether a missing Kafka fails the tests instead of skipping them."""
    # Tests have no settings of their own to carry it.
    return os.environ.get("FLOWYARD_REQUIRE_KAFKA") == "1"  # noqa: TID251
