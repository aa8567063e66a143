"""A run in the console: watched and stepped into."""

import re

import pytest
from playwright.async_api import expect

from tests.browser import flows
from tests.browser.console import FAILURE, Backstage, Console
from tests.browser.runs import asked, confirm, node, panel, see, show_all

# Named first, so that nothing is started for tests that are skipped.
pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("chromium")]


async def test_the_whole_graph_is_there_with_what_has_not_run_and_what_is_left_out(
    console: Console, backstage: Backstage
) -> None:
    page = console.page
    await backstage.publish(flows.CALL)
    failed = await backstage.start("all of it", "calls", excluded=["lint"])

    await see(console, failed)

    await expect(console.heading("all of it")).to_be_visible()
    await expect(node(page, "Call the service")).to_contain_text("Failed")
    await expect(node(page, "Call the service")).to_contain_text("Waits for a person")
    await expect(node(page, "End")).to_be_in_viewport()
    await expect(node(page, "Tell the team")).not_to_contain_text("Failed")
    await expect(node(page, "Look it over")).to_contain_text("Left out")
    await node(page, "Tell the team").click()
    await expect(panel(page)).to_contain_text("It has not been reached yet.")
    await panel(page).get_by_role("tab", name="Options").click()
    await expect(panel(page)).to_contain_text("May be left out")


async def test_inputs_of_a_node_are_seen_before_it_runs(
    console: Console, backstage: Backstage
) -> None:
    page = console.page
    await backstage.publish(flows.CALL)
    await see(console, await backstage.start("ahead", "calls", is_started=False), "?node=after")

    await panel(page).get_by_role("tab", name="Inputs").click()

    await expect(panel(page)).to_contain_text("not known yet: nodes.call")


async def test_a_failed_node_says_why_and_is_retried_with_other_inputs(
    console: Console, backstage: Backstage
) -> None:
    page = console.page
    await backstage.publish(flows.CALL)
    failed = await backstage.start("mended", "calls")
    await see(console, failed)
    await node(page, "Call the service").click()
    await expect(panel(page).get_by_role("alert")).to_contain_text("connection_failed")
    await expect(panel(page)).to_contain_text("It has failed and waits until a person decides")

    await panel(page).get_by_role("button", name="Retry").click()
    await page.get_by_role("switch", name="With the same inputs as before").uncheck()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_text("JSON", exact=True).click()
    field = dialog.get_by_role("textbox", name="Inputs, as JSON")
    await field.fill(f'{{"method": "GET", "url": "{console.address}/healthz"}}')
    await confirm(page, "Retry")

    await expect(asked(page)).to_contain_text("Retry: done")
    await expect(console.page.get_by_text("Succeeded").first).to_be_visible()
    await expect(node(page, "Tell the team")).to_contain_text("Succeeded")
    assert await backstage.status(failed) == "succeeded"
    await panel(page).get_by_role("tab", name="Attempts").click()
    await expect(panel(page)).to_contain_text("/healthz")
    await panel(page).get_by_label("Attempt", exact=True).click()
    await page.get_by_role("option", name="1 · Failed").click()
    await expect(panel(page)).to_contain_text("connection_failed")
    assert "attempt=1" in page.url


async def test_the_form_of_its_plugin_asks_for_the_inputs_of_a_retry(
    console: Console, backstage: Backstage
) -> None:
    page = console.page
    await backstage.publish(flows.CALL)
    await see(console, await backstage.start("by form", "calls"), "?node=call")

    await panel(page).get_by_role("button", name="Retry").click()
    await page.get_by_role("switch", name="With the same inputs as before").uncheck()
    address = page.get_by_role("dialog").get_by_role(
        "textbox", name=re.compile("^url", re.IGNORECASE)
    )
    await address.fill(f"{console.address}/healthz")
    await confirm(page, "Retry")

    await expect(node(page, "Tell the team")).to_contain_text("Succeeded")


