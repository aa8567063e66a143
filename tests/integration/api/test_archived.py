"""An instance that was archived is shown, cloned and run again as if it were still there."""

import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest

from flowyard.archive.folder import FolderPlace
from flowyard.storage.retention import RetentionMode
from flowyard_api.usecases.archived_rows import ArchiveReader
from tests.support.api import MAPPED, Api, Scheduler
from tests.support.retention import end, ended, retire, retirement


@pytest.fixture
def place(api: Api, tmp_path: Path) -> FolderPlace:
    place = FolderPlace(str(tmp_path))
    api.service.context.archive = ArchiveReader(place)
    return place


async def archived(api: Api, place: FolderPlace) -> None:
    tally = await retire(retirement(api.database, place))
    assert (tally.failed, tally.archived > 0) == (0, True)


async def got(api: Api, path: str, **params: Any) -> Any:
    answer = await api.client.get(f"/api/v1{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


READ = (
    "",
    "/definition",
    "/commands",
    "/nodes/ask",
    "/nodes/prepare/attempts/1/logs",
)


async def test_every_view_of_it_is_what_it_was_before(api: Api, place: FolderPlace) -> None:
    await api.publish()
    instance_id = await ended(api, name="Release", inputs={"version": "1.4.2"})
    before = [await got(api, f"/instances/{instance_id}{path}") for path in READ]
    command_id = before[2]["items"][0]["command_id"]

    await archived(api, place)

    after = [await got(api, f"/instances/{instance_id}{path}") for path in READ]
    when = after[0].pop("archived_at")
    assert (before[0].pop("archived_at"), when is not None) == (None, True)
    assert after == before
    assert len(before[4]["lines"]) == 3
    one = await got(api, f"/instances/{instance_id}/commands/{command_id}")
    assert one == before[2]["items"][0]


async def test_maps_and_their_items_are_what_they_were(api: Api, place: FolderPlace) -> None:
    await api.publish(MAPPED)
    instance_id = await api.start()
    scheduler = Scheduler(database=api.database, instance_id=instance_id)
    items = {
        f"deploy:{index}": {"status": "succeeded", "mark": "ignored" if index == 3 else None}
        for index in range(12)
    }
    await scheduler.advance("running", {"deploy": {"status": "succeeded"}, **items})
    await end(api.database, instance_id)
    paths = (
        ("", {"items_below": 2}),
        ("/nodes/deploy/items", {"limit": 5}),
        ("/nodes/deploy/items", {"status": "failed"}),
    )
    before = [await got(api, f"/instances/{instance_id}{path}", **more) for path, more in paths]

    await archived(api, place)

    after = [await got(api, f"/instances/{instance_id}{path}", **more) for path, more in paths]
    after[0]["archived_at"] = None
    assert after == before
    assert before[0]["maps"] == {"deploy": {"failed": 1, "succeeded": 11}}


async def test_a_live_view_of_it_shows_it_and_ends(api: Api, place: FolderPlace) -> None:
    await api.publish()
    instance_id = await ended(api)
    await archived(api, place)

    answer = await api.client.get(f"/api/v1/instances/{instance_id}/events")
    again = await api.client.get(
        f"/api/v1/instances/{instance_id}/events", headers={"Last-Event-ID": "1"}
    )

    for one in (answer, again):
        events = [line for line in one.text.splitlines() if line.startswith("event:")]
        assert events == ["event: snapshot", "event: end"]


async def test_the_stream_of_its_log_tells_all_that_was_asked_for_and_ends(
    api: Api, place: FolderPlace
) -> None:
    await api.publish()
    instance_id = await ended(api)
    path = f"/instances/{instance_id}/nodes/prepare/attempts/1/logs"
    before = await got(api, path)
    sequences = [line["sequence"] for line in before["lines"]]
    await archived(api, place)

    answer = await api.client.get(f"/api/v1{path}/stream")
    rest = await api.client.get(
        f"/api/v1{path}/stream", headers={"Last-Event-ID": str(sequences[0])}
    )
    errors = await api.client.get(f"/api/v1{path}/stream", params={"level": "error"})

    assert [line["level"] == "error" for line in before["lines"]] == [False, False, True]
    end = [("end", sequences[-1])]
    assert _events(answer) == [*(("line", one) for one in sequences), *end]
    assert _events(rest) == [*(("line", one) for one in sequences[1:]), *end]
    assert _events(errors) == [("line", sequences[-1]), *end]


def _events(answer: httpx.Response) -> list[tuple[str, int]]:
    parts = [part.splitlines() for part in answer.text.split("\n\n") if "event: " in part]
    return [(one[0].removeprefix("event: "), int(one[1].removeprefix("id: "))) for one in parts]


async def test_it_can_be_cloned_and_run_again_from_a_node(api: Api, place: FolderPlace) -> None:
    await api.publish()
    instance_id = await ended(api, inputs={"version": "1.4.2"})
    await archived(api, place)
    path = f"/api/v1/instances/{instance_id}/actions"

    clone = await api.client.post(f"{path}/clone", json={"start": False})
    rerun = await api.client.post(f"{path}/rerun", json={"node_id": "ask", "start": False})

    assert (clone.status_code, rerun.status_code) == (201, 201), (clone.text, rerun.text)
    copy = await got(api, f"/instances/{clone.json()['instance_id']}")
    assert copy["inputs"] == {"version": "1.4.2"}
    assert copy["origin"]["instance_id"] == str(instance_id)
    shown = await got(api, f"/instances/{instance_id}")
    assert [one["kind"] for one in shown["copies"]] == ["rerun", "clone"]


async def test_what_would_change_it_is_answered_with_where_it_is(
    api: Api, place: FolderPlace
) -> None:
    await api.publish()
    instance_id = await ended(api)
    await archived(api, place)

    answers = [
        await api.client.post(f"/api/v1/instances/{instance_id}/actions/cancel"),
        await api.client.post(f"/api/v1/instances/{instance_id}/nodes/ask/actions/retry"),
        await api.client.put(f"/api/v1/instances/{instance_id}/hold", json={}),
    ]

    assert [one.status_code for one in answers] == [410, 410, 410]
    assert [one.json()["code"] for one in answers] == ["instance_archived"] * 3
    (file,) = (await got(api, "/projects/shop/archives"))["items"]
    assert file["name"] in answers[0].json()["detail"]


async def test_lists_of_archived_instances_are_narrowed_and_paged(
    api: Api, place: FolderPlace
) -> None:
    await api.publish()
    first = await ended(api, name="Release shop", labels={"team": "a"})
    second = await ended(api, "cancelled", name="Release bank")
    await archived(api, place)
    path = "/projects/shop/archived-instances"

    def ids(page: Any) -> list[uuid.UUID]:
        return [uuid.UUID(one["instance_id"]) for one in page["items"]]

    assert ids(await got(api, path)) == [second, first]
    assert ids(await got(api, path, status="cancelled")) == [second]
    assert ids(await got(api, path, text="SHOP")) == [first]
    assert ids(await got(api, path, template="release", actor="ops")) == [second, first]
    assert ids(await got(api, path, template="other")) == []
    assert ids(await got(api, path, ended_after="2026-02-01T00:00:00Z")) == []
    page = await got(api, path, limit=1)
    assert ids(await got(api, path, limit=1, cursor=page["next_cursor"])) == [first]
    assert (await got(api, "/projects/shop/instances"))["items"] == []


async def test_the_last_runs_of_a_template_are_told_from_archives_too(
    api: Api, place: FolderPlace
) -> None:
    template_id = (await api.publish())["template"]["template_id"]
    old = await ended(api, name="old")
    await archived(api, place)
    new = await api.start(name="new")

    (item,) = (await got(api, "/projects/shop/last-runs", template_id=template_id))["items"]

    assert [one["instance_id"] for one in item["runs"]] == [str(new), str(old)]


async def test_an_archive_that_cannot_be_read_says_so_and_nothing_else_fails(
    api: Api, place: FolderPlace, tmp_path: Path
) -> None:
    await api.publish()
    gone, damaged = await ended(api), await ended(api)
    await archived(api, place)
    live = await api.start()
    rename_files(tmp_path, ".away")
    absent = await api.client.get(f"/api/v1/instances/{gone}")
    rename_files(tmp_path, "")
    damage_files(tmp_path)
    broken = await api.client.get(f"/api/v1/instances/{damaged}")

    assert (absent.status_code, absent.json()["code"]) == (503, "archive_unavailable")
    assert (broken.status_code, broken.json()["code"]) == (500, "archive_damaged")
    assert (await got(api, f"/instances/{live}"))["status"] == "created"


def rename_files(folder: Path, suffix: str) -> None:
    for path in [one for one in folder.rglob("*") if one.is_file()]:
        path.rename(path.with_name(path.name.removesuffix(".away") + suffix))


def damage_files(folder: Path) -> None:
    for path in [one for one in folder.rglob("*") if one.is_file()]:
        data = bytearray(path.read_bytes())
        for place in range(len(data) // 2, len(data)):
            data[place] ^= 0xFF
        path.write_bytes(data)


class TestRules:
    PATH = "/api/v1/projects/shop/retention"

    async def test_nothing_is_lost_without_being_asked_for(self, api: Api) -> None:
        await api.publish()
        await ended(api)

        found = await got(api, "/projects/shop/retention")

        assert (found["mode"], found["is_default"], found["actor"]) == ("keep", True, None)
        assert found["after_seconds"] == 90 * 86400

    async def test_a_rule_of_a_project_takes_the_place_of_the_cluster_s(
        self, api: Api, place: FolderPlace
    ) -> None:
        await api.publish()
        await api.publish(project="bank")
        kept = (
            await api.client.post("/api/v1/projects/bank/instances", json={"template": "release"})
        ).json()["instance_id"]
        await end(api.database, uuid.UUID(kept))
        gone = await ended(api)

        written = await api.client.put(self.PATH, json={"mode": "archive", "after_seconds": 86400})
        job = retirement(api.database, place, RetentionMode.KEEP)
        tally = await retire(job)
        taken = await api.client.delete(self.PATH)

        body = written.json()
        assert (body["mode"], body["is_default"], body["actor"]) == ("archive", False, "ops")
        assert body["due"]["instances"] == 1
        assert body["due"]["oldest_ended_at"].startswith("2026-01-02T03:04:05")
        assert tally.archived == 1
        assert (await got(api, f"/instances/{gone}"))["archived_at"] is not None
        assert (await got(api, f"/instances/{kept}"))["archived_at"] is None
        assert (taken.json()["mode"], taken.json()["is_default"]) == ("keep", True)

    @pytest.mark.parametrize(
        "body",
        [
            {"mode": "archive", "after_seconds": 3599},
            {"mode": "burn", "after_seconds": 86400},
            {"mode": "delete"},
        ],
    )
    async def test_a_rule_that_makes_no_sense_is_refused(
        self, api: Api, body: dict[str, Any]
    ) -> None:
        await api.publish()

        answer = await api.client.put(self.PATH, json=body)

        assert answer.status_code == 422

    async def test_archiving_without_a_place_is_refused(self, api: Api) -> None:
        await api.publish()

        answer = await api.client.put(self.PATH, json={"mode": "archive", "after_seconds": 86400})

        assert (answer.status_code, answer.json()["code"]) == (409, "no_archive_place")

    async def test_nobody_without_a_token_says_what_is_kept(self, api: Api) -> None:
        await api.publish()
        async with httpx.AsyncClient(base_url=api.service.url) as stranger:
            answer = await stranger.put(self.PATH, json={"mode": "delete", "after_seconds": 86400})

        assert answer.status_code == 401


async def test_a_hold_says_who_and_why_until_it_is_let_go(api: Api, place: FolderPlace) -> None:
    await api.publish()
    instance_id = await ended(api)
    path = f"/api/v1/instances/{instance_id}/hold"

    none = await api.client.get(path)
    put = await api.client.put(path, json={"reason": "Audit 2026-14"})
    again = await api.client.put(path, json={"reason": "Audit 2026-15"})
    held = await retire(retirement(api.database, place))
    deleted = await api.client.delete(path)
    free = await retire(retirement(api.database, place))

    assert (none.status_code, put.status_code, deleted.status_code) == (404, 200, 200)
    assert (put.json()["reason"], put.json()["actor"]) == ("Audit 2026-14", "ops")
    assert deleted.json() == again.json()
    assert (held.archived, free.archived) == (0, 1)
