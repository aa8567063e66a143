"""Every service starts with what the chart tells it, and reads all of it."""

from typing import Any

import pytest
from cryptography.fernet import Fernet

import flowyard_api.settings
import flowyard_plugin_gateway.settings
import flowyard_scheduler.settings
import flowyard_worker.settings
from flowyard.settings import ServiceSettings
from flowyard_cli.settings import OperatorSettings
from tests.support.chart import (
    VALUE_SETS,
    VALUES,
    Manifest,
    component_of,
    containers_of,
    environment_of,
    of_kind,
    pod_of,
    render,
    rendered,
    require_helm,
    services,
)

SETTINGS: dict[str, type[ServiceSettings]] = {
    "api": flowyard_api.settings.Settings,
    "scheduler": flowyard_scheduler.settings.Settings,
    "worker": flowyard_worker.settings.Settings,
    "plugin-gateway": flowyard_plugin_gateway.settings.Settings,
}
STANDINS = {
    "FLOWYARD_DATABASE_URL": "postgresql://flowyard@postgres:5432/flowyard",
    "FLOWYARD_PLUGIN_GATEWAY_SECRET_KEY": Fernet.generate_key().decode(),
}


def _settings(workload: Manifest, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in (environment_of(workload) | STANDINS).items():
        if name in environment_of(workload):
            monkeypatch.setenv(name, value)
    return SETTINGS[component_of(workload)]()


def _fields(workload: Manifest) -> set[str]:
    prefix = f"FLOWYARD_{component_of(workload).upper().replace('-', '_')}_"
    return {
        name.removeprefix(prefix).removeprefix("FLOWYARD_").lower()
        for name in environment_of(workload)
        if name.startswith("FLOWYARD_")
    }


@pytest.mark.parametrize("values", VALUE_SETS)
def test_every_variable_is_read_by_the_service_that_gets_it(values: str) -> None:
    for workload in services(rendered(values)):
        with pytest.MonkeyPatch.context() as monkeypatch:
            settings = _settings(workload, monkeypatch)

        # Workers and schedulers make topics; who does not is told the number all the same.
        assert _fields(workload) <= settings.model_fields_set


def test_numbers_arrive_as_they_were_written(monkeypatch: pytest.MonkeyPatch) -> None:
    by_component = {component_of(one): one for one in services(rendered("everything"))}

    scheduler = _settings(by_component["scheduler"], monkeypatch)
    worker = _settings(by_component["worker"], monkeypatch)

    assert scheduler.held_nodes == 4_194_304
    assert scheduler.window_seconds == 0.25
    assert worker.batch_bytes == 8_388_608
    assert worker.drain_seconds == 30.5
    assert worker.partitions == 32


def test_archives_go_to_the_store_or_the_claim_that_the_values_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (stored,) = [one for one in services(rendered("everything")) if component_of(one) == "api"]
    (mounted,) = [one for one in services(rendered("pools")) if component_of(one) == "api"]

    settings = _settings(stored, monkeypatch)
    pod = mounted["spec"]["template"]["spec"]
    claims = {
        one["name"]: one["persistentVolumeClaim"]["claimName"]
        for one in pod["volumes"]
        if "persistentVolumeClaim" in one
    }
    mounts = {one["name"]: one["mountPath"] for one in pod["containers"][0]["volumeMounts"]}

    assert settings.archive_url == "s3://flowyard/archive"
    assert settings.archive_endpoint == "https://minio.storage:9000"
    assert settings.retention_days == 30.5
    assert claims == {"archive": "flowyard-archive"}
    url = environment_of(mounted)["FLOWYARD_API_ARCHIVE_URL"]
    assert url == f"file://{mounts['archive']}"


def test_links_and_callbacks_lead_to_the_public_address(monkeypatch: pytest.MonkeyPatch) -> None:
    by_component = {component_of(one): one for one in services(rendered("smallest"))}

    api = _settings(by_component["api"], monkeypatch)
    scheduler = _settings(by_component["scheduler"], monkeypatch)
    gateway = _settings(by_component["plugin-gateway"], monkeypatch)

    address = "https://flowyard.example.com"
    assert api.public_url == scheduler.public_url == gateway.callback_url == address


def test_the_migration_reads_both_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    (job,) = of_kind(rendered("smallest"), "Job")
    for name, value in (environment_of(job) | {"FLOWYARD_DATABASE_URL": "postgresql://x"}).items():
        monkeypatch.setenv(name, value)

    settings = OperatorSettings()

    assert settings.database_url == "postgresql://x"
    assert settings.kafka_servers == "kafka:9092"
    assert settings.partitions == 16


def test_whatever_talks_to_kafka_logs_in_and_nothing_else_could(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for workload in services(rendered("everything")):
        variables = environment_of(workload)
        if component_of(workload) == "plugin-gateway":
            assert not [name for name in variables if "KAFKA" in name]
            continue
        security = _settings(workload, monkeypatch).kafka_security
        assert (security.protocol, security.mechanism) == ("SASL_PLAINTEXT", "PLAIN")
        assert (security.username, security.password) == ("login/username", "login/password")


def test_certificates_for_kafka_are_mounted_where_the_settings_look_for_them() -> None:
    require_helm()
    values = {
        "protocol": "SSL",
        "certificates.existingSecret": "ours",
        "certificates.certificateKey": "tls.crt",
        "certificates.keyKey": "tls.key",
    }
    wanted = [f"--set=kafka.security.{name}={value}" for name, value in values.items()]
    manifests = render("--values", str(VALUES / "smallest.yaml"), *wanted)
    (job,) = of_kind(manifests, "Job")

    for workload in (*services(manifests), job):
        talks = component_of(workload) != "plugin-gateway"
        pod = pod_of(workload)["spec"]
        secrets = [one["secret"]["secretName"] for one in pod["volumes"] if "secret" in one]
        (container,) = containers_of(workload)
        mounts = [one["mountPath"] for one in container["volumeMounts"]]
        assert ("ours" in secrets) == ("/etc/flowyard/kafka" in mounts) == talks
        assert {
            name: value
            for name, value in environment_of(workload).items()
            if name.startswith("FLOWYARD_KAFKA_SSL_")
        } == ({
            "FLOWYARD_KAFKA_SSL_CA_FILE": "/etc/flowyard/kafka/ca.crt",
            "FLOWYARD_KAFKA_SSL_CERTIFICATE_FILE": "/etc/flowyard/kafka/tls.crt",
            "FLOWYARD_KAFKA_SSL_KEY_FILE": "/etc/flowyard/kafka/tls.key",
        } if talks else {})  # fmt: skip


def test_traces_go_where_the_values_say_and_tell_which_pod_they_are_of() -> None:
    for workload in services(rendered("everything")):
        variables = environment_of(workload)
        assert variables["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://collector.observability:4318"
        assert variables["OTEL_EXPORTER_OTLP_HEADERS"] == "otlp/headers"
        assert "k8s.pod.name=$(POD_NAME)" in variables["OTEL_RESOURCE_ATTRIBUTES"]
        assert variables["OTEL_BSP_MAX_QUEUE_SIZE"] == "4096"
        assert variables["TZ"] == "UTC"
    for workload in services(rendered("smallest")):
        assert not [name for name in environment_of(workload) if name.startswith("OTEL_")]


def test_instances_link_to_their_traces_where_the_values_say(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    everything = {component_of(one): one for one in services(rendered("everything"))}
    smallest = {component_of(one): one for one in services(rendered("smallest"))}

    api = _settings(everything["api"], monkeypatch)

    assert api.trace_url == "https://jaeger.example.com/trace/{trace_id}"
    assert "FLOWYARD_API_TRACE_URL" not in environment_of(smallest["api"])
