"""The examples that release something, each against a fleet that notes what it is called for."""

from collections import Counter
from collections.abc import AsyncIterator

import pytest

from tests.integration.flows.ops import Ops, operated
from tests.support.flowyard import Flowyard, JsonObject

QUICKLY: JsonObject = {"version": "2.0.0", "interval": 0.1}
HOSTS = ["app-1", "app-2", "app-3", "app-4"]


@pytest.fixture
async def ops(flowyard: Flowyard) -> AsyncIterator[Ops]:
    async with operated(flowyard) as running:
        yield running


def _of(calls: list[str], host: str) -> list[str]:
    return [call.replace(f" {host}", "") for call in calls if f" {host}" in f"{call} "]


def _without_hosts(calls: list[str]) -> list[str]:
    return [call for call in calls if not any(f" {host}" in call for host in HOSTS)]


async def _versions(ops: Ops) -> dict[str, str]:
    hosts: dict[str, JsonObject] = (await ops.fleet.get("/hosts")).json()
    assert not any(host["is_drained"] for host in hosts.values())
    return {name: str(host["version"]) for name, host in hosts.items()}


async def _is_muted(ops: Ops) -> bool:
    calls = [call for call in await ops.calls() if call.endswith("mute shop")]
    return calls[-1:] == ["mute shop"]


async def test_a_business_release_goes_host_by_host_between_muted_alarms(ops: Ops) -> None:
    await ops.fault(call="drain app-1", times=1)
    instance_id = await ops.run("business-release", **QUICKLY)
    question = await ops.decide(instance_id, "approve", "approve")

    shown = await ops.until_ended(instance_id)

    calls = await ops.calls()
    assert question == "shop goes from 1.4.1 to 2.0.0 on 4 hosts. Now?"
    assert shown["status"] == "succeeded"
    assert shown["outputs"] == {"version": "2.0.0", "behind": []}
    assert _without_hosts(calls) == [
        "bundle 2.0.0",
        "notify shop 2.0.0 begins",
        "mute shop",
        "record 2.0.0",
        "unmute shop",
        "notify shop 2.0.0 is released",
    ]
    for host in HOSTS:
        assert _of(calls, host) == ["drain", "restart 2.0.0", "undrain"]
    assert _most_at_once(calls) == 2


def _most_at_once(calls: list[str]) -> int:
    """Return how many hosts were without traffic at the same time."""
    drained, most = 0, 0
    for call in calls:
        drained += call.startswith("drain ") - call.startswith("undrain ")
        most = max(most, drained)
    return most


async def test_a_quick_release_leaves_the_checks_out(ops: Ops) -> None:
    await ops.fault(metric='alarms_firing{service="shop"}', value=3)
    instance_id = await ops.run("business-release", schemes=["quick"], **QUICKLY)
    await ops.decide(instance_id, "approve", "approve")

    shown = await ops.until_ended(instance_id)

    ids = {node["node_id"] for node in shown["nodes"]}
    assert shown["status"] == "succeeded"
    assert {"no-alarms", "room"}.isdisjoint(ids)
    assert set((await _versions(ops)).values()) == {"2.0.0"}


async def test_a_full_disk_ends_a_release_before_anybody_is_asked(ops: Ops) -> None:
    await ops.fault(metric='disk_percent{host="app-3"}', value=97)
    instance_id = await ops.run("business-release", **QUICKLY)

    shown = await ops.until_ended(instance_id)

    assert shown["status"] == "cancelled"
    assert shown["failure"]["code"] == "items_failed"
    assert await ops.calls() == ["bundle 2.0.0"]


async def test_an_approval_that_takes_long_is_told(ops: Ops) -> None:
    await ops.publish("business-release", old="after: 30m", new="after: 200ms")

    instance_id = await ops.run("business-release", **QUICKLY)
    await ops.until_called("notify shop 2.0.0 waits for approval")
    await ops.decide(instance_id, "approve", "approve")

    assert (await ops.until_ended(instance_id))["status"] == "succeeded"


