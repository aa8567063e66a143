import base64
from typing import Any

import pytest
from sqlalchemy import update

from flowyard.ids import attempt_id, new_id
from flowyard.storage.schema import instance
from tests.support.api import DOCUMENT, MAPPED, Api, Scheduler, now


async def _running(api: Api, document: str = DOCUMENT) -> Scheduler:
    await api.publish(document)
    return Scheduler(database=api.database, instance_id=await api.start())


async def _show(api: Api, scheduler: Scheduler) -> dict[str, Any]:
    answer = await api.client.get(f"/api/v1/instances/{scheduler.instance_id}")
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    shown["by_id"] = {node["node_id"]: node for node in shown["nodes"]}
    return shown


async def test_nodes_that_are_not_reached_are_pending(api: Api) -> None:
    scheduler = await _running(api)

    shown = await _show(api, scheduler)

    assert [node["node_id"] for node in shown["nodes"]] == ["start", "prepare", "ask", "end"]
    assert {node["status"] for node in shown["nodes"]} == {"pending"}
    assert shown["by_id"]["prepare"]["plugin"] == "noop@1.0"
    assert shown["by_id"]["prepare"]["name"] == "Prepare"
    assert (shown["status"], shown["allowed"]) == (
        "created",
        ["start", "cancel", "set-priority", "clone"],
    )
    assert (shown["project"], shown["template"], shown["version"]) == ("shop", "release", 1)


FAILURE = {"code": "http_status", "message": "Expected 200, but got 503"}
FAILED = {
    "status": "failed",
    "reason": "incident",
    "number": 1,
    "failure": FAILURE,
    "ended_at": now(),
}


async def test_a_failed_node_shows_why_and_what_may_be_done(api: Api) -> None:
    scheduler = await _running(api)
    await scheduler.open_attempt(
        "prepare", status="failed", inputs={"url": "http://x"}, failure=FAILURE, closed_at=now()
    )
    await scheduler.advance("failed", {"prepare": FAILED})

    node = (await _show(api, scheduler))["by_id"]["prepare"]

    (attempt,) = node["attempts"]
    assert (node["status"], node["reason"]) == ("failed", "incident")
    assert node["check_at"] is not None
    assert node["failure"] == attempt["failure"] == FAILURE
    assert node["allowed"] == ["retry", "skip", "force-succeed"]
    assert attempt["inputs"] == {"url": "http://x"}
    assert attempt["attempt_id"] == str(attempt_id(scheduler.instance_id, "prepare", 1))
    assert attempt["claim"] is None


@pytest.mark.parametrize(
    ("outcome", "shown"),
    [(None, "open"), ({"unknown": True}, "unknown"), ({"outcome": "succeeded"}, "known")],
)
async def test_a_claim_shows_whether_its_outcome_is_known(
    api: Api, outcome: dict[str, Any] | None, shown: str
) -> None:
    scheduler = await _running(api)
    runner = new_id()
    await scheduler.open_attempt(
        "prepare",
        runner=runner,
        claimed_step=0,
        claimed_at=now(),
        outcome=outcome,
        late_outcome={"outcome": "succeeded"},
    )
    await scheduler.advance("failed", {"prepare": FAILED})

    (attempt,) = (await _show(api, scheduler))["by_id"]["prepare"]["attempts"]

    assert attempt["claim"]["runner"] == str(runner)
    assert attempt["claim"]["outcome"] == shown
    assert attempt["has_late_outcome"] is True


async def test_a_queued_step_that_was_handed_out_is_dispatched(api: Api) -> None:
    scheduler = await _running(api)
    await scheduler.open_attempt("prepare", dispatched_step=0)
    await scheduler.open_attempt("ask", step=1, dispatched_step=0)
    queued = {"status": "ready", "reason": "queued", "number": 1}
    await scheduler.advance("running", {"prepare": queued, "ask": queued})

    shown = await _show(api, scheduler)

    assert shown["by_id"]["prepare"]["reason"] == "dispatched"
    assert shown["by_id"]["ask"]["reason"] == "queued"


