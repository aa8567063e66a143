"""What the command line reads from the environment."""

from pathlib import Path

from pydantic import Field, SecretStr

from flowyard.messaging.kafka_security import KafkaSecuritySettings
from flowyard.settings import ServiceSettings, SettingsConfigDict

DEFAULT_PARTITIONS = 16
"""Partitions of a new topic: room to grow to as many schedulers, and still few for one.

Source: docs/decisions on partitions; the count may be raised later.
"""


class ClientSettings(ServiceSettings):
    """Which server the client commands talk to."""

    model_config = SettingsConfigDict(env_prefix="FLOWYARD_", frozen=True, extra="ignore")

    server: str | None = None
    """Address of the API, as in ``http://127.0.0.1:8080``."""
    token: SecretStr | None = None
    """Bearer token for it."""
    data: Path | None = None
    """Data folder of ``flowyard dev``; None looks for ``.flowyard`` upwards."""


class OperatorSettings(KafkaSecuritySettings):
    """What commands need that work on the database and the broker themselves."""

    model_config = SettingsConfigDict(env_prefix="FLOWYARD_", frozen=True, extra="ignore")

    database_url: str | None = None
    """``postgresql://`` address; None uses the data folder's embedded Postgres."""
    kafka_servers: str | None = None
    """Comma separated ``host:port``; None leaves the broker alone."""
    partitions: int = Field(default=DEFAULT_PARTITIONS, gt=0)
    """Partitions of topics that do not exist yet."""
    secret_key: SecretStr | None = Field(
        default=None, validation_alias="FLOWYARD_PLUGIN_GATEWAY_SECRET_KEY"
    )
    """The plugin gateway's Fernet key; None uses the data folder's."""