async def test_a_host_within_tolerance_stays_behind_and_the_release_goes_on(ops: Ops) -> None:
    await ops.fault(host="app-2", version="2.0.0")
    instance_id = await ops.run("business-release", **QUICKLY, patience=0.5)
    await ops.decide(instance_id, "approve", "approve")

    shown = await ops.until_ended(instance_id)

    calls = await ops.calls()
    assert shown["status"] == "succeeded"
    assert shown["outputs"]["behind"] == ["app-2"]
    assert _of(calls, "app-2") == ["drain", "restart 2.0.0", "restart 1.4.1", "undrain"]
    assert await _versions(ops) == {**dict.fromkeys(HOSTS, "2.0.0"), "app-2": "1.4.1"}
    assert (await ops.inbox())[-1]["data"]["behind"] == ["app-2"]
    assert not await _is_muted(ops)


async def test_too_many_failing_hosts_take_everything_back_before_alarms_sound_again(
    ops: Ops,
) -> None:
    await ops.fault(host="app-2", version="2.0.0")
    await ops.fault(host="app-3", version="2.0.0")
    instance_id = await ops.run("business-release", **QUICKLY, patience=0.5)
    await ops.decide(instance_id, "approve", "approve")

    shown = await ops.until_ended(instance_id)

    calls = await ops.calls()
    assert shown["status"] == "cancelled"
    assert shown["phase"] == "rollback"
    assert set((await _versions(ops)).values()) == {"1.4.1"}
    assert _of(calls, "app-1") == [
        *("drain", "restart 2.0.0", "undrain"),
        *("drain", "restart 1.4.1", "undrain"),
    ]
    assert _without_hosts(calls) == [
        "bundle 2.0.0",
        "notify shop 2.0.0 begins",
        "mute shop",
        "unmute shop",
        "notify shop 2.0.0 was taken back",
    ]
    assert calls[-2:] == ["unmute shop", "notify shop 2.0.0 was taken back"]


async def test_a_way_back_that_leaves_a_host_behind_waits_for_a_person(ops: Ops) -> None:
    await ops.fault(call="record 2.0.0", times=100)
    await ops.fault(host="app-1", version="1.4.1")
    instance_id = await ops.run("business-release", **QUICKLY, patience=0.5)
    await ops.decide(instance_id, "approve", "approve")

    undoing = await ops.until_waiting(instance_id, "roll-out:rollback")
    child_id = undoing["attempts"][-1]["child_instance_id"]
    child = await ops.until_ended(child_id)

    assert child["status"] == "failed"
    assert child["failure"] is None
    assert await ops.flowyard.failure(child_id, "incomplete") == "hosts_behind"
    assert await _versions(ops) == {**dict.fromkeys(HOSTS, "1.4.1"), "app-1": "2.0.0"}
    assert await _is_muted(ops)

    await ops.act(child_id, "incomplete", "skip")
    assert (await ops.until_ended(instance_id))["status"] == "cancelled"
    assert not await _is_muted(ops)


async def test_a_service_that_somebody_else_works_on_is_left_alone(ops: Ops) -> None:
    await ops.fleet.put("/alarms/shop/silences/somebody")
    instance_id = await ops.run("business-release", **QUICKLY)
    await ops.decide(instance_id, "approve", "approve")

    shown = await ops.until_ended(instance_id)

    assert shown["status"] == "cancelled"
    assert shown["failure"]["code"] == "http_status"
    assert await ops.calls() == [
        "mute shop",
        "bundle 2.0.0",
        "notify shop 2.0.0 begins",
        "notify shop 2.0.0 was taken back",
    ]


async def test_a_release_ends_where_another_one_came_first(ops: Ops) -> None:
    instance_id = await ops.run("business-release", **QUICKLY)
    await ops.until_waiting(instance_id, "approve")
    await ops.fleet.put("/services/shop", json={"version": "1.5.0"})
    await ops.decide(instance_id, "approve", "approve")

    shown = await ops.until_ended(instance_id)

    assert shown["status"] == "cancelled"
    assert shown["failure"]["code"] == "check_failed"
    assert (await ops.calls())[2:] == [
        "notify shop 2.0.0 begins",
        "mute shop",
        "unmute shop",
        "notify shop 2.0.0 was taken back",
    ]


async def test_two_roll_outs_of_a_service_together_drain_two_hosts_at_most(ops: Ops) -> None:
    await ops.fleet.put("/bundles/2.0.0")
    instances = [
        await ops.run("roll-out", **QUICKLY, service="shop", hosts=hosts)
        for hosts in (HOSTS[:2], HOSTS[2:])
    ]

    ended = [await ops.until_ended(instance_id) for instance_id in instances]

    assert [shown["outputs"]["restarted"] for shown in ended] == [2, 2]
    assert _most_at_once(await ops.calls()) <= 2


