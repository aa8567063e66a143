import time
from collections.abc import AsyncIterator

import httpx
import pytest

from flowyard.storage.database import Database
from tests.fuzz.requests import Operation, Sender, Sent, operations
from tests.fuzz.victim import CPU_SECONDS
from tests.support.api import Api, running_api

KNOWN = {
    "project": "shop",
    "template": "release",
    "node_id": "prepare",
    "version": "1",
    "number": "1",
    "command_id": "1",
    "plugin": "noop",
    "name": "x",
    "action": "pause",
    "queue": "default",
}
"""What stands in the paths of requests that find something."""

ROUNDS = 5
"""How often each route is asked."""

SEED = 20_261
"""The same requests at every run: a new one is found by another seed, not by chance in CI."""


@pytest.fixture
async def api(database: Database) -> AsyncIterator[Api]:
    async with running_api(database) as running:
        yield running


async def _send(client: httpx.AsyncClient, sent: Sent) -> tuple[httpx.Response, float]:
    began = time.process_time()
    answer = await client.request(
        sent.method,
        f"{sent.path}?{sent.query}" if sent.query else sent.path,
        headers=[(name.encode(), value.encode("latin-1")) for name, value in sent.headers.items()],
        content=sent.content,
    )
    return answer, time.process_time() - began


ALONE = ("load_unknown", "no_sealing_key")
"""What an API answers as declared while neither scheduler nor plugin gateway has ever run."""


def _objection(answer: httpx.Response, spent: float) -> str:
    if answer.status_code >= 400 and "code" not in answer.json():
        return f"status {answer.status_code} without a code"
    if answer.status_code >= 500 and answer.json()["code"] not in ALONE:
        return f"status {answer.status_code}"
    return f"{spent:.2f} s of CPU" if spent > CPU_SECONDS else ""


async def test_no_request_fails_otherwise_than_declared(api: Api) -> None:
    await api.publish()
    instance_id = await api.start()
    described = (await api.client.get("/openapi.json")).json()
    sender = Sender(SEED, KNOWN | {"instance_id": str(instance_id)})
    asked: list[Operation] = list(operations(described))

    objections: list[str] = []
    for _ in range(ROUNDS):
        for operation in asked:
            sent = sender.request(operation)
            answer, spent = await _send(api.client, sent)
            objection = _objection(answer, spent)
            if objection:
                objections.append(f"{objection}: {sent}"[:600])

    assert len(asked) > 60
    assert objections == []
