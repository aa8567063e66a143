"""Instances, templates and home: lists that are live, narrowed and worked on."""

import pytest
from playwright.async_api import expect

from tests.browser.console import DECISION, FAILURE, PROJECT, Backstage, Console
from tests.support.browser import WatchedPage

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("chromium")]

INSTANCES = f"/projects/{PROJECT}/instances"
TEMPLATES = f"/projects/{PROJECT}/templates"


async def test_a_new_instance_appears_and_changes_without_a_reload(
    console: Console, backstage: Backstage
) -> None:
    await backstage.publish(DECISION)
    await console.enter(f"{INSTANCES}?template=ask-first")
    await expect(console.heading("Instances")).to_be_visible()

    instance_id = await backstage.start("live one", "ask-first")
    await expect(console.row("live one")).to_contain_text("Running")
    await backstage.operate(instance_id, "nodes/ask/actions/approve")

    await expect(console.row("live one")).to_contain_text("Succeeded")


async def test_rows_do_not_move_under_the_pointer(console: Console, backstage: Backstage) -> None:
    await backstage.start("held first")
    await console.enter(f"{INSTANCES}?text=held")
    row = console.row("held first")
    await row.hover()
    before = await row.bounding_box()

    await backstage.start("held second")
    news = console.page.get_by_role("button", name="1 new")
    await expect(news).to_be_visible()

    assert await row.bounding_box() == before
    assert await console.row("held second").count() == 0
    await console.heading("Instances").hover()
    await expect(console.row("held second")).to_be_visible()
    await expect(news).to_have_count(0)


async def test_filters_are_addresses(console: Console, backstage: Backstage) -> None:
    page = console.page
    await backstage.publish(FAILURE)
    await backstage.start("sought well", labels={"team": "shop"})
    await backstage.start("sought bad", "fails")
    await console.enter(INSTANCES)

    await page.get_by_role("searchbox", name="Search by name").fill("sought")
    await expect(page.get_by_role("row")).to_have_count(3)
    await page.get_by_role("combobox", name="Status").click()
    await page.get_by_role("option", name="Failed").click()
    await expect(page.get_by_role("row")).to_have_count(2)
    await expect(console.row("sought bad")).to_contain_text("Failed")

    assert page.url == f"{console.address}{INSTANCES}?text=sought&status=failed"
    await page.reload()
    await expect(page.get_by_role("row")).to_have_count(2)
    await page.get_by_role("button", name="Clear", exact=True).click()
    await expect(console.row("sought well")).to_be_visible()
    await page.go_back()
    await expect(console.row("sought well")).to_have_count(0)
    await console.open(f"{INSTANCES}?label=team:shop&text=sought")
    await expect(console.row("sought well")).to_be_visible()
    await expect(page.get_by_role("row")).to_have_count(2)


async def test_a_filter_is_saved_found_again_and_deleted(
    console: Console, backstage: Backstage
) -> None:
    page = console.page
    await backstage.start("kept in mind")
    await console.enter(f"{INSTANCES}?text=kept")
    await expect(console.row("kept in mind")).to_be_visible()

    await console.choose("Saved filters", "Save this filter")
    await page.get_by_role("dialog").get_by_label("Name").fill("mine")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_role("button", name="mine", exact=True)).to_be_visible()
    await console.open(INSTANCES)
    await console.choose("Saved filters", "mine")
    await expect(page.get_by_role("searchbox")).to_have_value("kept")

    await page.get_by_role("button", name="mine", exact=True).click()
    await page.get_by_role("button", name="Delete filter mine").click()
    await expect(page.get_by_role("button", name="Saved filters")).to_be_visible()


async def test_many_are_operated_on_and_each_is_told_what_became_of_it(
    console: Console, backstage: Backstage
) -> None:
    page = console.page
    ids = [await backstage.start(f"bulk {number}", is_started=False) for number in range(3)]
    done = await backstage.start("bulk done")
    await console.enter(f"{INSTANCES}?text=bulk")
    await expect(page.get_by_role("row")).to_have_count(5)

    await page.get_by_role("checkbox", name="Select all on this page").check()
    await console.choose("Operate", "Cancel")
    dialog = page.get_by_role("dialog", name="Cancel 4 instances?")
    await expect(dialog).to_contain_text("The status of 1 of them does not allow it now")
    await dialog.get_by_role("button", name="Cancel 4 instances").click()

    await expect(page.get_by_role("dialog")).to_contain_text("3 applied, 1 refused, 0 under way.")
    await expect(page.get_by_role("dialog").get_by_text("Expected an instance")).to_be_visible()
    await page.get_by_role("button", name="Close").last.click()
    await expect(console.row("bulk 1")).to_contain_text("Cancelled")
    assert [await backstage.status(one) for one in ids] == ["cancelled"] * 3
    assert await backstage.status(done) == "succeeded"


