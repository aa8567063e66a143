"""What holds for a project as a whole, and what is said about its templates."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.console import PROJECT, Backstage, Console
from tests.support.browser import WatchedPage

# Named first, so that nothing is started for tests that are skipped.
pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("chromium")]

SETTINGS = f"/projects/{PROJECT}/settings"
TEMPLATES = f"/projects/{PROJECT}/templates"
OWN = """\
flowyard: 1
key: own-flow
title: Own flow
nodes:
  - {id: one, name: The first, plugin: noop@1.0}
  - {id: two, name: The second, plugin: noop@1.0}
"""


async def test_a_variable_is_made_changed_and_deleted_with_its_type(
    console: Console, backstage: Backstage, watched_page: WatchedPage
) -> None:
    page = console.page
    await console.enter(SETTINGS)
    await page.get_by_role("button", name="New variable").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Name").fill("2nd")
    await dialog.get_by_role("combobox", name="Type").click()
    await page.get_by_role("option", name="Number").click()
    await dialog.get_by_label("Value").fill("many")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_contain_text("Begin with a letter")
    await expect(dialog).to_contain_text("Expected a number")

    await dialog.get_by_label("Name").fill("most_hosts")
    await dialog.get_by_label("Value").fill("12")
    await dialog.get_by_label("Description").fill("At once")
    await dialog.get_by_role("button", name="Save").click()

    await expect(dialog).to_have_count(0)
    row = console.row("most_hosts")
    await expect(row).to_contain_text("12")
    (made,) = (await backstage.read("/variables"))["items"]
    assert (made["name"], made["value"], made["description"]) == ("most_hosts", 12, "At once")

    await page.get_by_role("button", name="Edit most_hosts").click()
    await expect(dialog.get_by_label("Value")).to_have_value("12")
    await dialog.get_by_role("combobox", name="Type").click()
    await page.get_by_role("option", name="JSON").click()
    await dialog.get_by_label("Value").fill('["app-1", "app-2"]')
    await dialog.get_by_role("button", name="Save").click()
    await expect(row).to_contain_text('["app-1","app-2"]')

    await page.get_by_role("button", name="Delete most_hosts").click()
    await dialog.get_by_role("button", name="Delete").click()
    await expect(page.get_by_text("No variables yet")).to_be_visible()
    assert (await backstage.read("/variables"))["items"] == []
    assert (await watched_page.seen()).complaints == []


async def test_the_table_of_components_is_written_as_one_text(
    console: Console, backstage: Backstage, watched_page: WatchedPage
) -> None:
    page = console.page
    await console.enter(f"{SETTINGS}?tab=components")
    await page.get_by_role("button", name="Edit the table").click()
    text = page.get_by_role("textbox", name="Table of components")
    await text.fill("job_execute: plugin: noop@1.0")
    await expect(page.get_by_role("button", name="Save")).to_be_disabled()

    # As a person does it: text that is put over other text takes on its look, by a style.
    await page.keyboard.press("ControlOrMeta+a")
    await page.keyboard.press("Delete")
    await page.keyboard.type("job_execute: {plugin: noop@1.0}")
    await page.get_by_role("button", name="Save").click()

    await expect(console.row("job_execute")).to_contain_text("noop@1.0")
    rules = (await backstage.read("/component-table"))["rules"]
    assert rules["job_execute"]["plugin"] == "noop@1.0"
    assert (await watched_page.seen()).complaints == []


async def test_who_sees_a_template_is_chosen(console: Console, backstage: Backstage) -> None:
    page = console.page
    await backstage.publish(OWN)
    await console.enter(f"{SETTINGS}?tab=sharing")

    await page.get_by_role("button", name="Choose who sees own-flow").click()
    dialog = page.get_by_role("dialog", name="Who sees this template")
    await expect(dialog).to_contain_text(f"{PROJECT}/own-flow")
    await dialog.get_by_role("radio", name="all projects").check()
    await dialog.get_by_role("button", name="Save").click()

    await expect(console.row("Own flow")).to_contain_text("all projects")
    assert (await backstage.read("/templates/own-flow/visibility"))["all"] is True


async def test_queues_secrets_and_access_are_told(
    console: Console, watched_page: WatchedPage
) -> None:
    page = console.page
    await console.enter(SETTINGS)

    await page.get_by_role("tab", name="Secrets").click()
    await expect(page.get_by_text("flowyard secret set NAME")).to_be_visible()
    await page.get_by_role("tab", name="Queues").click()
    await expect(page.get_by_text("How much waits for workers")).to_be_visible()
    await page.get_by_role("tab", name="Access").click()
    await expect(page.get_by_text("You are signed in as")).to_be_visible()

    assert page.url.endswith("?tab=access")
    assert (await watched_page.seen()).complaints == []


async def test_a_template_s_page_draws_it_and_leads_to_starting_and_editing(
    console: Console, backstage: Backstage, watched_page: WatchedPage
) -> None:
    page = console.page
    await backstage.publish(OWN)
    await console.enter(f"{TEMPLATES}/own-flow")
    flow = page.get_by_role("region", name="The flow").first

    await expect(flow.get_by_text("The first")).to_be_visible()
    await flow.get_by_text("The second").click()
    await flow.get_by_role("link", name="noop@1.0").click()
    await expect(console.heading("Do nothing")).to_be_visible()
    await page.go_back()
    await expect(page.get_by_role("link", name="Edit")).to_have_attribute(
        "href", f"{TEMPLATES}/own-flow/edit"
    )
    await expect(page.get_by_role("link", name="Start", exact=True)).to_have_attribute(
        "href", f"{TEMPLATES}/own-flow/start"
    )
    assert (await watched_page.seen()).complaints == []


async def test_title_category_and_labels_are_changed(
    console: Console, backstage: Backstage
) -> None:
    page = console.page
    await backstage.publish(OWN)
    await console.enter(f"{TEMPLATES}/own-flow")
    await console.choose("More", "Title, category, labels")
    dialog = page.get_by_role("dialog", name="About this template")

    await dialog.get_by_label("Category").fill("Night checks")
    await dialog.get_by_label("Labels").fill("team:shop")
    await page.keyboard.press("Enter")
    await dialog.get_by_role("button", name="Save").click()

    await expect(dialog).to_have_count(0)
    await expect(page.get_by_text("team:shop")).to_be_visible()
    template = await backstage.read("/templates/own-flow")
    assert (template["category"], template["labels"]) == ("Night checks", {"team": "shop"})


async def test_a_template_is_deleted_and_brought_back(
    console: Console, backstage: Backstage
) -> None:
    page = console.page
    await backstage.publish(OWN.replace("own-flow", "short-lived"))
    await console.enter(f"{TEMPLATES}/short-lived")

    await console.choose("More", "Delete")
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(console.heading("Templates")).to_be_visible()
    await console.open(f"{TEMPLATES}/short-lived")
    await expect(page.get_by_text("This template is deleted")).to_be_visible()
    await page.get_by_role("button", name="Bring it back").click()

    await expect(page.get_by_role("link", name="Edit")).to_be_visible()
    assert (await backstage.read("/templates/short-lived"))["deleted_at"] is None


async def test_a_page_of_templates_asks_for_all_last_runs_at_once(
    console: Console, backstage: Backstage
) -> None:
    await backstage.publish(OWN)
    await backstage.start("one of the last", "own-flow")
    asked: list[str] = []
    console.page.on("request", lambda request: asked.append(request.url))
    await console.enter(f"{TEMPLATES}?text=own")

    runs = console.row("Own flow").get_by_role("list", name="Last runs")
    await expect(runs.get_by_role("listitem").first).to_contain_text("one of the last")
    assert not [url for url in asked if re.search(r"/instances\?.*template=", url)]
