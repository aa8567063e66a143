"""Deliveries of webhooks to a real receiver: what is sent, and what comes of answers."""

import asyncio
from datetime import timedelta

import pytest
from starlette.responses import RedirectResponse, Response

from flowyard.contracts.webhooks import RETRY_DELAYS, RETRY_JITTER
from flowyard.storage.sealed_box import close_box
from flowyard.storage.sealing import new_key
from flowyard_plugin_gateway.webhook_call import MAX_EXCERPT_BYTES
from tests.integration.plugin_gateway.hooks import BOXES, OLD_SECRET, SECRET, Hooks
from tests.support.ports import free_port


async def test_what_is_due_is_posted_signed_and_noted(hooks: Hooks) -> None:
    delivery_id = await hooks.tell(await hooks.add())

    await hooks.try_once()

    (call,) = hooks.receiver.calls
    assert call.is_signed_with(SECRET)
    assert call.message_id == str(delivery_id)
    assert call.headers["content-type"] == "application/json"
    found = await hooks.delivery(delivery_id)
    assert call.payload == {
        "type": "node.failed",
        "timestamp": found["occurred_at"].isoformat(),
        "data": {"project": "shop"},
    }
    assert (found["status"], found["claim"]) == ("delivered", None)
    assert hooks.metrics.value("flowyard_plugin_gateway_webhook_delivery_seconds") == 1
    (attempt,) = await hooks.attempts(delivery_id)
    assert (attempt["number"], attempt["status_code"], attempt["error"]) == (1, 204, None)


async def test_while_a_secret_is_replaced_both_sign(hooks: Hooks) -> None:
    old = f"'{close_box(BOXES.public_key, OLD_SECRET)}'"
    both = await hooks.add("/both", previous_secret=old, previous_until="now() + interval '1 h'")
    over = await hooks.add("/over", previous_secret=old, previous_until="now() - interval '1 h'")
    await hooks.tell(both)
    await hooks.tell(over)

    await hooks.try_once()

    (during,), (after,) = hooks.receiver.at("/both"), hooks.receiver.at("/over")
    assert [during.is_signed_with(one) for one in (SECRET, OLD_SECRET)] == [True, True]
    assert [after.is_signed_with(one) for one in (SECRET, OLD_SECRET)] == [True, False]


async def test_a_failed_delivery_is_tried_again_for_a_day_and_then_given_up(hooks: Hooks) -> None:
    hooks.receiver.answers["/hook"] = lambda: Response("broken", status_code=500)
    delivery_id = await hooks.tell(await hooks.add())

    for delay in RETRY_DELAYS:
        await hooks.try_once()
        found = await hooks.delivery(delivery_id)
        longest = delay * (1 + RETRY_JITTER)
        assert delay - timedelta(seconds=4) <= found["pause"] <= longest
        assert found["status"] == "pending"
        await hooks.make_due()
    await hooks.try_once()

    assert (await hooks.delivery(delivery_id))["status"] == "given_up"
    attempts = await hooks.attempts(delivery_id)
    assert [one["number"] for one in attempts] == list(range(1, len(RETRY_DELAYS) + 2))
    assert {(one["status_code"], one["response"]) for one in attempts} == {(500, "broken")}
    assert len({call.body for call in hooks.receiver.calls}) == 1
    assert {call.message_id for call in hooks.receiver.calls} == {str(delivery_id)}
    assert timedelta(hours=20) < sum(RETRY_DELAYS, timedelta(0)) < timedelta(hours=28)


async def test_nothing_is_tried_before_it_is_due(hooks: Hooks) -> None:
    hooks.receiver.answers["/hook"] = lambda: Response(status_code=500)
    await hooks.tell(await hooks.add())

    assert [await hooks.try_once(), await hooks.try_once()] == [1, 0]


async def test_a_receiver_may_ask_for_a_longer_pause(hooks: Hooks) -> None:
    hooks.receiver.answers["/hook"] = lambda: Response(
        status_code=429, headers={"Retry-After": "600"}
    )
    delivery_id = await hooks.tell(await hooks.add())

    await hooks.try_once()

    pause = (await hooks.delivery(delivery_id))["pause"]
    assert timedelta(seconds=590) < pause <= timedelta(seconds=600)


