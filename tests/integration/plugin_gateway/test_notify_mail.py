"""Mails to a real server on loopback, encrypted and not."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from flowyard.plugin_testing import ATTEMPT_ID, PROBE_START, PluginProbe, ProbeClock, ProbedRun
from flowyard_plugin_gateway.http_client import new_client
from flowyard_plugin_gateway.plugins.notify import Notify
from flowyard_plugin_gateway.plugins.notify_models import NotifyInputs, NotifyOutputs
from tests.integration.plugin_gateway.mail_server import Postbox, certificate, mail_server
from tests.support.ports import free_port

Probe = PluginProbe[NotifyInputs, NotifyOutputs]

LOGIN: dict[str, Any] = {"username": "flowyard", "password": "open sesame"}


@pytest.fixture
async def probe() -> AsyncIterator[Probe]:
    async with new_client() as client:
        clock = ProbeClock()
        yield PluginProbe(Notify(client, clock), clock=clock)


@pytest.fixture
async def postbox() -> AsyncIterator[Postbox]:
    async with mail_server(Postbox()) as running:
        yield running


@pytest.fixture
def trusted(tmp_path: Path) -> tuple[ssl.SSLContext, str]:
    return certificate(tmp_path)


async def send(
    probe: Probe, postbox: Postbox, *, seconds: float = 20, **mail: Any
) -> ProbedRun[NotifyOutputs]:
    known = {
        "host": "127.0.0.1",
        "port": postbox.port,
        "tls": "none",
        "from": "Flowyard <flowyard@example.com>",
        "to": ["ops@example.com", "Jörg, on call <oncall@example.com>"],
    }
    text = "Zeile 1\n.\nZeile 3 mit ä"
    return await probe.run(
        {"subject": "Größe", "text": text, "mail": known | mail, "timeout": seconds}
    )


async def test_a_mail_arrives_as_it_was_written(probe: Probe, postbox: Postbox) -> None:
    run = await send(probe, postbox)

    message = postbox.message()
    assert message["Subject"] == "Größe"
    assert message["From"] == "Flowyard <flowyard@example.com>"
    assert message["To"] == 'ops@example.com, "Jörg, on call" <oncall@example.com>'
    assert message.get_content().splitlines() == ["Zeile 1", ".", "Zeile 3 mit ä"]
    assert message["Date"].datetime == PROBE_START
    assert postbox.envelopes[0].mail_from == "flowyard@example.com"
    assert run.outputs.accepted == ["ops@example.com", "oncall@example.com"]


async def test_its_id_is_the_same_for_every_delivery_of_the_attempt(
    probe: Probe, postbox: Postbox
) -> None:
    run = await send(probe, postbox)

    assert postbox.message()["Message-ID"] == f"<{ATTEMPT_ID}@example.com>"
    assert run.outputs.message_id == postbox.message()["Message-ID"]


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
async def test_an_encrypted_server_is_logged_in_to(
    probe: Probe, trusted: tuple[ssl.SSLContext, str], tls: str
) -> None:
    context, pem = trusted
    how = {tls: context}

    async with mail_server(Postbox(), **how, with_login=True) as postbox:
        run = await send(probe, postbox, tls=tls, ca_certificates=pem, **LOGIN)

    assert run.outputs.refused == []
    assert len(postbox.logins) == len(postbox.envelopes) == 1


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
async def test_a_server_that_is_not_trusted_gets_no_password(
    probe: Probe, trusted: tuple[ssl.SSLContext, str], tls: str
) -> None:
    how = {tls: trusted[0]}

    async with mail_server(Postbox(), **how, with_login=True) as postbox:
        run = await send(probe, postbox, tls=tls, **LOGIN)

    assert (run.failure.code, postbox.logins) == ("tls_failed", [])


async def test_a_server_without_encryption_gets_no_password(probe: Probe, postbox: Postbox) -> None:
    run = await send(probe, postbox, tls="starttls", **LOGIN)

    assert (run.failure.code, postbox.logins) == ("not_supported", [])


async def test_a_wrong_password_is_told(probe: Probe, trusted: tuple[ssl.SSLContext, str]) -> None:
    context, pem = trusted

    async with mail_server(Postbox(), starttls=context, with_login=True) as postbox:
        wrong = LOGIN | {"password": "guess"}
        run = await send(probe, postbox, tls="starttls", ca_certificates=pem, **wrong)

    assert (run.failure.code, postbox.envelopes) == ("authentication_failed", [])


async def test_a_mail_that_reaches_some_is_sent_and_names_the_others(
    probe: Probe, postbox: Postbox
) -> None:
    postbox.refused = {"ops@example.com": "550 No such user"}

    run = await send(probe, postbox)

    assert run.outputs.accepted == ["oncall@example.com"]
    assert run.outputs.refused == ["ops@example.com"]
    assert run.logs[0].level == "warning"


@pytest.mark.parametrize(
    ("answer", "code"), [("550 No such user", "mail_refused"), ("450 Busy", "mail_deferred")]
)
async def test_a_mail_that_reaches_nobody_is_a_failure(
    probe: Probe, postbox: Postbox, answer: str, code: str
) -> None:
    postbox.refused = {"ops@example.com": answer, "oncall@example.com": answer}

    run = await send(probe, postbox)

    assert (run.failure.code, postbox.envelopes) == (code, [])


@pytest.mark.parametrize(
    ("verdict", "code"), [("554 Spam", "mail_refused"), ("451 Later", "mail_deferred")]
)
async def test_a_mail_that_the_server_does_not_take_is_a_failure(
    probe: Probe, postbox: Postbox, verdict: str, code: str
) -> None:
    postbox.verdict = verdict

    run = await send(probe, postbox)

    assert run.failure.code == code


async def test_nobody_knows_about_a_mail_that_was_cut_off_before_the_answer(
    probe: Probe, postbox: Postbox
) -> None:
    postbox.is_cutting_off = True

    run = await send(probe, postbox)

    assert run.failure.code == "outcome_unknown"
    assert len(postbox.envelopes) == 1


async def test_a_server_that_is_not_there_is_a_failure(probe: Probe, postbox: Postbox) -> None:
    run = await send(probe, postbox, port=free_port())

    assert run.failure.code == "connection_failed"


async def test_a_server_that_says_nothing_is_not_waited_for(probe: Probe, postbox: Postbox) -> None:
    async with await asyncio.start_server(_say_nothing, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        run = await send(probe, postbox, port=port, seconds=0.1)

    assert run.failure.code == "timeout"


async def _say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


@pytest.mark.parametrize(
    "changed",
    [
        {"subject": "Hello\r\nBcc: eve@example.com"},
        {"subject": "Hello\nBcc: eve@example.com"},
        {"from": "Flowyard\r\nBcc: eve@example.com <f@example.com>"},
        {"from": "f@example.com>\r\nBcc: <eve@example.com"},
        {"to": ["ops@example.com\r\nBcc: eve@example.com"]},
        {"to": ["ops@example.com, eve@example.com"]},
        {"to": ["ops@example.com\n"]},
        {"to": []},
        {"host": "mail.example.com\r\nRSET"},
    ],
)
def test_no_header_and_no_recipient_can_be_smuggled_in(changed: dict[str, Any]) -> None:
    mail = {"host": "mail.test", "from": "f@example.com", "to": ["ops@example.com"]}
    subject = changed.pop("subject", "Hello")

    with pytest.raises(ValidationError, match="should"):
        NotifyInputs.model_validate({"subject": subject, "mail": mail | changed})


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        (LOGIN | {"tls": "none"}, "not sent over a connection without TLS"),
        ({"username": "flowyard"}, "both username and password"),
    ],
)
def test_a_login_that_makes_no_sense_is_refused(changed: dict[str, Any], problem: str) -> None:
    mail = {"host": "mail.test", "from": "f@example.com", "to": ["ops@example.com"]}

    with pytest.raises(ValidationError, match=problem):
        NotifyInputs.model_validate({"mail": mail | changed})


async def test_a_mail_is_never_sent_twice() -> None:
    mail = {"host": "mail.test", "from": "f@example.com", "to": ["ops@example.com"]}
    given = NotifyInputs.model_validate({"mail": mail})

    async with new_client() as client:
        assert not Notify(client).is_idempotent(given)
