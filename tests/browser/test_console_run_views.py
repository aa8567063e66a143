"""A run in the console: what is told of it, decisions by phone, and what holds on all its views."""

import re
from typing import Any

import pytest
from playwright.async_api import Route, expect

from tests.browser import flows
from tests.browser.console import Backstage, Console
from tests.browser.runs import PHONE, confirm, is_in_the_middle, node, panel, see
from tests.support.browser import WatchedPage

# Named first, so that nothing is started for tests that are skipped.
pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("chromium")]


async def test_what_happened_is_told_with_who_did_it_and_where_time_went(
    console: Console, backstage: Backstage
) -> None:
    page = console.page
    await backstage.publish(flows.APPROVED)
    instance_id = await backstage.start("told", "releases")
    await backstage.operate(instance_id, "nodes/ask/actions/approve")
    await see(console, instance_id, "?tab=history")

    await expect(console.row("approved")).to_contain_text("Applied")
    await expect(console.row("created this run")).to_be_visible()
    await page.get_by_role("tab", name="Timeline").click()
    await expect(page.get_by_role("button", name="May it go out?")).to_be_visible()
    await page.get_by_role("button", name="Larger").click()
    await page.get_by_role("tab", name="Variables").click()
    await expect(page.get_by_text("1.4.2").first).to_be_visible()
    await page.get_by_role("tab", name="Nodes").click()
    await expect(console.row("May it go out?")).to_contain_text("Succeeded")
    assert page.url.endswith("?tab=nodes")


async def test_a_link_leads_to_the_same_node_and_tab(
    console: Console, backstage: Backstage
) -> None:
    page = console.page
    await backstage.publish(flows.APPROVED)
    await see(console, await backstage.start("linked", "releases"))
    await page.get_by_role("tab", name="Timeline").click()
    chart = page.get_by_role("group", name="What took how long")
    await chart.get_by_role("button", name="May it go out?").click()
    await expect(panel(page)).to_be_visible()

    await page.goto(page.url)

    await expect(panel(page)).to_contain_text("It waits until a person approves or rejects.")
    await expect(panel(page)).to_contain_text("Until")
    await expect(page.get_by_role("tab", name="Timeline")).to_have_attribute(
        "aria-selected", "true"
    )


async def test_a_finished_run_is_cloned_and_rerun_from_a_node(
    console: Console, backstage: Backstage
) -> None:
    page = console.page
    await backstage.publish(flows.CALL)
    failed = await backstage.start("to copy", "calls")
    await see(console, failed)
    await page.get_by_role("button", name="Operations on this run").click()
    await page.get_by_role("menuitem", name="Clone").click()
    await page.get_by_role("dialog").get_by_label("Name").fill("the clone")
    await confirm(page, "Yes, Clone")
    await expect(console.heading("the clone")).to_be_visible()
    await expect(page.get_by_text("Clone of")).to_be_visible()

    await console.open(f"/instances/{failed}?node=after")
    await page.get_by_role("button", name="Operations on this run").click()
    await page.get_by_role("menuitem", name="Rerun from a node").click()
    await page.get_by_role("dialog").get_by_label("Begin at").click()
    await page.get_by_role("option", name="Call the service (call)").click()
    await page.get_by_role("dialog").get_by_label("Name").fill("the rerun")
    await confirm(page, "Yes, Rerun from a node")

    await expect(console.heading("the rerun")).to_be_visible()
    await expect(page.get_by_text("Rerun of")).to_be_visible()


