"""What the API answers while schedulers tell that too much waits."""

import uuid
from datetime import timedelta
from typing import Any

import httpx
import pytest

from flowyard.ids import new_id
from flowyard.storage import loads
from flowyard.storage.loads import Load, ProjectLoad, QueueLoad, StartsLoad, report_load
from tests.support.api import Api, Scheduler

SCHEDULER = uuid.UUID(int=1)
LINE = Load(
    starts=[
        StartsLoad(project="shop", queues=["default"], waiting=400, rate=100.0, oldest_seconds=2.0)
    ],
    queues=[
        QueueLoad(
            queue="default",
            waiting=8,
            handed_out=40,
            running=3,
            window=40,
            rate=320.5,
            oldest_seconds=0.2,
            projects=[ProjectLoad(project="shop", waiting=8, handed_out=40, oldest_seconds=0.2)],
        )
    ],
)


@pytest.fixture(autouse=True)
def reports_that_stay_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have what was told once hold for the whole test, however slow the machine is."""
    monkeypatch.setattr(loads, "FRESH", timedelta(hours=1))


async def tell(api: Api, load: Load) -> None:
    async with api.database.hot() as connection:
        await report_load(connection, SCHEDULER, load)
    await api.service.context.admission.refresh()


async def post(api: Api, path: str, body: Any, *, key: str | None = None) -> httpx.Response:
    headers = {} if key is None else {"Idempotency-Key": key}
    return await api.client.post(f"/api/v1{path}", json=body, headers=headers)


def assert_overloaded(answer: httpx.Response) -> None:
    assert answer.status_code == 429
    assert answer.json()["code"] == "overloaded"
    assert answer.headers["Retry-After"] == "4" == str(answer.json()["retry_after_seconds"])


async def count_instances(api: Api) -> int:
    async with api.database.hot() as connection:
        found: int = await connection.fetchval("SELECT count(*) FROM instance")
    return found


async def test_new_work_is_refused_with_the_time_to_come_again(api: Api) -> None:
    await api.publish()
    one = {"template": "release"}
    await tell(api, LINE)

    for path, body in (
        ("/projects/shop/instances", one),
        ("/projects/shop/instances/actions/bulk-create", {"items": [one, one]}),
        ("/projects/shop/templates/release/actions/test-node", {"node_id": "prepare"}),
    ):
        assert_overloaded(await post(api, path, body))

    assert await count_instances(api) == 0


async def test_copies_that_start_are_refused_and_others_are_not(api: Api) -> None:
    await api.publish()
    scheduler = Scheduler(database=api.database, instance_id=await api.start())
    await scheduler.advance("failed", {"prepare": {"status": "failed", "reason": "incident"}})
    await tell(api, LINE)
    path = f"/instances/{scheduler.instance_id}/actions"

    assert_overloaded(await post(api, f"{path}/clone", {}))
    assert_overloaded(await post(api, f"{path}/rerun", {"node_id": "prepare"}))
    assert (await post(api, f"{path}/clone", {"start": False})).status_code == 201


async def test_a_start_is_refused_and_other_commands_are_not(api: Api) -> None:
    await api.publish()
    created = await api.start(start=False)
    await tell(api, LINE)
    path = f"/instances/{created}/actions"

    assert_overloaded(await post(api, f"{path}/start", {}))
    many = await post(
        api, "/projects/shop/instances/actions/start", {"instance_ids": [str(created)]}
    )
    cancelled = await post(api, f"{path}/cancel", {})

    (item,) = many.json()["items"]
    assert item["command_id"] is None
    assert item["problem"]["code"] == "overloaded"
    assert item["problem"]["retry_after_seconds"] == 4
    assert cancelled.status_code == 202


async def test_a_repeated_request_gets_its_first_answer_whatever_waits_now(api: Api) -> None:
    await api.publish()
    key = str(new_id())
    first = await post(api, "/projects/shop/instances", {"template": "release"}, key=key)
    await tell(api, LINE)

    again = await post(api, "/projects/shop/instances", {"template": "release"}, key=key)

    assert again.status_code == 201
    assert again.json() == first.json()


async def test_a_refused_request_may_come_again_under_its_key(api: Api) -> None:
    await api.publish()
    key = str(new_id())
    await tell(api, LINE)
    assert_overloaded(await post(api, "/projects/shop/instances", {"template": "release"}, key=key))

    await tell(api, Load())

    again = await post(api, "/projects/shop/instances", {"template": "release"}, key=key)
    assert again.status_code == 201


async def test_work_without_results_to_wait_for_and_other_projects_are_taken_in(api: Api) -> None:
    await api.publish()
    await api.publish(project="other")
    await tell(api, LINE)

    other = await post(api, "/projects/other/instances", {"template": "release"})
    mocked = await post(api, "/projects/shop/templates/release/actions/mock-run", {})
    waits = await post(api, "/projects/shop/instances", {"template": "release", "start": False})

    assert [answer.status_code for answer in (other, mocked, waits)] == [201, 201, 201]


async def test_queues_show_how_much_waits_and_whose_it_is(api: Api) -> None:
    await tell(api, LINE)

    listed = await api.client.get("/api/v1/queues")
    shown = await api.client.get("/api/v1/queues/default")
    idle = await api.client.get("/api/v1/queues/idle")

    queue = shown.json()
    assert [one["queue"] for one in listed.json()["items"]] == ["default"]
    assert (queue["waiting"], queue["handed_out"]) == (8, 40)
    assert queue["ended_per_second"] == 320.5
    assert queue["oldest_waiting_seconds"] > 0.2
    assert queue["waiting_starts"] == 400
    assert queue["projects"][0]["project"] == "shop"
    assert queue["projects"][0]["waiting_starts"] == 400
    assert idle.json()["waiting"] == idle.json()["oldest_waiting_seconds"] == 0


async def test_nothing_known_is_not_nothing_to_do(api: Api) -> None:
    answer = await api.client.get("/api/v1/queues/default")

    assert answer.status_code == 503
    assert answer.json()["code"] == "load_unknown"


async def test_a_report_that_is_none_harms_nobody(api: Api) -> None:
    await tell(api, LINE)
    async with api.database.hot() as connection:
        await connection.execute(
            "INSERT INTO scheduler_load (scheduler_id, load) VALUES ($1, '[1]')", new_id()
        )

    shown = await api.client.get("/api/v1/queues/default")

    assert shown.json()["waiting"] == 8


@pytest.mark.parametrize("most", [3])
async def test_starts_are_counted_while_no_scheduler_tells_of_them(api: Api, most: int) -> None:
    await api.publish()
    admission = api.service.context.admission
    admission._limits = type(admission._limits)(
        start_wait_seconds=1, start_backlog=most, queue_backlog=1000
    )
    for _ in range(most):
        await api.start()
    await admission.refresh()

    answer = await post(api, "/projects/shop/instances", {"template": "release"})

    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "60"
