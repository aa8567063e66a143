"""Starts whose answer is held until the instance is settled: ``Prefer: wait=SECONDS``."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy import event, select

from flowyard.storage.database import Database
from flowyard.storage.schema import instance
from flowyard_api.usecases import settling
from tests.support.api import Api, Scheduler, eventually, running_api

INSTANCES = "/api/v1/projects/shop/instances"
KEY = {"Idempotency-Key": "deploy-1204"}


async def _post(api: Api, prefer: str = "wait=30", **headers: str) -> httpx.Response:
    return await api.client.post(
        INSTANCES, json={"template": "release"}, headers={"Prefer": prefer, **headers}
    )


async def _waiting(api: Api) -> Scheduler:
    """Return what advances the only instance, as soon as somebody waits for it."""
    await eventually(lambda: api.service.context.streams == 1)
    async with api.database.transaction() as connection:
        instance_id = (await connection.execute(select(instance.c.instance_id))).scalar_one()
    return Scheduler(database=api.database, instance_id=uuid.UUID(int=instance_id.int))


@asynccontextmanager
async def _held(api: Api, **headers: str) -> AsyncIterator[asyncio.Task[httpx.Response]]:
    await api.publish()
    posting = asyncio.create_task(_post(api, **headers))
    try:
        yield posting
    finally:
        posting.cancel()


@pytest.mark.parametrize("status", ["succeeded", "failed", "paused", "cancelled"])
async def test_an_answer_is_held_until_the_instance_is_settled(api: Api, status: str) -> None:
    async with _held(api) as posting:
        scheduler = await _waiting(api)
        await api.tell(scheduler.instance_id, 1)
        await api.tell(scheduler.instance_id, 2, status=status)
        async with asyncio.timeout(5):
            answer = await posting

    body: dict[str, Any] = answer.json()
    assert answer.status_code == 201
    assert body["status"] == status
    assert body["instance_id"] == str(scheduler.instance_id)
    assert body["command_id"] is not None
    assert answer.headers["preference-applied"] == "wait=30"
    assert answer.headers["location"] == f"/api/v1/instances/{scheduler.instance_id}"
    assert api.service.context.streams == 0


@pytest.fixture
def no_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has nobody look into Postgres because of the time alone."""
    monkeypatch.setattr(settling, "LOOK_SECONDS", 60.0)


@pytest.mark.usefixtures("no_looks")
async def test_what_is_told_is_believed_without_a_look_into_postgres(api: Api) -> None:
    async with _held(api) as posting:
        scheduler = await _waiting(api)
        engine = api.service.context.database._engine
        assert engine is not None
        asked: list[str] = []
        event.listen(
            engine.sync_engine,
            "before_cursor_execute",
            lambda *arguments: asked.append(arguments[2]),
        )
        await api.tell(scheduler.instance_id, 1, status="succeeded")
        answer = await posting

    assert answer.json()["status"] == "succeeded"
    assert not [statement for statement in asked if "FROM instance" in statement]


async def test_a_late_record_does_not_take_back_a_newer_one(api: Api) -> None:
    await api.publish()
    instance_id = await api.start()
    with api.service.context.changes.subscribe(instance_id) as subscription:
        await api.tell(instance_id, 2, status="paused")
        await api.tell(instance_id, 1, status="running")
        await api.tell(uuid.UUID(int=1), 1)
        await eventually(
            lambda: api.service.context.metrics.value("flowyard_api_changes_total") == 3
        )

        assert subscription.status == "paused"


async def test_a_lost_record_is_made_up_for_by_a_look_into_postgres(api: Api) -> None:
    async with _held(api) as posting:
        scheduler = await _waiting(api)
        await scheduler.advance("succeeded")
        async with asyncio.timeout(10):
            answer = await posting

    assert answer.json()["status"] == "succeeded"


async def test_when_the_time_is_over_the_answer_tells_how_far_it_is(api: Api) -> None:
    async with _held(api, prefer="wait=1") as posting:
        scheduler = await _waiting(api)
        await scheduler.advance("running")
        answer = await posting

    assert (answer.status_code, answer.json()["status"]) == (201, "running")
    assert answer.headers["preference-applied"] == "wait=1"