async def test_a_decision_is_made_with_one_hand_after_signing_in(
    console: Console, backstage: Backstage
) -> None:
    page = console.page
    await page.set_viewport_size(PHONE)
    await backstage.publish(flows.APPROVED)
    instance_id = await backstage.start("by phone", "releases")
    await console.open(f"/instances/{instance_id}/approvals/ask")
    await page.get_by_label("Token", exact=True).fill(console.token)
    await page.keyboard.press("Enter")

    await expect(console.heading("Decision wanted")).to_be_visible()
    await expect(page.get_by_text("Release 1.4.2 to production?")).to_be_visible()
    await expect(page.get_by_text("ada, ops-lead")).to_be_visible()
    approve = page.get_by_role("button", name="Approve")
    box = await approve.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert box["y"] > PHONE["height"] * 0.8
    assert await console.overflow() == 0
    await page.get_by_label("Comment (optional)").fill("Seen with the customer")
    await approve.click()

    await expect(page.get_by_text("Confirmed.")).to_be_visible()
    await expect(page.get_by_text("Seen with the customer")).to_be_visible()
    await expect(approve).to_have_count(0)
    assert await backstage.status(instance_id) == "succeeded"


async def test_a_no_is_a_no(console: Console, backstage: Backstage) -> None:
    page = console.page
    await page.set_viewport_size(PHONE)
    await backstage.publish(flows.APPROVED)
    instance_id = await backstage.start("rejected", "releases")
    await console.enter(f"/instances/{instance_id}/approvals/ask")

    await page.get_by_role("button", name="Reject").click()

    await expect(page.get_by_text("Rejected", exact=True)).to_be_visible()
    assert await backstage.status(instance_id) == "failed"


async def test_a_decision_of_somebody_else_is_shown_at_once(
    console: Console, backstage: Backstage
) -> None:
    page = console.page
    await backstage.publish(flows.APPROVED)
    instance_id = await backstage.start("overtaken", "releases")
    await console.enter(f"/instances/{instance_id}/approvals/ask")
    await expect(page.get_by_role("button", name="Approve")).to_be_visible()

    await backstage.operate(instance_id, "nodes/ask/actions/approve")

    await expect(page.get_by_text("Approved", exact=True)).to_be_visible()
    await expect(page.get_by_role("button", name="Approve")).to_have_count(0)


async def test_the_node_that_is_under_way_is_followed(
    console: Console, backstage: Backstage
) -> None:
    page = console.page
    await backstage.publish(flows.APPROVED)
    instance_id = await backstage.start("followed", "releases")
    await see(console, instance_id)
    await expect(node(page, "May it go out?")).to_be_visible()
    await page.get_by_role("switch", name="Follow").check()

    await is_in_the_middle(page, "ask")


async def test_a_link_to_a_node_in_a_subflow_opens_it_and_shows_the_node_in_the_middle(
    console: Console, backstage: Backstage
) -> None:
    page = console.page
    await backstage.publish(flows.CHILD)
    await backstage.publish(flows.PARENT)
    instance_id = await backstage.start("linked to", "all-sites")

    for place in ("south.permit", "north/permit"):
        await see(console, instance_id, f"?node={place.replace('/', '%2F')}")

        await expect(panel(page)).to_contain_text("It waits until a person approves or rejects.")
        await is_in_the_middle(page, place)


async def test_items_of_a_large_map_are_read_page_by_page(
    console: Console, backstage: Backstage
) -> None:
    page = console.page
    await backstage.publish(flows.LARGE_MAP)
    instance_id = await backstage.start("many", "touches-all", inputs={"count": 450})
    await see(console, instance_id, "?node=touch")
    await expect(node(page, "Touch each of them")).to_contain_text("450/450")
    await panel(page).get_by_role("tab", name="Items").click()
    grid = panel(page).get_by_role("list", name="Items of Touch each of them")
    await expect(panel(page).get_by_text("Succeeded 450")).to_be_visible()
    await expect(grid.get_by_role("listitem")).to_have_count(200)

    await panel(page).get_by_role("button", name="Show 200 more").click()
    await panel(page).get_by_role("button", name="Show 50 more").click()
    await expect(grid.get_by_role("listitem")).to_have_count(450)
    await grid.get_by_role("button", name="Item 440: Succeeded").click()

    await expect(panel(page)).to_contain_text("touch:440")
    await expect(panel(page).get_by_role("tab", name="Attempts")).to_be_visible()


