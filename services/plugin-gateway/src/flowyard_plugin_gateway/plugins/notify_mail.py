"""The mail channel of ``notify``."""

import asyncio
import socket
import ssl
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as MAIL_POLICY

import aiosmtplib

from flowyard.clock import Clock
from flowyard.contracts.plugin import Done, Failed, StepContext
from flowyard_plugin_gateway.plugins.notify_models import Mail, NotifyInputs, NotifyOutputs

FIRST_LASTING_CODE = 500
"""Answers of a mail server from here on stay the same when the mail is sent again.

Source: RFC 5321, 4.2.1.
"""


@dataclass(slots=True)
class _Delivery:
    """How far a mail has come."""

    message_id: str
    accepted: list[str] = field(default_factory=list)
    refused: list[aiosmtplib.SMTPRecipientRefused] = field(default_factory=list)
    may_be_out: bool = False
    """True from the moment on when the server may have taken the whole mail."""

    def outputs(self) -> NotifyOutputs:
        return NotifyOutputs(
            channel="mail",
            message_id=self.message_id,
            accepted=self.accepted,
            refused=[refusal.recipient for refusal in self.refused],
        )


async def send_mail(
    clock: Clock, context: StepContext, inputs: NotifyInputs, mail: Mail
) -> Done[NotifyOutputs] | Failed:
    """Hand the mail to the server once, and return what came of it."""
    message = compose(clock, context, inputs, mail)
    delivery = _Delivery(message_id=message["Message-ID"])
    try:
        async with asyncio.timeout(inputs.timeout):
            context_tls = await asyncio.to_thread(_tls, mail)
            await _deliver(_client(mail, inputs.timeout, context_tls), mail, message, delivery)
    except (aiosmtplib.SMTPException, OSError) as error:
        return _failure(error, delivery, inputs)
    if not delivery.accepted:
        return _all_refused(delivery)
    for refusal in delivery.refused:
        context.log("The server refuses an address", level="warning", code=refusal.code)
    return Done(delivery.outputs())


def compose(clock: Clock, context: StepContext, inputs: NotifyInputs, mail: Mail) -> EmailMessage:
    """Return the mail; it is the same for every delivery of an attempt, but for its date."""
    message = EmailMessage(policy=MAIL_POLICY)
    sender = _address(mail.sender)
    message["From"] = sender
    message["To"] = [_address(mailbox) for mailbox in mail.to]
    message["Subject"] = inputs.subject
    message["Date"] = clock.now()
    message["Message-ID"] = f"<{context.attempt_id}@{sender.domain}>"
    # RFC 3834: whoever is away must not answer a machine.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(inputs.text)
    return message


def _address(mailbox: str) -> Address:
    name, bracket, rest = mailbox.partition("<")
    if not bracket:
        return Address(addr_spec=mailbox)
    return Address(display_name=name.strip().strip('"'), addr_spec=rest.removesuffix(">"))


def _tls(mail: Mail) -> ssl.SSLContext | None:
    # Reads the machine's certificates from disk, so it is called in a thread.
    return None if mail.tls == "none" else ssl.create_default_context(cadata=mail.ca_certificates)


def _client(mail: Mail, timeout: float, context: ssl.SSLContext | None) -> aiosmtplib.SMTP:
    return aiosmtplib.SMTP(
        hostname=mail.host,
        port=mail.port,
        username=mail.username,
        password=mail.password,
        local_hostname=socket.gethostname(),
        timeout=timeout,
        use_tls=mail.tls == "implicit",
        start_tls=mail.tls == "starttls",
        tls_context=context,
    )


async def _deliver(
    client: aiosmtplib.SMTP, mail: Mail, message: EmailMessage, delivery: _Delivery
) -> None:
    try:
        await client.connect()
        await client.mail(_address(mail.sender).addr_spec)
        for mailbox in mail.to:
            await _offer(client, _address(mailbox).addr_spec, delivery)
        if delivery.accepted:
            delivery.may_be_out = True
            await client.data(message.as_bytes())
    finally:
        # Without QUIT: it would have to be waited for, and changes nothing about the mail.
        client.close()


async def _offer(client: aiosmtplib.SMTP, address: str, delivery: _Delivery) -> None:
    try:
        await client.rcpt(address)
    except aiosmtplib.SMTPRecipientRefused as refusal:
        delivery.refused.append(refusal)
    else:
        delivery.accepted.append(address)


def _all_refused(delivery: _Delivery) -> Failed:
    codes = sorted({refusal.code for refusal in delivery.refused})
    is_lasting = any(code >= FIRST_LASTING_CODE for code in codes)
    return Failed(
        code="mail_refused" if is_lasting else "mail_deferred",
        message=f"The server takes none of the addresses: {', '.join(map(str, codes))}.",
        outputs=delivery.outputs().model_dump(),
    )


def _failure(
    error: aiosmtplib.SMTPException | OSError, delivery: _Delivery, inputs: NotifyInputs
) -> Failed:
    match error:
        case aiosmtplib.SMTPAuthenticationError(code=code):
            # The server's own words may repeat what it was given.
            return Failed(
                code="authentication_failed", message=f"The server refuses the login: {code}."
            )
        case aiosmtplib.SMTPResponseException(code=code):
            is_lasting = code >= FIRST_LASTING_CODE
            return Failed(
                code="mail_refused" if is_lasting else "mail_deferred",
                message=f"The server answers with {code}.",
            )
        case _ if delivery.may_be_out:
            message = "The connection ended before the server said whether it took the mail."
            return Failed(
                code="outcome_unknown", message=message, outputs=delivery.outputs().model_dump()
            )
        case TimeoutError():
            return Failed(code="timeout", message=f"No delivery within {inputs.timeout:g} s.")
        case _ if _is_about_encryption(error):
            message = "The connection could not be encrypted, or the certificate is not trusted."
            return Failed(code="tls_failed", message=message)
        case _ if type(error) is aiosmtplib.SMTPException:
            # The library has no narrower name for a server that lacks STARTTLS or AUTH.
            message = "The server does not offer the encryption or login that was asked for."
            return Failed(code="not_supported", message=message)
        case _:
            message = f"The connection to the mail server failed: {type(error).__name__}."
            return Failed(code="connection_failed", message=message)


def _is_about_encryption(error: BaseException) -> bool:
    return isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError)
