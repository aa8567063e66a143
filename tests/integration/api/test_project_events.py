"""Live lists: which instances of a project have changed."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import orjson

from flowyard.storage.database import Database
from flowyard_api.changes import MAX_NOTED, ProjectSubscription
from tests.support.api import Api, Scheduler, eventually, running_api


class Changes:
    """Reads the stream of a project."""

    def __init__(self, response: httpx.Response) -> None:
        self._lines = response.aiter_lines()

    async def until(self, instance_id: uuid.UUID) -> dict[str, Any]:
        """Return the first event that names an instance."""
        async with asyncio.timeout(10):
            async for line in self._lines:
                if line.startswith("data: "):
                    told: dict[str, Any] = orjson.loads(line.removeprefix("data: "))
                    if str(instance_id) in told["instance_ids"]:
                        return told
        raise AssertionError("the stream has ended")

    async def comment(self) -> str:
        async with asyncio.timeout(10):
            return await anext(aiter(self._lines))


@asynccontextmanager
async def _follow(api: Api, project: str = "shop") -> AsyncIterator[Changes]:
    async with api.client.stream("GET", f"/api/v1/projects/{project}/events") as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        changes = Changes(response)
        assert await changes.comment() == ": open"
        yield changes


async def _project_id(api: Api, name: str) -> uuid.UUID:
    return uuid.UUID((await api.client.get(f"/api/v1/projects/{name}")).json()["project_id"])


async def test_whoever_shows_a_list_is_told_which_of_its_instances_have_changed(api: Api) -> None:
    await api.publish()
    scheduler = Scheduler(database=api.database, instance_id=await api.start())
    await eventually(lambda: api.service.context.changes.is_connected)

    async with _follow(api) as changes:
        await scheduler.advance("running")
        await api.tell(scheduler.instance_id, 1, project_id=await _project_id(api, "shop"))
        told = await changes.until(scheduler.instance_id)

    assert told["complete"] is True
    await eventually(lambda: api.service.context.streams == 0)


async def test_nobody_is_told_of_other_projects(api: Api) -> None:
    await api.publish()
    await api.publish(project="pay")
    ours = await api.start()
    answer = await api.client.post("/api/v1/projects/pay/instances", json={"template": "release"})
    theirs = uuid.UUID(answer.json()["instance_id"])
    await eventually(lambda: api.service.context.changes.is_connected)

    async with _follow(api) as changes:
        await api.tell(theirs, 1, project_id=await _project_id(api, "pay"))
        await api.tell(ours, 1, project_id=await _project_id(api, "shop"))
        told = await changes.until(ours)

    assert str(theirs) not in told["instance_ids"]


async def test_a_project_that_is_none_is_not_followed(api: Api) -> None:
    answer = await api.client.get("/api/v1/projects/nothing/events")

    assert answer.status_code == 404


async def test_too_many_viewers_are_refused(database: Database) -> None:
    async with running_api(database, max_streams=1) as api:
        await api.publish()
        async with _follow(api):
            answer = await api.client.get("/api/v1/projects/shop/events")

    assert answer.status_code == 429
    assert answer.json()["code"] == "too_many_streams"


def test_more_changes_than_a_page_holds_are_told_as_any() -> None:
    subscription = ProjectSubscription()
    for number in range(MAX_NOTED + 1):
        subscription.note(uuid.UUID(int=number))

    ids, is_complete = subscription.take()

    assert len(ids) == MAX_NOTED
    assert not is_complete
    assert subscription.take() == ([], True)


def test_what_nobody_listened_to_may_be_anything() -> None:
    subscription = ProjectSubscription()
    subscription.note(uuid.UUID(int=1))
    subscription.wake()

    assert subscription.take() == ([uuid.UUID(int=1)], False)
