"""A run in the console as it changes: how soon that is seen, and without its API."""

from collections.abc import Iterator
from datetime import datetime

import httpx
import pytest
from playwright.async_api import expect

from tests.browser import flows
from tests.browser.console import Backstage, Console
from tests.browser.runs import asked, confirm, node, panel, see
from tests.support.browser import WatchedPage
from tests.support.dev_server import DevServer, temporary_server
from tests.support.ports import free_port

# Named first, so that nothing is started for tests that are skipped.
pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("chromium")]


LAG_SAMPLES = 100
LAG_SECONDS = 1.0
NOTE_REVISIONS = """() => {
    const page = document.querySelector("[data-revision]");
    window.seenAt = {[page.dataset.revision]: Date.now()};
    new MutationObserver(() => { window.seenAt[page.dataset.revision] ??= Date.now(); })
        .observe(page, {attributes: true, attributeFilter: ["data-revision"]});
}"""


async def test_a_change_is_seen_within_a_second(console: Console, backstage: Backstage) -> None:
    page = console.page
    await backstage.publish(flows.APPROVED)
    instance_id = await backstage.start("lag", "releases")
    await see(console, instance_id)
    await expect(page.locator("[data-link=live]").first).to_be_visible()
    await page.evaluate(NOTE_REVISIONS)
    lags = []
    for sample in range(LAG_SAMPLES):
        await backstage.operate(instance_id, "actions/set-priority", {"priority": sample % 2 + 1})
        settled = (await backstage.commands(instance_id, "set_priority"))[0]["settled_at"]
        revision = await backstage.revision(instance_id)
        await page.wait_for_function("(one) => window.seenAt[one] !== undefined", arg=revision)
        seen = await page.evaluate("(one) => window.seenAt[one]", revision)
        lags.append(seen / 1000 - datetime.fromisoformat(settled).timestamp())

    worst = sorted(lags)[int(LAG_SAMPLES * 0.99) - 1]
    assert worst < LAG_SECONDS, lags


@pytest.fixture
def own_server() -> Iterator[DevServer]:
    """Start a server that may be killed, on a port that it comes back to."""
    with temporary_server(port=free_port()) as server:
        yield server


async def test_a_run_goes_on_after_its_api_was_killed(
    own_server: DevServer, watched_page: WatchedPage
) -> None:
    page = watched_page.page
    console = Console(page, own_server.address, own_server.token)
    async with httpx.AsyncClient(
        base_url=f"{own_server.address}/api/v1",
        headers={"Authorization": f"Bearer {own_server.token}"},
        timeout=30,
        trust_env=False,
    ) as client:
        backstage = Backstage(client)
        await backstage.publish(flows.APPROVED)
        instance_id = await backstage.start("survives", "releases")
        await see(console, instance_id, "?node=ask")
        await expect(page.locator("[data-link=live]").first).to_be_visible()
        await expect(node(page, "May it go out?")).to_contain_text("Waiting")

        own_server.kill()
        await expect(page.get_by_text("Reconnecting")).to_be_visible()
        await expect(node(page, "May it go out?")).to_contain_text("Waiting")
        await panel(page).get_by_role("button", name="Approve").click()
        await confirm(page, "Approve")
        await expect(asked(page)).to_contain_text("Approve: being sent")
        own_server.start()

        # What was asked for while nobody answered is asked once, and the view goes on by itself.
        await expect(asked(page)).to_contain_text("Approve: done", timeout=60_000)
        await expect(node(page, "Bring it out")).to_contain_text("Succeeded")
        await expect(page.locator("[data-link=ended]").first).to_be_visible()
        assert len(await backstage.commands(instance_id, "approve")) == 1