async def test_who_is_gone_is_told_nothing_any_more(hooks: Hooks) -> None:
    hooks.receiver.answers["/hook"] = lambda: Response(status_code=410)
    webhook_id = await hooks.add()
    gone, later = await hooks.tell(webhook_id), None

    await hooks.try_once()
    later = await hooks.tell(webhook_id)
    await hooks.try_once()

    assert (await hooks.delivery(gone))["status"] == "given_up"
    assert (await hooks.delivery(later))["attempts"] == 0
    found = await hooks.webhook(webhook_id)
    assert (found["is_enabled"], found["disabled_reason"]) == (False, "gone")
    (change,) = await hooks.fetch("SELECT * FROM webhook_change")
    assert (change["kind"], change["actor"]) == ("disabled", "flowyard")
    (level,) = await hooks.fetch("SELECT version FROM webhook_level")
    assert level["version"] == 1


@pytest.mark.parametrize(
    ("failures", "hours", "is_enabled"), [(49, 25, False), (48, 25, True), (99, 23, True)]
)
async def test_too_many_failures_for_too_long_disable(
    hooks: Hooks, failures: int, hours: int, *, is_enabled: bool
) -> None:
    hooks.receiver.answers["/hook"] = lambda: Response(status_code=500)
    since = f"now() - interval '{hours} h'"
    webhook_id = await hooks.add(failures=str(failures), failing_since=since)
    await hooks.tell(webhook_id)

    await hooks.try_once()

    found = await hooks.webhook(webhook_id)
    assert (found["is_enabled"], found["failures"]) == (is_enabled, failures + 1)
    assert found["disabled_reason"] == (None if is_enabled else "failing")


async def test_a_success_lets_earlier_failures_be_forgotten(hooks: Hooks) -> None:
    webhook_id = await hooks.add(failures="70", failing_since="now() - interval '30 h'")
    await hooks.tell(webhook_id)

    await hooks.try_once()

    found = await hooks.webhook(webhook_id)
    assert (found["failures"], found["failing_since"]) == (0, None)


async def test_redirects_are_not_followed(hooks: Hooks) -> None:
    hooks.receiver.answers["/hook"] = lambda: RedirectResponse(f"{hooks.receiver.url}/elsewhere")
    delivery_id = await hooks.tell(await hooks.add())

    await hooks.try_once()

    assert hooks.receiver.at("/elsewhere") == []
    (attempt,) = await hooks.attempts(delivery_id)
    assert attempt["status_code"] == 307
    assert "redirects" in attempt["error"]


async def test_who_is_not_there_is_noted_without_a_status(hooks: Hooks) -> None:
    url = f"'http://127.0.0.1:{free_port()}/'"
    delivery_id = await hooks.tell(await hooks.add(url=url))

    await hooks.try_once()

    (attempt,) = await hooks.attempts(delivery_id)
    assert attempt["status_code"] is None
    assert attempt["error"] == "The call failed: ConnectError."


async def test_who_does_not_answer_in_time_has_not_taken_it(
    hooks: Hooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flowyard_plugin_gateway.webhook_call.CALL_SECONDS", 0.2)
    hooks.receiver.held["/hook"] = asyncio.Event()
    delivery_id = await hooks.tell(await hooks.add())

    await hooks.try_once()

    (attempt,) = await hooks.attempts(delivery_id)
    assert attempt["error"] == "No answer within 0.2 s."
    assert (await hooks.delivery(delivery_id))["status"] == "pending"


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (b"x" * 5_000_000, "x" * MAX_EXCERPT_BYTES),
        (b"a\x00b\xff", "a\ufffdb\ufffd"),
        (b"", ""),
    ],
    ids=["long", "binary", "empty"],
)
async def test_only_the_beginning_of_an_answer_is_kept(
    hooks: Hooks, body: bytes, kept: str
) -> None:
    hooks.receiver.answers["/hook"] = lambda: Response(body)
    delivery_id = await hooks.tell(await hooks.add())

    await hooks.try_once()

    (attempt,) = await hooks.attempts(delivery_id)
    assert attempt["response"] == kept
    assert (await hooks.delivery(delivery_id))["status"] == "delivered"


async def test_a_secret_of_another_key_is_said_so_and_tried_again(hooks: Hooks) -> None:
    delivery_id = await hooks.tell(await hooks.add())

    await hooks.try_once(hooks.gateway(key=new_key()))

    (attempt,) = await hooks.attempts(delivery_id)
    assert "signing secret" in attempt["error"]
    assert hooks.receiver.calls == []
    await hooks.make_due()
    await hooks.try_once()
    assert (await hooks.delivery(delivery_id))["status"] == "delivered"
