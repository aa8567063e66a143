"""The last runs of a page of templates, in one request."""

from flowyard.ids import new_id
from flowyard.storage.database import Database, driver_of
from flowyard.storage.last_runs import QUERIES
from tests.support.api import DOCUMENT, Api, Scheduler

PATH = "/api/v1/projects/shop/last-runs"


async def test_the_last_runs_of_each_template_come_newest_first(api: Api) -> None:
    release = (await api.publish())["template"]["template_id"]
    other = await api.publish(DOCUMENT.replace("key: release", "key: other"))
    never = await api.publish(DOCUMENT.replace("key: release", "key: never"))
    ids = [other["template"]["template_id"], release, never["template"]["template_id"]]
    for number in range(3):
        await api.start(name=f"run {number}")
    begun = await api.start(template="other", name="of the other")
    await Scheduler(database=api.database, instance_id=begun).advance("failed")

    answer = await api.client.get(PATH, params={"template_id": [*ids, release], "each": 2})

    assert answer.status_code == 200, answer.text
    items = answer.json()["items"]
    assert [one["template_id"] for one in items] == ids
    assert [[(run["name"], run["status"]) for run in one["runs"]] for one in items] == [
        [("of the other", "failed")],
        [("run 2", "created"), ("run 1", "created")],
        [],
    ]


async def test_runs_of_a_common_template_in_other_projects_are_left_out(api: Api) -> None:
    await api.client.post("/api/v1/projects", json={"name": "shop"})
    template = (await api.publish(project="platform"))["template"]["template_id"]
    await api.client.put(
        "/api/v1/projects/platform/templates/release/visibility", json={"all": True}
    )
    await api.client.post("/api/v1/projects/platform/instances", json={"template": "release"})
    own = await api.start(template="platform/release")

    (item,) = (await api.client.get(PATH, params={"template_id": [template]})).json()["items"]

    assert [run["instance_id"] for run in item["runs"]] == [str(own)]


async def test_too_many_templates_are_refused(api: Api) -> None:
    await api.publish()

    answer = await api.client.get(PATH, params={"template_id": [str(new_id())] * 201})
    none = await api.client.get(PATH)

    assert [answer.status_code, none.status_code] == [422, 422]


async def test_runs_are_found_by_their_own_index(database: Database) -> None:
    async with database.transaction() as connection:
        driver = await driver_of(connection)
        await driver.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        rows = await driver.fetch(f"EXPLAIN {QUERIES['last_runs']}", new_id(), [new_id()], 5)
    plan = "\n".join(row[0] for row in rows)

    assert "Index Scan using instance_template_idx" in plan
    assert "Seq Scan" not in plan
