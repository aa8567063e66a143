import pytest

from flowyard_api.settings import Settings as ApiSettings
from flowyard_scheduler.settings import Settings

DATABASE = "postgresql://nobody@127.0.0.1/none"


def test_one_variable_tells_api_and_scheduler_where_people_reach_flowyard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FLOWYARD_DATABASE_URL", DATABASE)
    monkeypatch.setenv("FLOWYARD_PUBLIC_URL", "https://flowyard.example")

    assert Settings().public_url == "https://flowyard.example"
    assert ApiSettings().public_url == "https://flowyard.example"


def test_the_services_own_variable_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWYARD_DATABASE_URL", DATABASE)
    monkeypatch.setenv("FLOWYARD_PUBLIC_URL", "https://flowyard.example")
    monkeypatch.setenv("FLOWYARD_SCHEDULER_PUBLIC_URL", "https://other.example")

    assert Settings().public_url == "https://other.example"
