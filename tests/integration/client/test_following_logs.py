"""A log that is followed on a real Flowyard while it is written."""

import threading
from pathlib import Path

import httpx

from flowyard.archive.folder import FolderPlace
from flowyard.client import AsyncFlowyard, Flowyard
from flowyard.storage.database import Database
from flowyard_api.usecases.archived_rows import ArchiveReader
from tests.integration.client.flows import PROJECT, flowyard
from tests.support.api import running_api
from tests.support.dev_server import DevServer, dev_server
from tests.support.retention import ended, retire, retirement
from tests.support.scripted_server import Asked, Reply, scripted_server

__all__ = ["dev_server", "flowyard"]

CHECK = """
flowyard: 1
key: check
inputs:
  url: {type: string}
nodes:
  - id: check
    plugin: http_check@1.0
    inputs: {http: {url: "${url}"}, interval: 1, timeout: 60}
"""


def test_lines_are_told_as_they_come_to_one_who_came_before_the_attempt(
    flowyard: Flowyard, dev_server: DevServer
) -> None:
    is_up, has_begun = threading.Event(), threading.Event()

    def look(_: Asked) -> Reply:
        return Reply(status=200 if is_up.is_set() else 503, body={})

    def begin(response: httpx.Response) -> None:
        if response.url.path.endswith("/logs/stream") and not has_begun.is_set():
            has_begun.set()
            flowyard.instances.start(made.instance_id)

    flowyard.templates.apply(PROJECT, CHECK)
    with (
        scripted_server() as world,
        httpx.Client(event_hooks={"response": [begin]}) as http,
        Flowyard(dev_server.address, dev_server.token, http=http) as follower,
    ):
        world.say(*[look] * 100)
        made = flowyard.instances.create(
            PROJECT, template="check", inputs={"url": world.address}, start=False
        )
        lines = follower.follow_log(made.instance_id, "check", 1)
        first = next(lines)
        is_up.set()
        rest = list(lines)

    assert has_begun.is_set()
    assert "status=503" in first.text
    assert ["status=200" in line.text for line in rest] == [True]
    assert [first, *rest] == flowyard.attempts.get_logs(made.instance_id, "check", 1).lines


async def test_a_log_in_an_archive_is_told_whole(database: Database, tmp_path: Path) -> None:
    place = FolderPlace(str(tmp_path))
    async with (
        running_api(database) as api,
        AsyncFlowyard(api.service.url, api.token) as flowyard,
    ):
        api.service.context.archive = ArchiveReader(place)
        await api.publish()
        instance_id = await ended(api)
        before = [line async for line in flowyard.follow_log(instance_id, "prepare", 1)]
        tally = await retire(retirement(api.database, place))

        after = [line async for line in flowyard.follow_log(instance_id, "prepare", 1)]

    assert tally.archived == 1
    assert len(before) == 3
    assert after == before