async def test_an_item_that_cannot_be_read_says_why_and_is_when_it_is_tried_again(
    console: Console, backstage: Backstage
) -> None:
    page = console.page
    await backstage.publish(flows.LARGE_MAP)
    instance_id = await backstage.start("unread", "touches-all", inputs={"count": 210})
    await backstage.until(instance_id, "succeeded")
    item = re.compile(r"/nodes/touch(:|%3A)205$")

    async def fail(route: Route) -> None:
        await route.fulfill(status=500)

    await page.route(item, fail)
    await see(console, instance_id, "?node=touch%3A205")
    await expect(panel(page).get_by_role("alert")).to_contain_text("500")
    await expect(panel(page).get_by_text("No node is called that.")).to_have_count(0)
    await page.unroute(item)
    await panel(page).get_by_role("button", name="Try again").click()
    await expect(panel(page).get_by_role("tab", name="Attempts")).to_be_visible()
    await expect(panel(page).get_by_role("alert")).to_have_count(0)

    await console.open(f"/instances/{instance_id}?node=nobody%3A1")
    await expect(panel(page).get_by_text("No node is called that.")).to_be_visible()
    await page.get_by_role("tab", name="History").click()
    await page.get_by_role("button", name="More items: Touch each of them").click()
    await expect(panel(page).get_by_role("tab", name="Items")).to_be_visible()


async def test_axe_finds_nothing_serious_in_a_run(
    console: Console, backstage: Backstage, watched_page: WatchedPage
) -> None:
    page = console.page
    await backstage.publish(flows.CALL)
    await backstage.publish(flows.CHILD)
    await backstage.publish(flows.PARENT)
    await backstage.publish(flows.map_of([flows.CLOSED, flows.CLOSED]))
    await backstage.publish(flows.APPROVED)
    failed = await backstage.start("looked at", "calls", excluded=["lint"])
    opened = await backstage.start("opened", "all-sites")
    mapped = await backstage.start("mapped", "asks-all")
    asks = await backstage.start("asks", "releases")
    await console.enter()
    found: dict[str, Any] = {}
    for path in (
        f"/instances/{failed}?node=call",
        f"/instances/{failed}?node=call&attempt=1",
        f"/instances/{failed}?tab=nodes",
        f"/instances/{failed}?tab=timeline",
        f"/instances/{failed}?tab=variables",
        f"/instances/{failed}?tab=history",
        f"/instances/{opened}?open=north&open=south&node=north",
        f"/instances/{mapped}?node=ask",
        f"/instances/{asks}/approvals/ask",
    ):
        await console.open(path)
        await expect(page.locator("[data-link]").first).to_be_visible()
        await expect(page.locator("[aria-busy]")).to_have_count(0)
        found[path] = await console.serious_faults()

    assert {path: faults for path, faults in found.items() if faults} == {}
    assert (await watched_page.seen()).complaints == []


async def test_a_run_fits_on_a_phone(console: Console, backstage: Backstage) -> None:
    page = console.page
    await page.set_viewport_size(PHONE)
    await backstage.publish(flows.CALL)
    failed = await backstage.start("on a phone", "calls")
    await console.enter()
    overflows = {}
    for query in ("", "?tab=nodes", "?tab=timeline", "?tab=history", "?tab=variables"):
        await console.open(f"/instances/{failed}{query}")
        await expect(console.heading("on a phone")).to_be_visible()
        await expect(page.locator("[aria-busy]")).to_have_count(0)
        overflows[query] = await console.overflow()
    assert set(overflows.values()) == {0}, overflows

    await console.open(f"/instances/{failed}?tab=nodes")
    await page.get_by_role("button", name="Show Call the service").click()
    await page.get_by_role("dialog").get_by_role("button", name="Retry").click()

    await expect(page.get_by_role("dialog", name="Retry Call the service?")).to_be_visible()
