"""What webhooks were told, over HTTP: shown, asked for again, forgotten."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from flowyard.storage.schema import webhook_attempt, webhook_delivery
from flowyard_api.cleaning import forget_old_deliveries
from tests.integration.api.webhooks import PATH, make, told
from tests.support.api import Api


async def test_a_deleted_webhook_is_gone_with_its_history(hooks: Api) -> None:
    made, other = await make(hooks), await make(hooks)
    place = f"{PATH}/{made['webhook_id']}"
    await told(hooks, made["webhook_id"])
    kept = await told(hooks, other["webhook_id"])

    deleted = await hooks.client.delete(place)
    again = await hooks.client.delete(place)
    count = await forget_old_deliveries(hooks.database, timedelta(days=7))

    assert (deleted.status_code, deleted.json()["webhook_id"]) == (200, made["webhook_id"])
    assert (again.status_code, again.json()["code"]) == (404, "not_found")
    assert count == 1
    async with hooks.database.transaction() as connection:
        left = (await connection.execute(select(webhook_delivery.c.delivery_id))).scalars().all()
    assert left == [kept]


async def test_history_is_forgotten_after_its_days_with_its_attempts(hooks: Api) -> None:
    made = await make(hooks)
    old = await told(
        hooks,
        made["webhook_id"],
        created_at=datetime.fromisoformat("2026-01-02T03:04:05+00:00"),
    )
    new = await told(hooks, made["webhook_id"])
    async with hooks.database.transaction() as connection:
        for one in (old, new):
            await connection.execute(insert(webhook_attempt).values(**_attempt(one)))

    assert await forget_old_deliveries(hooks.database, timedelta(days=7)) == 1

    async with hooks.database.transaction() as connection:
        left = (await connection.execute(select(webhook_attempt.c.delivery_id))).scalars().all()
    assert left == [new]


def _attempt(delivery_id: uuid.UUID, number: int = 1) -> dict[str, Any]:
    return {
        "delivery_id": delivery_id,
        "number": number,
        "started_at": datetime.fromisoformat("2026-01-02T03:04:06+00:00"),
        "duration_ms": 87,
        "status_code": 503,
        "error": "Answered with status 503.",
        "response": "Try later",
    }


async def test_a_delivery_shows_what_was_sent_and_every_try(hooks: Api) -> None:
    made = await make(hooks)
    delivery_id = await told(hooks, made["webhook_id"], attempts=2)
    async with hooks.database.transaction() as connection:
        for number in (1, 2):
            await connection.execute(
                insert(webhook_attempt).values(**_attempt(delivery_id, number))
            )

    answer = await hooks.client.get(f"{PATH}/{made['webhook_id']}/deliveries/{delivery_id}")

    shown = answer.json()
    assert shown["payload"] == {
        "type": "instance.failed",
        "timestamp": "2026-01-02T03:04:05+00:00",
        "data": {"project": "shop"},
    }
    assert [one["number"] for one in shown["tries"]] == [2, 1]
    assert shown["tries"][0]["response"] == "Try later"
    assert (shown["status"], shown["attempts"]) == ("pending", 2)


async def test_deliveries_come_latest_first_in_pages_and_may_be_chosen(hooks: Api) -> None:
    made = await make(hooks)
    place = f"{PATH}/{made['webhook_id']}/deliveries"
    settled = datetime.fromisoformat("2026-01-02T03:04:06+00:00")
    ids = [str(await told(hooks, made["webhook_id"])) for _ in range(3)]
    lost = await told(hooks, made["webhook_id"], status="given_up", settled_at=settled)

    first = (await hooks.client.get(f"{place}?limit=2")).json()
    rest = (await hooks.client.get(place, params={"cursor": first["next_cursor"]})).json()
    given_up = (await hooks.client.get(f"{place}?status=given_up")).json()
    pings = (await hooks.client.get(f"{place}?event=webhook.ping")).json()
    unknown = await hooks.client.get(f"{place}?event=nonsense")

    listed = [one["delivery_id"] for one in first["items"] + rest["items"]]
    assert listed == [str(lost), *reversed(ids)]
    assert [one["delivery_id"] for one in given_up["items"]] == [str(lost)]
    assert pings["items"] == []
    assert unknown.status_code == 422


async def test_a_ping_is_a_delivery_like_any_other(hooks: Api) -> None:
    made = await make(hooks)
    place = f"{PATH}/{made['webhook_id']}"

    pinged = await hooks.client.post(f"{place}/actions/ping")

    assert pinged.status_code == 202
    assert (pinged.json()["event"], pinged.json()["status"]) == ("webhook.ping", "pending")
    (listed,) = (await hooks.client.get(f"{place}/deliveries")).json()["items"]
    assert listed == pinged.json()


async def test_a_settled_delivery_is_made_again_with_the_same_id(hooks: Api) -> None:
    made = await make(hooks)
    settled = datetime.fromisoformat("2026-01-02T03:04:06+00:00")
    delivery_id = await told(
        hooks, made["webhook_id"], status="delivered", settled_at=settled, attempts=3, tries=3
    )
    place = f"{PATH}/{made['webhook_id']}/deliveries/{delivery_id}/actions/redeliver"

    again = await hooks.client.post(place)

    assert again.status_code == 202
    assert (again.json()["status"], again.json()["attempts"]) == ("pending", 3)
    async with hooks.database.transaction() as connection:
        tries = (await connection.execute(select(webhook_delivery.c.tries))).scalar_one()
    assert tries == 0


async def test_all_that_was_given_up_since_an_instant_is_made_again(hooks: Api) -> None:
    made = await make(hooks)
    at = datetime.fromisoformat("2026-01-02T03:04:05+00:00")
    for minutes, status in ((0, "given_up"), (10, "given_up"), (20, "given_up"), (20, "delivered")):
        when = at + timedelta(minutes=minutes)
        await told(hooks, made["webhook_id"], status=status, settled_at=when, occurred_at=when)

    answer = await hooks.client.post(
        f"{PATH}/{made['webhook_id']}/actions/redeliver",
        json={"since": (at + timedelta(minutes=5)).isoformat()},
    )

    assert (answer.status_code, answer.json()) == (202, {"redelivered": 2})
    place = f"{PATH}/{made['webhook_id']}/deliveries"
    pending = (await hooks.client.get(f"{place}?status=pending")).json()["items"]
    assert len(pending) == 2


@pytest.mark.parametrize("since", ["2026-01-01T00:00:00", "0001-01-01T00:00:00+14:00", "never", 0])
async def test_what_is_no_instant_is_refused(hooks: Api, since: object) -> None:
    made = await make(hooks)

    refused = await hooks.client.post(
        f"{PATH}/{made['webhook_id']}/actions/redeliver", json={"since": since}
    )

    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")


async def test_a_disabled_webhook_is_told_nothing_by_a_persons_wish(hooks: Api) -> None:
    made = await make(hooks, enabled=False)
    place = f"{PATH}/{made['webhook_id']}"
    delivery_id = await told(hooks, made["webhook_id"])

    refused = [
        await hooks.client.post(f"{place}/actions/ping"),
        await hooks.client.post(f"{place}/deliveries/{delivery_id}/actions/redeliver"),
        await hooks.client.post(
            f"{place}/actions/redeliver", json={"since": "2026-01-01T00:00:00Z"}
        ),
    ]

    assert {(one.status_code, one.json()["code"]) for one in refused} == {(409, "webhook_disabled")}
