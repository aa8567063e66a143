"""How a process shows Kafka who it is, and how it knows that it talks to the right cluster."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import AliasChoices, Field, SecretStr, model_validator

from flowyard.settings import ServiceSettings

SecurityProtocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
SaslMechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaSecurity:
    """What every connection to a cluster needs; unless told otherwise, nothing."""

    protocol: SecurityProtocol = "PLAINTEXT"
    context: ssl.SSLContext | None = None
    """Of connections that are encrypted."""
    mechanism: SaslMechanism = "SCRAM-SHA-512"
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    @property
    def options(self) -> dict[str, Any]:
        """Arguments of aiokafka's clients, all of which know them."""
        return {
            "security_protocol": self.protocol,
            "ssl_context": self.context,
            "sasl_mechanism": self.mechanism if self.protocol.startswith("SASL") else "PLAIN",
            "sasl_plain_username": self.username,
            "sasl_plain_password": self.password,
        }


OPEN_CLUSTER = KafkaSecurity()
"""Neither encrypted nor logged in to."""


def _kafka(name: str, default: Any, description: str) -> Any:
    names = AliasChoices(f"FLOWYARD_KAFKA_{name.upper()}", f"kafka_{name}")
    return Field(default, validation_alias=names, description=description)


class KafkaSecuritySettings(ServiceSettings):
    """Settings of whoever talks to Kafka; the names are those of Kafka's own clients.

    Source: https://kafka.apache.org/documentation/#security.
    """

    kafka_security_protocol: SecurityProtocol = _kafka(
        "security_protocol", "PLAINTEXT", "Whether connections are encrypted and logged in."
    )
    kafka_sasl_mechanism: SaslMechanism = _kafka(
        "sasl_mechanism", "SCRAM-SHA-512", "How one logs in, where the protocol begins with SASL."
    )
    kafka_sasl_username: str | None = _kafka("sasl_username", None, "Who logs in.")
    kafka_sasl_password: SecretStr | None = _kafka("sasl_password", None, "What proves it.")
    kafka_ssl_ca_file: Path | None = _kafka(
        "ssl_ca_file",
        None,
        "PEM file of whom the brokers' certificates are from; else the system's.",
    )
    kafka_ssl_certificate_file: Path | None = _kafka(
        "ssl_certificate_file",
        None,
        "PEM file of this client's own certificate, where one is asked.",
    )
    kafka_ssl_key_file: Path | None = _kafka(
        "ssl_key_file", None, "PEM file of its private key, unless that is in the same file."
    )

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Self:
        protocol = self.kafka_security_protocol
        is_named = self.kafka_sasl_username and self.kafka_sasl_password
        if protocol.startswith("SASL") and not is_named:
            raise ValueError(
                f"{protocol} needs FLOWYARD_KAFKA_SASL_USERNAME and FLOWYARD_KAFKA_SASL_PASSWORD"
            )
        if protocol.endswith("SSL"):
            self._context()
        return self

    @property
    def kafka_security(self) -> KafkaSecurity:
        """What connections to the cluster need; the files are read anew each time."""
        protocol, password = self.kafka_security_protocol, self.kafka_sasl_password
        return KafkaSecurity(
            protocol=protocol,
            context=self._context() if protocol.endswith("SSL") else None,
            mechanism=self.kafka_sasl_mechanism,
            username=self.kafka_sasl_username,
            password=None if password is None else password.get_secret_value(),
        )

    def _context(self) -> ssl.SSLContext:
        try:
            context = ssl.create_default_context(cafile=self.kafka_ssl_ca_file)
            if self.kafka_ssl_certificate_file is not None:
                context.load_cert_chain(self.kafka_ssl_certificate_file, self.kafka_ssl_key_file)
        except OSError as error:
            # ssl's errors are of this kind, too, and name no file.
            raise ValueError(
                "FLOWYARD_KAFKA_SSL_CA_FILE, _CERTIFICATE_FILE and _KEY_FILE have to be PEM files"
                f" that can be read, but: {error}"
            ) from error
        return context