async def test_sealed_values_are_masked_everywhere_and_waits_states_never_shown(api: Api) -> None:
    scheduler = await _running(api)
    sealed = {"token": {"$sealed": "gAAAA-secret"}, "list": [{"$sealed": "gAAAA-secret"}]}
    await scheduler.open_attempt(
        "prepare", inputs=sealed, outputs=sealed, state={"$sealed": "gAAAA-secret"}
    )
    await scheduler.advance(
        "running",
        {"prepare": {"status": "succeeded", "number": 1, "outputs": sealed}},
        variables=sealed,
        outputs=sealed,
    )

    text = (await api.client.get(f"/api/v1/instances/{scheduler.instance_id}")).text

    assert "gAAAA" not in text
    assert '{"$sealed":"***"}' in text
    assert "callback_secret" not in text


async def test_one_node_has_an_address_of_its_own(api: Api) -> None:
    scheduler = await _running(api)
    for number in (1, 2):
        await scheduler.open_attempt("prepare", number)
    await scheduler.advance("running", {"prepare": {"status": "running", "reason": "running"}})
    base = f"/api/v1/instances/{scheduler.instance_id}/nodes"

    node = (await api.client.get(f"{base}/prepare")).json()
    absent = await api.client.get(f"{base}/absent")

    assert node == (await _show(api, scheduler))["by_id"]["prepare"]
    assert [attempt["number"] for attempt in node["attempts"]] == [1, 2]
    assert (absent.status_code, absent.json()["code"]) == (404, "unknown_node")


async def test_a_subflows_attempt_names_its_child(api: Api) -> None:
    await api.publish()
    child = await api.start()
    await api.publish("flowyard: 1\nkey: parent\nnodes:\n  - id: sub\n    subflow: release\n")
    answer = await api.client.post("/api/v1/projects/shop/instances", json={"template": "parent"})
    scheduler = Scheduler(database=api.database, instance_id=answer.json()["instance_id"])
    await scheduler.open_attempt("sub")
    await scheduler.advance("running", {"sub": {"status": "waiting", "reason": "child"}})
    async with api.database.transaction() as connection:
        await connection.execute(
            update(instance)
            .where(instance.c.instance_id == child)
            .values(parent_instance_id=scheduler.instance_id, parent_node_id="sub", parent_number=1)
        )

    shown = (await _show(api, scheduler))["by_id"]["sub"]
    below = (await api.client.get(f"/api/v1/instances/{child}")).json()

    assert shown["subflow"] == "release@1"
    assert shown["attempts"][0]["child_instance_id"] == str(child)
    assert below["parent"] == {
        "instance_id": str(scheduler.instance_id),
        "node_id": "sub",
        "number": 1,
    }


async def test_items_of_a_map_stand_behind_it_and_have_addresses_of_their_own(api: Api) -> None:
    scheduler = await _running(api, MAPPED)
    await scheduler.open_attempt("deploy:1", status="failed", failure=FAILURE, closed_at=now())
    await scheduler.advance(
        "running",
        {
            "deploy": {"status": "waiting", "reason": "items"},
            "deploy:1": {"status": "failed", "reason": "incident", "failure": FAILURE},
        },
    )

    shown = await _show(api, scheduler)
    base = f"/api/v1/instances/{scheduler.instance_id}/nodes"
    item = (await api.client.get(f"{base}/deploy:1")).json()
    absent = await api.client.get(f"{base}/ask:1")

    assert [node["node_id"] for node in shown["nodes"]] == [
        "start",
        "deploy",
        "deploy:1",
        "ask",
        "end",
    ]
    assert item == shown["by_id"]["deploy:1"]
    assert (item["parent"], item["kind"], item["plugin"]) == ("deploy", "activity", "noop@1.0")
    assert item["allowed"] == ["retry", "skip", "force-succeed"]
    assert shown["by_id"]["deploy"]["parent"] is None
    assert absent.status_code == 404


