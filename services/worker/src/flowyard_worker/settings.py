"""What a worker is told by its environment."""

from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from flowyard.messaging.kafka_security import KafkaSecuritySettings
from flowyard.settings import shared


class Settings(KafkaSecuritySettings):
    """One worker; a field ``x`` is read from ``FLOWYARD_WORKER_X``."""

    model_config = SettingsConfigDict(env_prefix="FLOWYARD_WORKER_")

    host: str = "127.0.0.1"
    """Where health and metrics are served."""
    port: int = 8082
    """Port of health and metrics; 0 takes a free one."""
    kafka_servers: str = shared(
        "WORKER", "kafka_servers", "127.0.0.1:9092", "Kafka's bootstrap servers, comma separated."
    )
    plugin_gateway_urls: Annotated[tuple[str, ...], NoDecode] = ("http://127.0.0.1:8083",)
    """Plugin gateways, comma separated; they are used in turn."""
    queues: Annotated[tuple[str, ...], NoDecode] = ("default",)
    """Queues whose steps are taken, comma separated."""
    slots: int = Field(512, ge=1)
    """How many steps run at once at most, over all queues."""
    batch_steps: int = Field(256, ge=1)
    """Most steps in one request; what is more is spread over the gateways."""
    batch_bytes: int = Field(4 * 1024 * 1024, ge=1)
    """Most bytes of steps in one request; a single larger step still travels alone."""
    partitions: int = shared("WORKER", "partitions", 16)
    """Partitions of a queue's topic when this worker is the first to need it."""
    trace_sample_ratio: float = Field(0.1, ge=0, le=1)
    """Share of new traces that are recorded."""
    session_seconds: float = shared(
        "WORKER",
        "session_seconds",
        2.0,
        "After how long without a heartbeat Kafka gives the queue's partitions to another worker.",
    )
    poll_seconds: float = 0.5
    """How long one poll waits for a first record; a drain may have to wait as long."""
    commit_seconds: float = 0.2
    """How often offsets are committed: what may be delivered again after a crash."""
    running_after_seconds: float = 1.0
    """How long a step runs before it is first reported as running."""
    running_every_seconds: float = 30.0
    """How often it is reported again."""
    running_check_seconds: float = 0.25
    """How often the open steps are looked through for that."""
    backoff_seconds: float = 0.1
    """How long a plugin gateway that failed is left alone at first; doubles each time."""
    backoff_limit_seconds: float = 5.0
    """How long at most; also the limit of waiting for an absent broker's answers."""
    absent_seconds: float = 30.0
    """After how long without an answer a plugin gateway is not waited for any more with a step
    whose plugin no other one knows."""
    answer_margin_seconds: float = 15.0
    """How much longer than its longest step a request may take before it is given up."""
    leave_seconds: float = 1.0
    """How long a worker that is told to stop keeps its part of the queue while open steps end."""
    drain_seconds: float = 20.0
    """How long open steps may take to end once the worker is told to stop."""

    @field_validator("plugin_gateway_urls", "queues", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("plugin_gateway_urls", "queues")
    @classmethod
    def _at_least_one(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise ValueError("Expected at least one, but the list is empty")
        return value
