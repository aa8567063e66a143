import asyncio
import uuid

import httpx
from sqlalchemy import insert

from flowyard.contracts.topics import partition_of
from flowyard.ids import new_id
from flowyard.storage.schema import command
from flowyard_api.usecases.operating import MAX_OPEN_COMMANDS
from tests.support.api import PARTITIONS, Api, Scheduler


async def _started(api: Api) -> Scheduler:
    await api.publish()
    scheduler = Scheduler(database=api.database, instance_id=await api.start())
    (start,) = await scheduler.commands()
    await scheduler.settle(start.command_id)
    return scheduler


async def _act(api: Api, scheduler: Scheduler, path: str, **more: object) -> httpx.Response:
    return await api.client.post(f"/api/v1/instances/{scheduler.instance_id}{path}", **more)  # type: ignore[arg-type]


async def _open_command(scheduler: Scheduler) -> int:
    """Wait until a request has stored its command."""
    async with asyncio.timeout(5):
        while True:
            for one in await scheduler.commands():
                if one.outcome is None:
                    found: int = one.command_id
                    return found
            await asyncio.sleep(0.005)


async def test_an_operation_is_a_command_with_its_actor(api: Api) -> None:
    scheduler = await _started(api)
    await scheduler.advance("running")

    answer = await _act(api, scheduler, "/actions/pause")

    *_, stored = await scheduler.commands()
    assert answer.status_code == 202
    assert answer.json() == {
        "command_id": stored.command_id,
        "outcome": None,
        "code": None,
        "message": None,
    }
    assert (stored.kind, stored.actor, stored.outcome) == ("pause", "ops", None)


async def test_a_forbidden_operation_tells_the_status_and_what_is_allowed(api: Api) -> None:
    scheduler = await _started(api)
    await scheduler.advance("paused")

    answer = await _act(api, scheduler, "/actions/pause")

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "forbidden_operation")
    assert problem["present_status"] == "paused"
    assert problem["allowed"] == ["resume", "cancel", "set-variables", "set-priority", "clone"]


async def test_a_failed_node_may_be_retried_with_new_inputs_and_skipped(api: Api) -> None:
    scheduler = await _started(api)
    await scheduler.advance("failed", {"prepare": {"status": "failed", "reason": "incident"}})

    retried = await _act(
        api, scheduler, "/nodes/prepare/actions/retry", json={"inputs": {"url": "x"}}
    )
    skipped = await _act(api, scheduler, "/nodes/prepare/actions/skip")

    *_, retry, skip = await scheduler.commands()
    assert (retried.status_code, skipped.status_code) == (202, 202)
    assert (retry.kind, retry.node_id, retry.payload) == (
        "retry",
        "prepare",
        {"inputs": {"url": "x"}},
    )
    assert (skip.kind, skip.payload) == ("skip", {})


async def test_new_inputs_may_not_hold_references_to_secrets(api: Api) -> None:
    scheduler = await _started(api)
    await scheduler.advance("failed", {"prepare": {"status": "failed", "reason": "incident"}})

    answer = await _act(
        api, scheduler, "/nodes/prepare/actions/retry", json={"inputs": {"a": {"$secret": "b"}}}
    )

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["type"] == "reserved_key"


async def test_a_node_is_approved_only_while_it_waits_for_a_person(api: Api) -> None:
    scheduler = await _started(api)
    await scheduler.advance("running", {"ask": {"status": "waiting", "reason": "timer"}})
    refused = await _act(api, scheduler, "/nodes/ask/actions/approve")
    await scheduler.advance("running", {"ask": {"status": "waiting", "reason": "approval"}})

    approved = await _act(
        api, scheduler, "/nodes/ask/actions/approve", json={"comment": "Seen with the customer"}
    )

    *_, stored = await scheduler.commands()
    assert refused.status_code == 409
    assert refused.json()["allowed"] == ["force-fail", "force-succeed", "reset-timer"]
    assert approved.status_code == 202
    assert (stored.kind, stored.payload) == ("approve", {"comment": "Seen with the customer"})


async def test_a_node_that_is_not_reached_allows_nothing(api: Api) -> None:
    scheduler = await _started(api)
    await scheduler.advance("running")

    pending = await _act(api, scheduler, "/nodes/prepare/actions/retry")
    absent = await _act(api, scheduler, "/nodes/absent/actions/retry")

    assert (pending.status_code, pending.json()["present_status"]) == (409, "pending")
    assert (absent.status_code, absent.json()["code"]) == (404, "unknown_node")


