"""Fixtures that every test may use."""

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
