"""Programs of the machine without which a test is skipped, or fails where they have to be there."""

from pathlib import Path

import pytest

from tests.support.environment import is_kafka_required
from tests.support.postgres15 import PostgresMissingError, binaries


def wanted_postgres() -> Path:
    """Return the folder of PostgreSQL's programs."""
    try:
        return binaries()
    except PostgresMissingError as error:
        if is_kafka_required():
            pytest.fail(str(error))
        pytest.skip(str(error))
