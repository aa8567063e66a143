"""The nightly check among the examples: quiet nights, findings, and what cannot be looked at."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.flows.ops import Ops, operated
from tests.support.flowyard import Flowyard, JsonObject
from tests.support.ports import free_port

BEAT = "beat nightly-check"


@pytest.fixture
async def ops(flowyard: Flowyard) -> AsyncIterator[Ops]:
    async with operated(flowyard) as running:
        yield running


def _status(shown: JsonObject, node_id: str) -> str:
    status: str = next(one["status"] for one in shown["nodes"] if one["node_id"] == node_id)
    return status


async def test_a_quiet_night_gives_nothing_but_a_sign_of_life(ops: Ops) -> None:
    shown = await ops.until_ended(await ops.run("nightly-check"))

    assert shown["status"] == "succeeded"
    assert shown["outputs"]["bad"] == {"backups": [], "certificates": [], "disks": []}
    assert await ops.calls() == [BEAT]


async def test_findings_are_told_all_in_one_message(ops: Ops) -> None:
    await ops.fault(metric='backup_age_hours{name="orders"}', value=50)
    await ops.fault(metric='certificate_days{name="api.example.com"}', value=3)
    await ops.fault(metric='disk_percent{host="app-4"}', value=96)

    shown = await ops.until_ended(await ops.run("nightly-check"))

    subject = "Tonight: orders, api.example.com, app-4"
    assert shown["status"] == "succeeded"
    assert await ops.calls() == [f"notify {subject}", BEAT]
    assert (await ops.inbox())[0]["data"] == {
        "backups": ["orders"],
        "certificates": ["api.example.com"],
        "disks": ["app-4"],
    }


async def test_disks_that_are_not_asked_for_are_not_looked_at(ops: Ops) -> None:
    await ops.fault(metric='disk_percent{host="app-4"}', value=96)

    shown = await ops.until_ended(await ops.run("nightly-check", disks=False))

    assert _status(shown, "disk-room") == "skipped"
    assert await ops.calls() == [BEAT]


async def test_what_cannot_be_looked_at_is_tried_again_then_told_and_stops_nothing(
    ops: Ops,
) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    await ops.fault(metric='backup_age_hours{name="stock"}', value=99)

    shown = await ops.until_ended(await ops.run("nightly-check", prometheus=nobody))

    attempts = next(one["attempts"] for one in shown["nodes"] if one["node_id"] == "disk-room:0")
    assert shown["status"] == "succeeded"
    assert [one["failure"]["code"] for one in attempts] == ["connection_failed"] * 4
    assert await ops.calls() == [
        "notify Tonight: stock",
        "notify Could not look at app-1, app-2, app-3, app-4",
        BEAT,
    ]


async def test_a_chat_that_is_down_for_a_while_gets_the_findings_later(ops: Ops) -> None:
    await ops.fault(metric='backup_age_hours{name="orders"}', value=50)
    await ops.fault(call="notify Tonight: orders", times=2)

    shown = await ops.until_ended(await ops.run("nightly-check"))

    assert shown["status"] == "succeeded"
    assert await ops.calls() == ["notify Tonight: orders", BEAT]