async def test_an_instance_that_is_not_started_is_not_waited_for(api: Api) -> None:
    await api.publish()

    async with asyncio.timeout(5):
        answer = await api.client.post(
            INSTANCES,
            json={"template": "release", "start": False},
            headers={"Prefer": "wait=60", **KEY},
        )

    assert (answer.status_code, answer.json()["status"]) == (201, "created")
    assert answer.headers["preference-applied"] == "wait=60"


@pytest.mark.parametrize("prefer", ["wait=soon", "wait=0", "respond-async", ""])
async def test_another_preference_is_ignored(api: Api, prefer: str) -> None:
    await api.publish()

    async with asyncio.timeout(5):
        answer = await _post(api, prefer)

    assert (answer.status_code, answer.json()["status"]) == (201, "created")
    assert "preference-applied" not in answer.headers


@pytest.mark.usefixtures("no_looks")
async def test_rule_13_a_repeated_start_waits_for_the_instance_of_the_first(api: Api) -> None:
    async with _held(api, **KEY) as posting:
        scheduler = await _waiting(api)
        await api.tell(scheduler.instance_id, 1, status="failed")
        first = await posting
    await scheduler.advance("succeeded")

    async with asyncio.timeout(10):
        again = await _post(api, **KEY)
    unheld = await api.client.post(INSTANCES, json={"template": "release"}, headers=KEY)

    assert [one.json()["status"] for one in (first, again, unheld)] == [
        "failed",
        "succeeded",
        "created",
    ]
    assert len({one.json()["instance_id"] for one in (first, again, unheld)}) == 1
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["preference-applied"] == "wait=30"
    assert "preference-applied" not in unheld.headers


async def test_a_client_that_hangs_up_makes_room(api: Api) -> None:
    async with _held(api) as posting:
        await _waiting(api)
        posting.cancel()
        await eventually(lambda: api.service.context.streams == 0)

    assert api.service.context.changes._subscriptions == {}


async def test_without_room_the_answer_comes_at_once(database: Database) -> None:
    async with running_api(database, max_streams=1) as api, _held(api) as posting:
        scheduler = await _waiting(api)
        async with asyncio.timeout(5):
            second = await _post(api)
        await api.tell(scheduler.instance_id, 1, status="succeeded")
        first = await posting

    assert (second.status_code, second.json()["status"]) == (201, "created")
    assert "preference-applied" not in second.headers
    assert first.json()["status"] == "succeeded"


async def test_held_answers_are_given_when_the_service_stops(database: Database) -> None:
    async with running_api(database) as api, _held(api) as posting:
        await _waiting(api)
        async with asyncio.timeout(4):
            await api.service.__aexit__(None, None, None)
            answer = await posting

    assert (answer.status_code, answer.json()["status"]) == (201, "created")


async def test_a_refused_start_is_refused_at_once(api: Api) -> None:
    async with asyncio.timeout(5):
        answer = await _post(api)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert api.service.context.changes._subscriptions == {}


async def test_a_held_answer_does_not_count_as_a_slow_one(api: Api) -> None:
    route = "/projects/{project}/instances"
    async with _held(api) as posting:
        scheduler = await _waiting(api)
        await api.tell(scheduler.instance_id, 1, status="succeeded")
        await posting
    metrics = await api.client.get("/metrics")

    assert f'flowyard_api_requests_total{{method="POST",route="{route}",status="201"}} 1.0' in (
        metrics.text
    )
    assert f'flowyard_api_request_seconds_count{{route="{route}"}}' not in metrics.text


async def test_the_preference_is_described_for_who_explores_the_api(api: Api) -> None:
    document = (await api.client.get("/openapi.json")).json()
    route = document["paths"]["/api/v1/projects/{project}/instances"]["post"]

    (prefer,) = [one for one in route["parameters"] if one["name"] == "prefer"]
    assert (prefer["in"], prefer["required"]) == ("header", False)
    assert "wait=SECONDS" in prefer["description"]
    created = route["responses"]["201"]
    assert set(created["headers"]) == {"Location", "Preference-Applied"}
    assert created["content"]["application/json"]["schema"]["$ref"].endswith("/CreatedView")
