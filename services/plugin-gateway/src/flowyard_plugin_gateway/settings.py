"""Settings of the plugin gateway, read once at start."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from flowyard.settings import SecretStr, ServiceSettings, shared


class Settings(ServiceSettings):
    """What an operator may set, as ``FLOWYARD_PLUGIN_GATEWAY_<FIELD>``."""

    model_config = SettingsConfigDict(
        env_prefix="FLOWYARD_PLUGIN_GATEWAY_", frozen=True, extra="forbid", populate_by_name=True
    )

    host: str = "127.0.0.1"
    """Where it listens."""
    port: int = Field(default=8083, ge=0, le=65535)
    """Port of its HTTP interface; 0 takes a free one."""
    database_url: str = shared(
        "PLUGIN_GATEWAY", "database_url", description="Address of Postgres, with credentials."
    )
    secret_key: SecretStr
    """Fernet key, or several separated by commas: the first seals, all open."""
    callback_url: str = "http://127.0.0.1:8080"
    """Public address of the API, where outside systems call back."""
    trace_sample_ratio: float = Field(default=0.1, ge=0, le=1)
    """Share of the traces that are recorded where nobody decided before."""
    capacity: int = Field(default=4096, ge=1)
    """Steps that it holds at once; above, it refuses, and workers ask another gateway."""
    drain_seconds: float = Field(default=60.0, ge=0)
    """How long it lets running steps go on when it is told to stop.

    Source: a step that takes longer than 60 s has to be written as a wait.
    """
    proxy_url: str | None = None
    """HTTP proxy for calls of plugins and webhooks; the proxy variables of the environment are
    not read."""
    webhook_deliveries: int = Field(default=64, ge=0)
    """Calls of webhooks at the same time; 0 leaves them to other plugin gateways."""
    database_pool_size: int = Field(default=5, ge=1)
    """Connections to Postgres, besides one for the lease."""
