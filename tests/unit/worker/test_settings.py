import pytest
from pydantic import ValidationError

from flowyard_worker.settings import Settings


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWYARD_WORKER_PLUGIN_GATEWAY_URLS", "http://a:1, http://b:2")
    monkeypatch.setenv("FLOWYARD_WORKER_QUEUES", "default,night")
    monkeypatch.setenv("FLOWYARD_WORKER_SLOTS", "7")
    monkeypatch.setenv("FLOWYARD_KAFKA_SERVERS", "kafka:9092")

    settings = Settings()

    assert settings.plugin_gateway_urls == ("http://a:1", "http://b:2")
    assert settings.queues == ("default", "night")
    assert settings.slots == 7
    assert settings.kafka_servers == "kafka:9092"


def test_a_workers_own_variable_overrides_the_shared_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWYARD_KAFKA_SERVERS", "kafka:9092")
    monkeypatch.setenv("FLOWYARD_WORKER_KAFKA_SERVERS", "other:9092")

    assert Settings().kafka_servers == "other:9092"


@pytest.mark.parametrize("field", ["queues", "plugin_gateway_urls"])
def test_a_worker_without_queue_or_gateway_is_refused(field: str) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({field: " , "})