async def test_inputs_that_are_no_json_are_never_sent(
    console: Console, backstage: Backstage
) -> None:
    page = console.page
    await backstage.publish(flows.CALL)
    await see(console, await backstage.start("not json", "calls"), "?node=call")
    await panel(page).get_by_role("button", name="Retry").click()
    await page.get_by_role("switch", name="With the same inputs as before").uncheck()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_text("JSON", exact=True).click()

    await dialog.get_by_role("textbox", name="Inputs, as JSON").fill("{not json}")

    await expect(dialog).to_contain_text("This is not JSON")
    await expect(dialog.get_by_role("button", name="Retry", exact=True)).to_be_disabled()


async def test_a_skip_is_asked_about_first_and_then_shown(
    console: Console, backstage: Backstage
) -> None:
    page = console.page
    await backstage.publish(FAILURE)
    failed = await backstage.start("skipped", "fails")
    await see(console, failed, "?node=break")

    await panel(page).get_by_role("button", name="Skip").click()
    await expect(page.get_by_role("dialog")).to_contain_text("This cannot be undone.")
    assert await backstage.status(failed) == "failed"
    await confirm(page, "Skip")

    await expect(panel(page)).to_contain_text("Skipped")
    await expect(page.locator("[data-link=ended]").first).to_be_visible()
    assert await backstage.status(failed) == "succeeded"


async def test_a_run_is_cancelled_only_after_a_yes(console: Console, backstage: Backstage) -> None:
    page = console.page
    await backstage.publish(flows.APPROVED)
    instance_id = await backstage.start("cancelled", "releases")
    await see(console, instance_id)

    await page.get_by_role("button", name="Operations on this run").click()
    await page.get_by_role("menuitem", name="Cancel").click()
    await page.get_by_role("dialog").get_by_role("button", name="Go back").click()
    assert await backstage.status(instance_id) == "running"
    await page.get_by_role("button", name="Operations on this run").click()
    await page.get_by_role("menuitem", name="Cancel").click()
    await confirm(page, "Yes, Cancel")

    await expect(asked(page)).to_contain_text("Cancel: done")
    await expect(node(page, "May it go out?")).to_contain_text("Cancelled")
    assert await backstage.status(instance_id) == "cancelled"


async def test_what_was_asked_for_and_refused_is_said_with_the_reason(
    console: Console, backstage: Backstage
) -> None:
    page = console.page
    await backstage.publish(flows.APPROVED)
    instance_id = await backstage.start("refused", "releases")
    await see(console, instance_id, "?tab=variables")
    await page.get_by_role("button", name="Set variables").click()
    await page.get_by_role("textbox", name="New values, as JSON").fill('{"version": "2.0.0"}')

    await confirm(page, "Yes, Set variables")

    await expect(asked(page)).to_contain_text("Set variables: rejected")
    await expect(asked(page)).to_contain_text("version")


async def test_a_breakpoint_stops_the_flow_and_lets_it_go_on(
    console: Console, backstage: Backstage
) -> None:
    page = console.page
    await backstage.publish(flows.APPROVED)
    instance_id = await backstage.start("stopped", "releases")
    await see(console, instance_id, "?node=out")

    await panel(page).get_by_role("button", name="Stop here").click()
    await expect(node(page, "Bring it out")).to_contain_text("stop set")
    await backstage.operate(instance_id, "nodes/ask/actions/approve")
    await expect(panel(page)).to_contain_text("It has stopped at a breakpoint")
    await panel(page).get_by_role("button", name="Let it go on").click()

    await expect(node(page, "Bring it out")).to_contain_text("Succeeded")


