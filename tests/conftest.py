"""Fixtures that every test may use, and how examples are drawn."""

from hypothesis import HealthCheck, settings

from tests.support.kafka import kafka, kafka_jars
from tests.support.postgres import database, database_uri, empty_database_uri, postgres_uri

__all__ = [
    "database",
    "database_uri",
    "empty_database_uri",
    "kafka",
    "kafka_jars",
    "postgres_uri",
]

# On a loaded machine, slowness says nothing about a test.
settings.register_profile("flowyard", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("flowyard")