async def test_a_range_is_selected_with_shift_operated_on_and_all_that_match_selected(
    console: Console, backstage: Backstage
) -> None:
    page = console.page
    ids = [await backstage.start(f"range {number}", is_started=False) for number in range(4)]
    await console.enter(f"{INSTANCES}?text=range")

    await page.get_by_role("checkbox", name="Select range 3").click()
    await page.get_by_role("checkbox", name="Select range 1").click(modifiers=["Shift"])
    await expect(page.get_by_text("3 selected")).to_be_visible()
    await page.get_by_role("button", name="Operate").click()
    faults = await console.serious_faults()
    await page.get_by_role("menuitem", name="Set priority").click()
    dialog = page.get_by_role("dialog", name="Set the priority of 3 instances?")
    await dialog.get_by_role("combobox", name="Priority").click()
    await page.get_by_role("option", name="8", exact=True).click()
    faults += await console.serious_faults()
    await dialog.get_by_role("button", name="Set priority of 3 instances").click()
    await expect(page.get_by_role("dialog")).to_contain_text("3 applied, 0 refused, 0 under way.")
    await page.get_by_role("button", name="Close").last.click()
    assert [(await backstage.instance(one))["priority"] for one in ids] == [5, 8, 8, 8]
    assert faults == []

    await page.get_by_role("checkbox", name="Select range 3").click()
    await page.get_by_role("button", name="Select all that match").click()

    await expect(page.get_by_text("4 selected")).to_be_visible()
    await page.get_by_role("button", name="Select none").click()
    await expect(page.get_by_text("selected")).to_have_count(0)


async def test_older_instances_are_a_page_away_and_the_way_back_too(
    console: Console, backstage: Backstage
) -> None:
    page = console.page
    for number in range(51):
        await backstage.start(f"page {number:02}", is_started=False)
    await console.enter(f"{INSTANCES}?text=page")
    await expect(page.get_by_role("row")).to_have_count(51)
    await expect(console.row("page 00")).to_have_count(0)

    await page.get_by_role("link", name="Older").click()
    await expect(console.row("page 00")).to_be_visible()
    await page.go_back()
    await expect(console.row("page 50")).to_be_visible()
    await page.go_forward()
    await page.get_by_role("link", name="Newest").click()

    await expect(console.row("page 50")).to_be_visible()


async def test_home_shows_what_failed_and_what_waits_for_somebody(
    console: Console, backstage: Backstage, watched_page: WatchedPage
) -> None:
    page = console.page
    await backstage.publish(FAILURE)
    await backstage.publish(DECISION)
    await backstage.start("home failed", "fails")
    await backstage.start("home asks", "ask-first")
    await console.enter()

    failed = page.get_by_role("region", name="Failed")
    await expect(failed.get_by_role("link", name="home failed")).to_be_visible()
    waiting = page.get_by_role("region", name="Waiting for me")
    await expect(waiting.get_by_role("row").first).to_be_visible()
    places = page.get_by_role("navigation", name="Main").get_by_role("link")
    heights = await places.evaluate_all("(all) => all.map((one) => one.offsetHeight)")
    assert len(heights) > 1
    assert len(set(heights)) == 1
    await failed.get_by_role("link", name="All: Failed").click()

    await expect(console.heading("Instances")).to_be_visible()
    await expect(console.row("home failed")).to_contain_text("Failed")
    assert (await watched_page.seen()).complaints == []


async def test_templates_are_searched_marked_and_lead_to_their_runs(
    console: Console, backstage: Backstage, watched_page: WatchedPage
) -> None:
    page = console.page
    await backstage.start("run of hello")
    await console.enter(TEMPLATES)
    await page.get_by_role("searchbox").fill("say hello")
    await expect(page.get_by_role("row")).to_have_count(2)
    await expect(console.row("Say hello").get_by_role("list")).to_be_visible()

    mark = page.get_by_role("button", name="Favourite: Say hello")
    async with page.expect_response(lambda answer: answer.url.endswith("/favourite")):
        await mark.click()
        await expect(mark).to_have_attribute("aria-pressed", "true")
    await console.open(f"{TEMPLATES}?favourite=true")
    await expect(page.get_by_role("row")).to_have_count(2)
    await page.get_by_role("link", name="Say hello").click()

    await expect(console.heading("Say hello")).to_be_visible()
    versions = page.get_by_role("region", name="Versions")
    await expect(versions.get_by_role("link", name="Start version 1")).to_be_visible()
    runs = page.get_by_role("region", name="Last runs")
    await expect(runs.get_by_role("link", name="run of hello").first).to_be_visible()
    assert (await watched_page.seen()).complaints == []
