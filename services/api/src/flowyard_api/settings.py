"""Settings of the API, read once at start."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from flowyard.messaging.kafka_security import KafkaSecuritySettings
from flowyard.settings import shared

TRACE_ID = "{trace_id}"
"""What stands for the trace's id in ``trace_url``."""


def _leads_to_a_trace(template: str) -> str:
    if not template.startswith(("http://", "https://")) or TRACE_ID not in template:
        raise ValueError(f"Expected an http or https address with {TRACE_ID} in it")
    return template


class Settings(KafkaSecuritySettings):
    """One API process; a field ``x`` is read from ``FLOWYARD_API_X``."""

    model_config = SettingsConfigDict(env_prefix="FLOWYARD_API_")

    host: str = "127.0.0.1"
    """Where it listens."""
    port: int = Field(8080, ge=0, le=65535)
    """Port of its HTTP interface; 0 takes a free one."""
    database_url: str = shared(
        "API", "database_url", description="Address of Postgres, with credentials."
    )
    kafka_servers: str = shared(
        "API", "kafka_servers", "127.0.0.1:9092", "Kafka's bootstrap servers, comma separated."
    )
    public_url: str = shared("API", "public_url", "http://127.0.0.1:8080")
    """Where people and outside systems reach it; named in the OpenAPI document."""
    partitions: int = shared("API", "partitions", 16)
    """Partitions of the instances' topics when this process is the first to need them."""
    trace_sample_ratio: float = Field(0.1, ge=0, le=1)
    """Share of new traces that are recorded."""
    trace_url: Annotated[str, AfterValidator(_leads_to_a_trace)] | None = None
    """Where people find a trace, as in ``https://jaeger.example.com/trace/{trace_id}``."""
    database_pool_size: int = Field(10, ge=1)
    """Connections to Postgres for requests; as many again while it is busy."""
    max_streams: int = Field(1000, ge=1)
    """Live views that one process serves at once; above, it answers 429 (and waits with nobody)."""
    start_wait_seconds: float = Field(1.0, gt=0)
    """How long a new instance may have to wait until it begins; above, its project gets 429."""
    start_backlog: int = Field(10_000, ge=1)
    """How many may wait to begin over all projects; above, whoever has more than its share."""
    queue_backlog: int = Field(100_000, ge=1)
    """How many steps may wait in one queue; above, whoever has more than its share of them."""
    heartbeat_seconds: float = Field(15.0, gt=0)
    """How often a live view without news is kept awake and Postgres read again."""
    webhook_history_days: float = Field(7.0, gt=0)
    """How long what webhooks were told is kept, and what they could not be told is tried."""
    retention_mode: Literal["keep", "archive", "delete"] = "keep"
    """What becomes of ended instances in projects that say nothing of their own."""
    retention_days: float = Field(90, gt=0)
    """How long after their end."""
    retention_share: float = Field(0.2, gt=0, le=1)
    """How much of the time one process spends on moving instances out at most."""
    retention_period_seconds: float = Field(300, gt=0)
    """How often there is a look for what has become old enough."""
    archive_url: str = ""
    """Where archives go: ``file:///folder`` or ``s3://bucket/prefix``; empty for nowhere."""
    archive_endpoint: str = "https://s3.amazonaws.com"
    """Of the S3-compatible store; buckets are named in the path."""
    archive_region: str = "us-east-1"
    """Region that requests to the store are signed for."""
    archive_key_id: str = ""
    """Access key of the store."""
    archive_secret_key: SecretStr = SecretStr("")
    """Secret of that key."""
    archive_session_token: SecretStr = SecretStr("")
    """Of a session, where the key is one of a session."""
