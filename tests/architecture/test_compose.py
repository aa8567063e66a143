import tomllib
from typing import Any

import pytest
from cryptography.fernet import Fernet

import flowyard_api.settings
import flowyard_plugin_gateway.settings
import flowyard_scheduler.settings
import flowyard_worker.settings
from flowyard.settings import ServiceSettings
from flowyard_cli.settings import OperatorSettings
from tests.support.compose import (
    SERVICES,
    compose_environment,
    compose_file,
    container_environment,
)
from tests.support.project import ROOT
from tools.image_steps import DOCKERFILE, EXPECTATIONS, stages

SETTINGS: dict[str, type[ServiceSettings]] = {
    "api": flowyard_api.settings.Settings,
    "scheduler": flowyard_scheduler.settings.Settings,
    "worker": flowyard_worker.settings.Settings,
    "plugin-gateway": flowyard_plugin_gateway.settings.Settings,
}
IMAGE_PORT = 8080


def _settings(service: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in container_environment(service).items():
        monkeypatch.setenv(name, value)
    return SETTINGS[service]()


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_starts_with_what_the_compose_file_gives_it(
    service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = _settings(service, monkeypatch)

    assert settings.host == "0.0.0.0"  # noqa: S104  # others have to reach the container
    assert settings.port == IMAGE_PORT


@pytest.mark.parametrize("service", SERVICES)
def test_every_variable_of_the_compose_file_is_read_by_its_service(
    service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = _settings(service, monkeypatch)
    variables = compose_environment(service)

    prefix = f"FLOWYARD_{service.upper().replace('-', '_')}_"
    fields = {name.removeprefix(prefix).removeprefix("FLOWYARD_").lower() for name in variables}

    assert fields <= settings.model_fields_set


@pytest.mark.parametrize("service", [*SERVICES, "migrate"])
def test_services_share_one_address_of_postgres_and_one_of_kafka(service: str) -> None:
    reference = compose_environment("migrate")
    shared = {name: value for name, value in compose_environment(service).items()
              if name in reference}  # fmt: skip

    assert shared.items() <= reference.items()


def test_links_and_callbacks_lead_to_where_the_api_is_reached() -> None:
    address = compose_environment("api")["FLOWYARD_API_PUBLIC_URL"]

    assert compose_environment("scheduler")["FLOWYARD_SCHEDULER_PUBLIC_URL"] == address
    assert compose_environment("plugin-gateway")["FLOWYARD_PLUGIN_GATEWAY_CALLBACK_URL"] == address


def test_the_worker_is_not_told_where_postgres_is() -> None:
    assert "FLOWYARD_DATABASE_URL" not in compose_environment("worker")


def test_the_plugin_gateway_is_not_told_where_kafka_is() -> None:
    assert "FLOWYARD_KAFKA_SERVERS" not in compose_environment("plugin-gateway")


def test_the_migrate_job_reads_both_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in container_environment("migrate").items():
        monkeypatch.setenv(name, value)

    settings = OperatorSettings()

    assert settings.database_url == compose_environment("migrate")["FLOWYARD_DATABASE_URL"]
    assert settings.kafka_servers == "kafka:9092"


def test_the_local_secret_key_is_a_valid_one(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _settings("plugin-gateway", monkeypatch)

    Fernet(settings.secret_key.get_secret_value())


def test_workers_call_the_plugin_gateway_by_its_name_in_the_compose_file() -> None:
    url = compose_environment("worker")["FLOWYARD_WORKER_PLUGIN_GATEWAY_URLS"]

    assert url == f"http://plugin-gateway:{IMAGE_PORT}"


def test_every_image_is_built_with_an_extra_that_the_image_knows() -> None:
    services = compose_file()["services"]

    extras = {
        name: service["build"]["args"]["EXTRA"]
        for name, service in services.items()
        if "build" in service
    }

    assert set(extras) == {*SERVICES, "migrate"}
    assert set(extras.values()) <= set(EXPECTATIONS)


def test_services_wait_for_the_migration_and_the_migration_for_its_servers() -> None:
    services = compose_file()["services"]

    for name in ("api", "scheduler", "plugin-gateway"):
        waits = services[name]["depends_on"]
        assert waits["migrate"]["condition"] == "service_completed_successfully"
    for server in ("postgres", "kafka"):
        assert services["migrate"]["depends_on"][server]["condition"] == "service_healthy"
        assert "test" in services[server]["healthcheck"]


def test_kafka_lets_a_dead_scheduler_be_replaced_within_three_seconds() -> None:
    kafka = compose_file()["services"]["kafka"]["environment"]

    assert int(kafka["KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS"]) < 3000
    assert kafka["KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS"] == "0"


def test_the_compose_file_runs_the_kafka_that_the_tests_run() -> None:
    image = compose_file()["services"]["kafka"]["image"]
    pom = (ROOT / "deploy" / "kafka" / "pom.xml").read_text(encoding="utf-8")

    version = image.removeprefix("apache/kafka:")

    assert f"<kafka.version>{version}</kafka.version>" in pom


def test_the_image_runs_as_an_unprivileged_user_and_checks_its_health() -> None:
    last = {step.keyword: step.rest for step in stages(DOCKERFILE.read_text(encoding="utf-8"))[-1]}

    assert last["USER"] not in {"0", "root"}
    assert f"http://127.0.0.1:{IMAGE_PORT}/healthz" in last["HEALTHCHECK"]
    assert last["ENTRYPOINT"] == '["flowyard"]'


def test_the_image_is_built_from_all_that_the_wheel_is_made_of() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"][
        "build"
    ]["targets"]["wheel"]
    needed = {path.split("/")[0] for path in (*wheel["packages"], *wheel["force-include"])}
    first = stages(DOCKERFILE.read_text(encoding="utf-8"))[0]
    copied = {name for step in first if step.keyword == "COPY" for name in step.rest.split()[:-1]}
    sent = {
        line.removeprefix("!")
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    }

    assert needed <= copied
    assert copied == sent