async def test_an_unknown_instance_is_404_and_an_unknown_verb_is_named(api: Api) -> None:
    scheduler = await _started(api)
    absent = await api.client.post(f"/api/v1/instances/{new_id()}/actions/pause")
    verb = await _act(api, scheduler, "/actions/explode")
    malformed = await api.client.get("/api/v1/instances/1234")

    assert (absent.status_code, absent.json()["code"]) == (404, "not_found")
    assert verb.json()["errors"][0]["loc"] == ["path", "action"]
    assert malformed.json()["errors"][0]["loc"] == ["path", "instance_id"]


async def test_waiting_answers_with_the_outcome_as_soon_as_a_change_is_told(api: Api) -> None:
    scheduler = await _started(api)
    await scheduler.advance("running")
    asked = asyncio.create_task(_act(api, scheduler, "/actions/pause?wait=30"))
    command_id = await _open_command(scheduler)

    await scheduler.settle(command_id)
    await scheduler.advance("paused")
    await api.tell(scheduler.instance_id, scheduler.revision)

    answer = await asyncio.wait_for(asked, 5)
    assert (answer.status_code, answer.json()["outcome"]) == (200, "applied")


async def test_waiting_finds_an_outcome_that_nothing_tells_of(api: Api) -> None:
    scheduler = await _started(api)
    await scheduler.advance("running")
    asked = asyncio.create_task(_act(api, scheduler, "/actions/pause?wait=30"))
    command_id = await _open_command(scheduler)

    await scheduler.settle(command_id, "rejected", code="forbidden_operation", message="Too late")

    answer = await asyncio.wait_for(asked, 5)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "command_rejected")
    assert (problem["rejection"], problem["command_id"]) == ("forbidden_operation", command_id)


async def test_waiting_in_vain_answers_202(api: Api) -> None:
    scheduler = await _started(api)
    await scheduler.advance("running")

    answer = await _act(api, scheduler, "/actions/pause?wait=0.05")

    assert (answer.status_code, answer.json()["outcome"]) == (202, None)


async def test_a_repeated_wait_finds_the_same_command(api: Api) -> None:
    scheduler = await _started(api)
    await scheduler.advance("running")
    key = {"Idempotency-Key": "once"}
    first = await _act(api, scheduler, "/actions/pause?wait=0.05", headers=key)
    await scheduler.settle(first.json()["command_id"])

    again = await _act(api, scheduler, "/actions/pause?wait=0.05", headers=key)

    assert again.status_code == 200
    assert again.json()["command_id"] == first.json()["command_id"]
    assert again.headers["idempotency-replayed"] == "true"


async def test_commands_are_listed_and_shown(api: Api) -> None:
    scheduler = await _started(api)
    await scheduler.advance("running")
    pause = (await _act(api, scheduler, "/actions/pause")).json()["command_id"]
    base = f"/api/v1/instances/{scheduler.instance_id}/commands"

    listed = (await api.client.get(base, params={"limit": 1})).json()
    rest = (await api.client.get(base, params={"cursor": listed["next_cursor"]})).json()
    shown = (await api.client.get(f"{base}/{pause}", params={"wait": 0.01})).json()
    absent = await api.client.get(f"{base}/999999")

    assert [one["kind"] for one in listed["items"] + rest["items"]] == ["pause", "start"]
    assert shown == listed["items"][0]
    assert absent.status_code == 404


async def test_rule_10_an_instance_takes_only_so_many_open_commands(api: Api) -> None:
    scheduler = await _started(api)
    await scheduler.advance("running")
    async with api.database.transaction() as connection:
        await connection.execute(
            insert(command),
            [
                {
                    "instance_id": scheduler.instance_id,
                    "partition": partition_of(scheduler.instance_id, PARTITIONS),
                    "kind": "cancel",
                    "actor": "ops",
                }
            ]
            * MAX_OPEN_COMMANDS,
        )

    answer = await _act(api, scheduler, "/actions/cancel")

    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_commands")
    assert answer.headers["retry-after"] == "1"


async def test_a_listing_for_an_unknown_instance_is_404(api: Api) -> None:
    answer = await api.client.get(f"/api/v1/instances/{uuid.uuid5(new_id(), 'x')}/commands")

    assert answer.status_code == 404