async def test_subflows_open_in_place_and_are_stepped_into(
    console: Console, backstage: Backstage
) -> None:
    page = console.page
    await backstage.publish(flows.CHILD)
    await backstage.publish(flows.PARENT)
    instance_id = await backstage.start("everywhere", "all-sites")
    await see(console, instance_id)
    await expect(node(page, "Work in the north")).to_be_visible()
    await expect(node(page, "Permit the work")).to_have_count(0)

    await node(page, "Work in the north").get_by_role("button", name="Show inside").click()
    await expect(node(page, "Permit the work")).to_have_count(1)
    await page.get_by_role("button", name="Show all subflows").click()
    await page.get_by_role("button", name="Hide all subflows").wait_for()

    # One by itself, one within this run, and one that has not begun.
    await show_all(page, node(page, "Permit the work"), 3)
    await expect(node(page, "Permit the work").filter(has_text="Waiting")).to_have_count(2)
    await page.goto(f"{page.url}&node=north%2Fpermit")
    await show_all(page, node(page, "Permit the work"), 3)
    await panel(page).get_by_role("button", name="Approve").click()
    await confirm(page, "Approve")
    await expect(node(page, "Work in the north")).to_contain_text("Succeeded")
    await expect(node(page, "Permit the work").filter(has_text="Waiting")).to_have_count(1)
    await node(page, "Permit the work").filter(has_text="Waiting").click()
    await expect(panel(page)).to_contain_text("south.permit")
    await panel(page).get_by_role("button", name="Approve").click()
    await confirm(page, "Approve")
    await expect(node(page, "Work in the south")).to_contain_text("Succeeded")


async def test_a_map_is_a_grid_whose_failed_items_are_tried_again(
    console: Console, backstage: Backstage
) -> None:
    page = console.page
    async with flows.weather() as weather:
        weather.status = 200
        await backstage.publish(flows.map_of([weather.address, flows.CLOSED, weather.address]))
        instance_id = await backstage.start("grid", "asks-all")
        await see(console, instance_id, "?node=ask")
        await expect(node(page, "Ask each of them")).to_contain_text("3/3")
        await panel(page).get_by_role("tab", name="Items").click()
        grid = panel(page).get_by_role("list", name="Items of Ask each of them")
        await expect(grid.get_by_role("listitem")).to_have_count(3)

        await panel(page).get_by_text("Failed 1").click()
        await expect(grid.get_by_role("listitem")).to_have_count(1)
        await grid.get_by_role("button", name="Item 1: Failed").click()

        await expect(panel(page)).to_contain_text("ask:1")
        await expect(panel(page).get_by_role("alert")).to_contain_text("connection_failed")


async def test_failed_items_are_rerun_together(console: Console, backstage: Backstage) -> None:
    page = console.page
    many = [flows.CLOSED, flows.CLOSED, flows.CLOSED]
    await backstage.publish(flows.map_of(many))
    await see(console, await backstage.start("rerun", "asks-all"), "?node=ask")
    await panel(page).get_by_role("tab", name="Items").click()

    await panel(page).get_by_role("button", name=re.compile("^Retry [0-9] failed items")).click()

    await expect(panel(page)).to_contain_text("2 retries were requested.")
    await panel(page).get_by_role("button", name="Item 0: Failed").click()
    await panel(page).get_by_role("tab", name="Attempts").click()
    await expect(panel(page).get_by_label("Attempt", exact=True)).to_have_value("2 · Failed")


LOG_LAG_SECONDS = 1.0
NOTE_LINES = """(log) => {
    window.lags = [];
    new MutationObserver((changes) => {
        for (const one of changes.flatMap((change) => [...change.addedNodes])) {
            const at = Date.parse(one.querySelector("time").dateTime);
            window.lags.push((Date.now() - at) / 1000);
        }
    }).observe(log, {childList: true});
}"""


async def test_a_log_is_shown_as_it_is_written(console: Console, backstage: Backstage) -> None:
    page = console.page
    async with flows.weather() as weather:
        await backstage.publish(flows.checking(weather.address))
        instance_id = await backstage.start("logs", "checks")
        await see(console, instance_id, "?node=look")
        await panel(page).get_by_role("tab", name="Log").click()
        log = panel(page).get_by_role("log", name="Log of attempt 1")
        await expect(log).to_contain_text("Looked")
        await expect(panel(page)).to_contain_text("New lines appear as they come.")
        before = await log.inner_text()
        await log.evaluate(NOTE_LINES)

        weather.status = 200

        await expect(panel(page)).to_contain_text("The log is complete.")
        assert len(await log.inner_text()) > len(before)
        assert (await log.inner_text()).startswith(before)
        lags = await page.evaluate("window.lags")
    assert lags
    assert max(lags) < LOG_LAG_SECONDS, lags
