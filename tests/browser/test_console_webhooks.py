"""Webhooks as a person makes them, tries them out and looks at what became of it."""

import pytest
from playwright.async_api import expect
from starlette.responses import Response

from tests.browser.console import PROJECT, Backstage, Console
from tests.support.browser import WatchedPage
from tests.support.receiver import receiving

# Named first, so that nothing is started for tests that are skipped.
pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("chromium")]

WEBHOOKS = f"/projects/{PROJECT}/settings?tab=webhooks"


async def test_a_webhook_is_made_tried_out_looked_at_and_sent_again(
    console: Console, backstage: Backstage, watched_page: WatchedPage
) -> None:
    page = console.page
    dialog = page.get_by_role("dialog")
    async with receiving() as receiver:
        receiver.answers["/hook"] = lambda: Response("Thank you", status_code=200)
        await console.enter(WEBHOOKS)
        await page.get_by_role("button", name="New webhook").click()
        await dialog.get_by_role("button", name="Save").click()
        await expect(dialog).to_contain_text("Expected an address")
        await dialog.get_by_label("Address").fill(f"{receiver.url}/hook")
        await dialog.get_by_role("checkbox", name="Node failed").check()
        await dialog.get_by_label("Description").fill("Tickets")
        await dialog.get_by_role("button", name="Save").click()

        secret = await dialog.locator("[data-secret]").inner_text()
        await dialog.get_by_role("button", name="I have kept it").click()
        row = console.row("Tickets")
        await expect(row).to_contain_text("Enabled")

        await console.choose(f"More for {receiver.url}/hook", "Send a test")
        await expect(console.row("webhook.ping")).to_contain_text("Delivered")
        await page.get_by_role("button", name="Show webhook.ping").click()
        await expect(dialog).to_contain_text("Thank you")
        await dialog.get_by_role("button", name="Deliver again").click()
        await expect(dialog).to_contain_text("Try 2")
        assert await console.serious_faults() == []

        first, second = receiver.calls
        assert first.is_signed_with(secret)
        assert (second.message_id, second.body) == (first.message_id, first.body)
    (made,) = (await backstage.read("/webhooks"))["items"]
    await backstage.forget(f"/webhooks/{made['webhook_id']}")
    assert made["events"] == ["instance.failed", "node.waiting_for_approval", "node.failed"]
    assert (await watched_page.seen()).complaints == []


async def test_a_webhook_is_changed_disabled_given_another_secret_and_deleted(
    console: Console, backstage: Backstage, watched_page: WatchedPage
) -> None:
    page = console.page
    url = "https://tickets.example/hook"
    body = {"url": url, "events": ["node.failed"]}
    made = (await backstage.make("/webhooks", body))["secret"]
    dialog = page.get_by_role("dialog")
    await console.enter(WEBHOOKS)

    await console.choose(f"More for {url}", "Edit webhook")
    await dialog.get_by_label("Labels").fill("team=shop")
    await page.keyboard.press("Enter")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_have_count(0)
    await console.choose(f"More for {url}", "Disable")
    await expect(console.row(url)).to_contain_text("Disabled")
    await console.choose(f"More for {url}", "Replace the secret")
    await dialog.get_by_role("button", name="Replace").click()
    secret = await dialog.locator("[data-secret]").inner_text()
    await dialog.get_by_role("button", name="I have kept it").click()
    listed = (await backstage.read("/webhooks"))["items"]
    (changed,) = [one for one in listed if one["url"] == url]
    await console.choose(f"More for {url}", "Delete webhook")
    await dialog.get_by_role("button", name="Delete").click()
    await expect(console.row(url)).to_have_count(0)

    assert secret.startswith("whsec_")
    assert secret != made
    assert (changed["labels"], changed["enabled"]) == ({"team": "shop"}, False)
    assert changed["previous_secret_until"] is not None
    assert (await watched_page.seen()).complaints == []
