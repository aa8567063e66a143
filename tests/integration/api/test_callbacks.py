from typing import Any

import httpx
from sqlalchemy import select

from flowyard.ids import callback_token, new_id
from flowyard.storage.schema import instance
from flowyard_api.dependencies.bodies import MAX_CALLBACK_BYTES
from tests.support.api import Api, Scheduler, now


class Waiting:
    """An instance whose node ``ask`` has an open first attempt."""

    def __init__(self, api: Api, scheduler: Scheduler, secret: str) -> None:
        self.scheduler = scheduler
        self._api = api
        self.token = callback_token(secret, scheduler.instance_id, "ask", 1)

    async def call(
        self, body: bytes = b"{}", *, token: str | None = None, node: str = "ask", number: int = 1
    ) -> httpx.Response:
        async with httpx.AsyncClient(base_url=self._api.service.url) as stranger:
            return await stranger.post(
                f"/api/v1/callbacks/{self.scheduler.instance_id}/{node}/{number}"
                f"/{token or self.token}",
                content=body,
            )


async def _waiting(api: Api, **attempt: Any) -> Waiting:
    await api.publish()
    scheduler = Scheduler(database=api.database, instance_id=await api.start())
    await scheduler.advance("running", {"ask": {"status": "ready", "reason": "queued"}})
    await scheduler.open_attempt("ask", **attempt)
    async with api.database.transaction() as connection:
        secret = await connection.scalar(
            select(instance.c.callback_secret).where(
                instance.c.instance_id == scheduler.instance_id
            )
        )
    assert secret is not None
    return Waiting(api, scheduler, secret)


async def test_a_callback_needs_no_bearer_and_is_kept_before_the_wait_begins(api: Api) -> None:
    waiting = await _waiting(api)

    answer = await waiting.call(b'{"state": "done"}')

    *_, command = await waiting.scheduler.commands()
    assert answer.status_code == 202
    assert (command.kind, command.node_id, command.actor) == ("callback", "ask", "callback")
    assert command.payload == {"number": 1, "data": {"state": "done"}}


async def test_an_empty_callback_is_one_without_data(api: Api) -> None:
    waiting = await _waiting(api)

    await waiting.call(b"")

    *_, command = await waiting.scheduler.commands()
    assert command.payload == {"number": 1, "data": None}


async def test_a_wrong_token_and_an_unknown_attempt_are_told_alike(api: Api) -> None:
    waiting = await _waiting(api)
    other = await _waiting(api)

    wrong = await waiting.call(token=other.token)
    node = await waiting.call(node="prepare")
    number = await waiting.call(number=2)
    other.scheduler.instance_id = new_id()
    absent = await other.call()

    for answer in (wrong, node, number, absent):
        assert (answer.status_code, answer.json()["code"]) == (403, "callback_refused")


async def test_a_closed_attempt_is_gone(api: Api) -> None:
    closed = await _waiting(api, closed_at=now(), status="succeeded")
    cancelled = await _waiting(api)
    await cancelled.scheduler.advance("cancelled")

    for waiting in (closed, cancelled):
        answer = await waiting.call()
        assert (answer.status_code, answer.json()["code"]) == (410, "attempt_closed")


async def test_a_callback_that_cannot_be_kept_is_refused(api: Api) -> None:
    waiting = await _waiting(api)

    malformed = await waiting.call(b"{")
    nul = await waiting.call(b'{"a": "\\u0000"}')
    reserved = await waiting.call(b'{"a": {"$secret": "b"}}')
    large = await waiting.call(b'"' + b"x" * MAX_CALLBACK_BYTES + b'"')

    assert (malformed.status_code, malformed.json()["code"]) == (400, "malformed_body")
    assert (nul.status_code, nul.json()["code"]) == (400, "malformed_body")
    assert reserved.json()["errors"][0]["type"] == "reserved_key"
    assert (large.status_code, large.json()["code"]) == (413, "body_too_large")
