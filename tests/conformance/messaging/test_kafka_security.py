"""A cluster that encrypts and asks who comes: by password over TLS, or by certificate."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from pydantic import ValidationError

from flowyard.messaging.kafka import KafkaBroker
from flowyard.messaging.kafka_security import KafkaSecuritySettings
from flowyard.messaging.ports import BrokerUnavailableError, IncomingRecord, OutgoingRecord
from tests.support.kafka import GuardedListener, KafkaServer

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]

TOPIC = "guarded"
LOGIN = {"FLOWYARD_KAFKA_SASL_USERNAME": "flowyard", "FLOWYARD_KAFKA_SASL_PASSWORD": "open sesame"}
MODULES = "org.apache.kafka.common.security"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with PEM files: an authority's, a broker's and a client's."""
    folder = tmp_path_factory.mktemp("certificates")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    trustme.CA().cert_pem.write_to_path(folder / "stranger.pem")
    for name in ("broker", "client"):
        issued = authority.issue_cert("127.0.0.1", key_type=trustme.KeyType.RSA)
        # Java reads keys in this form alone.
        key = load_pem_private_key(issued.private_key_pem.bytes(), password=None).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )
        chain = b"".join(one.bytes() for one in issued.cert_chain_pems)
        (folder / f"{name}.pem").write_bytes(key + chain)
    return folder


@pytest.fixture(scope="module")
def server(
    kafka_jars: Path, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[KafkaServer]:
    tls = (
        ("ssl.keystore.type", "PEM"),
        ("ssl.keystore.location", str(folder / "broker.pem")),
        ("ssl.truststore.type", "PEM"),
        ("ssl.truststore.location", str(folder / "ca.pem")),
    )
    scram = f"{MODULES}.scram.ScramLoginModule required;"
    plain = f'{MODULES}.plain.PlainLoginModule required user_flowyard="open sesame";'
    mechanisms = (
        ("sasl.enabled.mechanisms", "SCRAM-SHA-512,PLAIN"),
        ("scram-sha-512.sasl.jaas.config", scram),
        ("plain.sasl.jaas.config", plain),
    )
    server = KafkaServer(
        kafka_jars,
        tmp_path_factory.mktemp("kafka"),
        guarded={
            "login": GuardedListener("SASL_SSL", (*tls, *mechanisms)),
            "clear": GuardedListener("SASL_PLAINTEXT", mechanisms),
            "mutual": GuardedListener("SSL", (*tls, ("ssl.client.auth", "required"))),
        },
        users={"flowyard": "open sesame"},
    )
    server.start()
    yield server
    server.stop()


def broker(
    server: KafkaServer,
    listener: str,
    variables: Mapping[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> KafkaBroker:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return KafkaBroker(
        servers=server.behind(listener),
        publish_timeout=timedelta(seconds=5),
        security=KafkaSecuritySettings().kafka_security,
    )


def _tls(folder: Path, protocol: str) -> dict[str, str]:
    return {
        "FLOWYARD_KAFKA_SECURITY_PROTOCOL": protocol,
        "FLOWYARD_KAFKA_SSL_CA_FILE": str(folder / "ca.pem"),
    }


def _ways(folder: Path) -> dict[str, tuple[str, dict[str, str]]]:
    """Return listeners and what a client has to be told of them, keyed by the way in."""
    plain = {"FLOWYARD_KAFKA_SASL_MECHANISM": "PLAIN"}
    own = {"FLOWYARD_KAFKA_SSL_CERTIFICATE_FILE": str(folder / "client.pem")}
    clear = {"FLOWYARD_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT"}
    return {
        "password over TLS": ("login", {**_tls(folder, "SASL_SSL"), **LOGIN}),
        "plain password over TLS": ("login", {**_tls(folder, "SASL_SSL"), **LOGIN, **plain}),
        "password in the clear": ("clear", {**clear, **LOGIN}),
        "certificate": ("mutual", {**_tls(folder, "SSL"), **own}),
    }


@pytest.mark.parametrize(
    "way",
    ["password over TLS", "plain password over TLS", "password in the clear", "certificate"],
)
async def test_records_pass_a_guarded_listener_both_ways(
    server: KafkaServer, folder: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener, variables = _ways(folder)[way]
    topic = f"{TOPIC}.{way.replace(' ', '-')}"
    async with broker(server, listener, variables, monkeypatch) as inside:
        await inside.ensure_topic(topic, partitions=1)
        async with (
            inside.producer() as producer,
            inside.consumer([topic], group=f"readers.{topic}") as consumer,
        ):
            await producer.publish([OutgoingRecord(topic=topic, key=b"k", value=b"v")])

            records: list[IncomingRecord] = []
            while not records:
                records = await consumer.poll(max_records=1, wait=timedelta(seconds=5))

        assert records[0].value == b"v"
        assert await inside.is_available()


@pytest.mark.parametrize(
    ("listener", "variables"),
    [
        ("login", {**LOGIN, "FLOWYARD_KAFKA_SASL_PASSWORD": "wrong"}),
        ("login", {**LOGIN, "FLOWYARD_KAFKA_SSL_CA_FILE": "stranger.pem"}),
        ("mutual", {"FLOWYARD_KAFKA_SECURITY_PROTOCOL": "SSL"}),
    ],
    ids=["a wrong password", "a stranger's certificate", "no certificate of one's own"],
)
async def test_who_is_not_let_in_or_meets_a_stranger_is_told_so(
    server: KafkaServer,
    folder: Path,
    listener: str,
    variables: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = {**_tls(folder, "SASL_SSL"), **variables}
    told["FLOWYARD_KAFKA_SSL_CA_FILE"] = str(folder / Path(told["FLOWYARD_KAFKA_SSL_CA_FILE"]).name)

    with pytest.raises(BrokerUnavailableError):
        async with broker(server, listener, told, monkeypatch) as outside:
            await outside.partition_count(TOPIC)


@pytest.mark.parametrize(
    ("variables", "missing"),
    [
        ({"FLOWYARD_KAFKA_SECURITY_PROTOCOL": "SASL_SSL"}, "FLOWYARD_KAFKA_SASL_USERNAME"),
        (
            {
                "FLOWYARD_KAFKA_SECURITY_PROTOCOL": "SSL",
                "FLOWYARD_KAFKA_SSL_CA_FILE": "/nowhere/ca.pem",
            },
            "FLOWYARD_KAFKA_SSL_CA_FILE",
        ),
    ],
)
def test_settings_that_cannot_work_are_refused_by_name(
    variables: dict[str, str], missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(ValidationError, match=missing):
        KafkaSecuritySettings()


def test_the_password_is_not_told_by_accident(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**LOGIN, "FLOWYARD_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT"}.items():
        monkeypatch.setenv(name, value)
    settings = KafkaSecuritySettings()

    assert "open sesame" not in repr(settings)
    assert "open sesame" not in repr(settings.kafka_security)
