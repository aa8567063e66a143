"""The scheduler's settings."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from flowyard.messaging.kafka_security import KafkaSecuritySettings
from flowyard.settings import shared


class Settings(KafkaSecuritySettings):
    """What a scheduler process is told by its environment."""

    model_config = SettingsConfigDict(env_prefix="FLOWYARD_SCHEDULER_")

    host: str = "127.0.0.1"
    """Where health and metrics are served."""
    port: int = 8081
    """0 takes a free one."""
    database_url: str = shared("SCHEDULER", "database_url", description="Postgres.")
    kafka_servers: str = shared("SCHEDULER", "kafka_servers", "", "Kafka, as host:port,host:port.")
    partitions: int = shared("SCHEDULER", "partitions", 16, "Of topics that do not exist yet.")
    public_url: str = shared(
        "SCHEDULER",
        "public_url",
        "http://127.0.0.1:8080",
        "Where people reach Flowyard; begins ${instance.url}.",
    )
    window: int = Field(4096, ge=1)
    """Most steps of one queue that are handed out and not finished, over all schedulers."""
    window_seconds: float = Field(0.1, gt=0)
    """How long a step may lie in line once it is handed out; the windows become as wide as that."""
    batch_size: int = Field(128, ge=1)
    """Most records of one batch; a batch takes what waits, it never waits to be full.

    A larger one saves little more, and instances that move together keep all services but
    one idle: half of them can be decided while the other half is carried out.
    """
    held_nodes: int = Field(400_000, ge=1)
    """Most nodes of live instances in memory, at about 1 KB each."""
    session_seconds: float = shared("SCHEDULER", "session_seconds", 2.0)
    """After how long without a heartbeat Kafka gives the partitions to another scheduler.

    A broker that does not allow so little is asked for its own least, 6 s by default.
    """
    trace_sample_ratio: float = shared("SCHEDULER", "trace_sample_ratio", 0.1)
