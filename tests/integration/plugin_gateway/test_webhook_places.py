"""Deliveries of webhooks by several gateways: each in its place, each once, none lost."""

import asyncio
from datetime import timedelta

from flowyard_plugin_gateway import webhooks
from tests.integration.plugin_gateway.hooks import Hooks
from tests.support.api import eventually


async def test_a_slow_receiver_holds_up_nobody_else(hooks: Hooks) -> None:
    slow, quick = await hooks.add("/slow"), await hooks.add("/quick")
    hooks.receiver.held["/slow"] = asyncio.Event()
    for _ in range(40):
        await hooks.tell(slow)
    for _ in range(20):
        await hooks.tell(quick)

    async with hooks.gateway(places=12):
        await eventually(lambda: len(hooks.receiver.at("/quick")) == 20)
        assert len(hooks.receiver.at("/slow")) == webhooks.PLACES
        hooks.receiver.held["/slow"].set()
        await eventually(lambda: len(hooks.receiver.at("/slow")) == 40)


async def test_a_webhook_that_fails_has_one_place(hooks: Hooks) -> None:
    webhook_id = await hooks.add(failures="1", failing_since="now()")
    hooks.receiver.held["/hook"] = asyncio.Event()
    for _ in range(5):
        await hooks.tell(webhook_id)

    gateway = hooks.gateway()
    taken = [await gateway.take(), await gateway.take()]

    assert taken == [1, 0]
    hooks.receiver.held["/hook"].set()
    await gateway.finish()


async def test_several_gateways_deliver_each_once(hooks: Hooks) -> None:
    ids = [await hooks.add(f"/{number}") for number in range(10)]
    told = {str(await hooks.tell(one)) for one in ids for _ in range(10)}

    async with hooks.gateway(), hooks.gateway(), hooks.gateway():
        await eventually(lambda: len(hooks.receiver.calls) >= len(told), seconds=30)

    assert sorted(call.message_id for call in hooks.receiver.calls) == sorted(told)
    rows = await hooks.fetch("SELECT status, attempts FROM webhook_delivery")
    assert {(row["status"], row["attempts"]) for row in rows} == {("delivered", 1)}


async def test_what_a_dead_gateway_had_taken_is_delivered_by_another(hooks: Hooks) -> None:
    delivery_id = await hooks.tell(await hooks.add())
    hooks.receiver.held["/hook"] = asyncio.Event()
    dead = hooks.gateway()
    await dead.take()
    await eventually(lambda: len(hooks.receiver.calls) == 1)
    for task in dead._calls:
        task.cancel()

    assert await hooks.try_once() == 0
    hooks.receiver.held["/hook"].set()
    await hooks.fetch("UPDATE webhook_delivery SET next_at = now()")
    await hooks.try_once()

    assert [call.message_id for call in hooks.receiver.calls] == [str(delivery_id)] * 2
    assert (await hooks.delivery(delivery_id))["status"] == "delivered"


async def test_who_comes_back_late_changes_nothing(hooks: Hooks) -> None:
    delivery_id = await hooks.tell(await hooks.add())
    hooks.receiver.held["/hook"] = asyncio.Event()
    late = hooks.gateway()
    await late.take()
    await eventually(lambda: len(hooks.receiver.calls) == 1)
    await hooks.fetch("UPDATE webhook_delivery SET next_at = now()")
    other = hooks.gateway()
    await other.take()
    await eventually(lambda: len(hooks.receiver.calls) == 2)

    hooks.receiver.held["/hook"].set()
    await late.finish()
    await other.finish()

    assert len(await hooks.attempts(delivery_id)) == 1
    results = hooks.metrics.value("flowyard_plugin_gateway_webhook_deliveries_total", result="late")
    assert results == 1


async def test_more_than_may_wait_disables(hooks: Hooks) -> None:
    much, little = await hooks.add("/much"), await hooks.add("/little")
    for _ in range(4):
        await hooks.tell(much)
    await hooks.tell(little)

    # Whoever has just enabled it wants what waits.
    await hooks.gateway().measure(bound=3)
    assert (await hooks.webhook(much))["is_enabled"]

    await hooks.gateway().measure(bound=3, grace=timedelta(0))
    assert (await hooks.webhook(much))["disabled_reason"] == "backlog"
    assert (await hooks.webhook(little))["is_enabled"]
    assert hooks.metrics.value("flowyard_plugin_gateway_webhook_pending") == 5


async def test_a_call_belongs_to_the_trace_of_its_instance(hooks: Hooks) -> None:
    trace = f"00-{'a' * 32}-{'b' * 16}-00"
    await hooks.tell(await hooks.add(), traceparent=trace)

    await hooks.try_once()

    assert hooks.receiver.calls[0].headers["traceparent"].split("-")[1] == "a" * 32


async def test_a_gateway_without_places_delivers_nothing(hooks: Hooks) -> None:
    await hooks.tell(await hooks.add())

    async with hooks.gateway(places=0) as gateway:
        assert await gateway.take() == 0
    assert hooks.receiver.calls == []