async def test_alarms_that_stay_muted_take_no_release_back_but_are_told(ops: Ops) -> None:
    await ops.fault(call="unmute shop", times=100)
    instance_id = await ops.run("business-release", **QUICKLY)
    await ops.decide(instance_id, "approve", "approve")

    shown = await ops.until_ended(instance_id)

    assert shown["status"] == "succeeded"
    assert (await ops.calls())[-1] == (
        "notify shop 2.0.0 is released, BUT ITS ALARMS ARE STILL MUTED"
    )


async def test_a_good_canary_is_followed_by_the_rest(ops: Ops) -> None:
    instance_id = await ops.run("canary", **QUICKLY, looks=2)

    shown = await ops.until_ended(instance_id)

    calls = await ops.calls()
    assert shown["status"] == "succeeded"
    assert calls[:5] == [
        "notify shop 2.0.0 begins on app-1",
        "bundle 2.0.0",
        "drain app-1",
        "restart app-1 2.0.0",
        "undrain app-1",
    ]
    assert calls[-2:] == ["record 2.0.0", "notify shop 2.0.0 is released"]
    assert set((await _versions(ops)).values()) == {"2.0.0"}


async def test_a_bad_metric_takes_the_canary_back_and_spares_the_rest(ops: Ops) -> None:
    await ops.fault(metric='error_ratio{version="2.0.0"}', value=0.2)
    instance_id = await ops.run("canary", **QUICKLY)

    shown = await ops.until_ended(instance_id)

    assert shown["status"] == "cancelled"
    assert shown["failure"]["code"] == "check_failed"
    assert await ops.calls() == [
        "notify shop 2.0.0 begins on app-1",
        "bundle 2.0.0",
        *("drain app-1", "restart app-1 2.0.0", "undrain app-1"),
        *("drain app-1", "restart app-1 1.4.1", "undrain app-1"),
        "notify shop 2.0.0 was taken back",
    ]


async def test_a_rest_that_fails_takes_the_canary_back_last(ops: Ops) -> None:
    for host in ("app-3", "app-4"):
        await ops.fault(host=host, version="2.0.0")
    instance_id = await ops.run("canary", **QUICKLY, looks=1, patience=0.5)

    shown = await ops.until_ended(instance_id)

    calls = await ops.calls()
    assert shown["status"] == "cancelled"
    assert _of(calls, "app-1")[-3:] == ["drain", "restart 1.4.1", "undrain"]
    assert calls[-2:] == ["undrain app-1", "notify shop 2.0.0 was taken back"]
    assert set((await _versions(ops)).values()) == {"1.4.1"}


async def test_a_colour_is_switched_watched_and_the_old_one_torn_down(ops: Ops) -> None:
    instance_id = await ops.run("blue-green", **QUICKLY, looks=2)
    question = await ops.decide(instance_id, "keep", "approve")

    shown = await ops.until_ended(instance_id)

    assert question == (
        "shop 2.0.0 on green: steady, 0.002 of its requests failed."
        " Yes tears blue down, no switches back to it."
    )
    assert shown["outputs"] == {"live": "green", "steady": True}
    assert await ops.calls() == [
        "deploy green 2.0.0",
        "switch green",
        "tear-down blue",
        "notify shop 2.0.0 is live on green",
    ]


async def test_a_person_switches_a_colour_back(ops: Ops) -> None:
    await ops.fault(metric='error_ratio{version="2.0.0"}', value=0.07)
    instance_id = await ops.run("blue-green", **QUICKLY)
    question = await ops.decide(instance_id, "keep", "reject")

    shown = await ops.until_ended(instance_id)

    assert "NOT STEADY, 0.07 of its requests failed" in question
    assert shown["status"] == "cancelled"
    assert shown["failure"]["code"] == "rejected"
    assert await ops.calls() == [
        "deploy green 2.0.0",
        "switch green",
        "switch blue",
        "tear-down green",
    ]


async def test_a_failed_switch_is_taken_back_without_anybody_asked(ops: Ops) -> None:
    await ops.fault(call="switch green", times=1)
    instance_id = await ops.run("blue-green", **QUICKLY)

    shown = await ops.until_ended(instance_id)

    assert shown["status"] == "cancelled"
    assert Counter(await ops.calls()) == Counter(
        ["deploy green 2.0.0", "switch blue", "tear-down green"]
    )