async def _items(api: Api, scheduler: Scheduler, **params: Any) -> dict[str, Any]:
    path = f"/api/v1/instances/{scheduler.instance_id}/nodes/deploy/items"
    answer = await api.client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_items_of_a_large_map_are_read_page_by_page_and_counted(api: Api) -> None:
    scheduler = await _running(api, MAPPED)
    statuses: dict[int, dict[str, Any]] = {i: {"status": "succeeded"} for i in range(12)}
    statuses[3] = {"status": "failed", "reason": "incident", "failure": FAILURE}
    statuses[11] = {"status": "succeeded", "mark": "ignored"}
    await scheduler.advance(
        "running",
        {
            "deploy": {"status": "waiting", "reason": "items"},
            **{f"deploy:{index}": told for index, told in statuses.items()},
            "deploy:12": {"status": "succeeded", "visits": 0},
            "deploy:11:notify": {"status": "succeeded"},
            "deploy:rollback": {"status": "succeeded"},
        },
    )
    await scheduler.open_attempt("deploy:1")
    await scheduler.open_attempt("deploy:10")

    first = await _items(api, scheduler, limit=5)
    rest = await _items(api, scheduler, limit=200, cursor=first["next_cursor"])
    failed = await _items(api, scheduler, status="failed")
    path = f"/api/v1/instances/{scheduler.instance_id}"
    shown = (await api.client.get(path, params={"items_below": 2})).json()

    assert [item["index"] for item in first["items"] + rest["items"]] == list(range(12))
    assert rest["next_cursor"] is None
    assert [(item["node_id"], item["mark"]) for item in failed["items"]] == [
        ("deploy:3", None),
        ("deploy:11", "ignored"),
    ]
    assert failed["items"][0]["allowed"] == ["retry", "skip", "force-succeed"]
    assert failed["items"][0]["failure"]["code"] == FAILURE["code"]
    assert shown["maps"] == {"deploy": {"failed": 2, "succeeded": 10}}
    assert [node["node_id"] for node in shown["nodes"] if ":" in node["node_id"]] == [
        "deploy:0",
        "deploy:1",
    ]
    assert [len(node["attempts"]) for node in shown["nodes"][1:4]] == [0, 0, 1]


async def test_a_forged_place_among_items_is_refused(api: Api) -> None:
    scheduler = await _running(api, MAPPED)
    path = f"/api/v1/instances/{scheduler.instance_id}/nodes/deploy/items"
    forged = [base64.urlsafe_b64encode(text).decode() for text in (b"[2147483648]", b"[true]")]

    answers = [await api.client.get(path, params={"cursor": cursor}) for cursor in forged]

    codes = [(answer.status_code, answer.json()["code"]) for answer in answers]
    assert codes == [(422, "invalid_cursor")] * 2


async def test_only_maps_have_items(api: Api) -> None:
    scheduler = await _running(api, MAPPED)
    base = f"/api/v1/instances/{scheduler.instance_id}/nodes"

    answers = [await api.client.get(f"{base}/{node}/items") for node in ("ask", "deploy:0", "gone")]

    assert [answer.json()["code"] for answer in answers] == ["unknown_node"] * 3


async def test_a_cancellation_shows_when_it_was_asked_for_and_confirmed(api: Api) -> None:
    scheduler = await _running(api)
    await scheduler.open_attempt(
        "prepare", status="failed", closed_at=now(), cancel_requested_at=now()
    )
    await scheduler.open_attempt(
        "prepare", 2, status="failed", cancel_requested_at=now(), cancel_confirmed_at=now()
    )
    await scheduler.advance("failed", {"prepare": FAILED})

    first, second = (await _show(api, scheduler))["by_id"]["prepare"]["attempts"]

    assert first["cancel_requested_at"] is not None
    assert first["cancel_confirmed_at"] is None
    assert second["cancel_confirmed_at"] is not None


async def test_a_breakpoint_is_shown_and_can_be_taken_back(api: Api) -> None:
    scheduler = await _running(api)
    await scheduler.advance("running", breakpoints=["ask"])

    shown = (await _show(api, scheduler))["by_id"]

    assert (shown["ask"]["has_breakpoint"], shown["ask"]["allowed"]) == (True, ["resume"])
    assert (shown["prepare"]["has_breakpoint"], shown["prepare"]["allowed"]) == (False, ["pause"])


LAID_OUT = DOCUMENT + "layout: {prepare: [40, 80]}\n"


async def test_an_instance_shows_the_version_that_it_was_created_with(api: Api) -> None:
    scheduler = await _running(api, LAID_OUT)
    await api.publish(LAID_OUT.replace("Prepare", "Prepare it all"))

    answer = await api.client.get(f"/api/v1/instances/{scheduler.instance_id}/definition")

    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert shown["version"] == 1
    assert shown["document"]["layout"] == {"prepare": [40, 80]}
    assert [node["id"] for node in shown["graph"]["nodes"]] == ["start", "prepare", "ask", "end"]
    assert [node.get("name") for node in shown["graph"]["nodes"]][1] == "Prepare"
    assert {"from": "prepare", "to": "ask"} in shown["graph"]["edges"]


async def test_an_instance_that_does_not_exist_runs_nothing(api: Api) -> None:
    answer = await api.client.get(f"/api/v1/instances/{new_id()}/definition")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
