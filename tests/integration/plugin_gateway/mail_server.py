"""A real mail server on loopback, and a certificate for it."""

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

LOGIN = LoginPassword(b"flowyard", b"open sesame")


class Postbox:
    """Keeps the mails that were taken; what it says can be told by a test."""

    def __init__(self) -> None:
        self.port = 0
        self.envelopes: list[Envelope] = []
        self.logins: list[str] = []
        self.refused: dict[str, str] = {}
        """Answers to recipients that are not taken, by address."""
        self.verdict = "250 OK"
        self.is_cutting_off = False
        """True to end the connection when the mail is there, without an answer."""

    def message(self) -> EmailMessage:
        [envelope] = self.envelopes
        message = message_from_bytes(envelope.original_content or b"", policy=default)
        assert isinstance(message, EmailMessage)
        return message

    async def handle_RCPT(  # noqa: N802 - the name is the library's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        del server, session, options
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the name is the library's
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        del session
        if self.verdict.startswith("250"):
            self.envelopes.append(envelope)
        if self.is_cutting_off:
            assert server.transport is not None
            server.transport.close()
        return self.verdict

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        del server, session, envelope
        self.logins.append(mechanism)
        return AuthResult(success=data == LOGIN, handled=False)


@asynccontextmanager
async def mail_server(
    postbox: Postbox,
    *,
    starttls: ssl.SSLContext | None = None,
    implicit: ssl.SSLContext | None = None,
    with_login: bool = False,
) -> AsyncIterator[Postbox]:
    loop = asyncio.get_running_loop()

    def serve() -> SMTP:
        with warnings.catch_warnings():
            # It does not see that a connection is encrypted from its first byte.
            warnings.filterwarnings("ignore", message="Requiring AUTH while not requiring TLS")
            return new_session()

    def new_session() -> SMTP:
        return SMTP(
            postbox,
            hostname="mail.test",
            loop=loop,
            tls_context=starttls,
            require_starttls=starttls is not None,
            authenticator=postbox.authenticate if with_login else None,
            auth_required=with_login,
            auth_require_tls=implicit is None,
        )

    server = await loop.create_server(serve, "127.0.0.1", 0, ssl=implicit)
    async with server:
        postbox.port = server.sockets[0].getsockname()[1]
        yield postbox


def certificate(folder: Path) -> tuple[ssl.SSLContext, str]:
    """Return a server's context for 127.0.0.1, and the PEM that a client has to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    now = datetime.now(UTC)  # noqa: TID251 - a handshake compares with the machine's clock
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = signed.public_bytes(Encoding.PEM)
    both = folder / "server.pem"
    both.write_bytes(pem + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(both)
    return context, pem.decode()
