"""Settings of the API, read once at start."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from flowyard.settings import ServiceSettings, shared


class Settings(ServiceSettings):
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
