"""What becomes of ended instances: the rule of a project, its archives, and what is held."""

import asyncio
import json
from typing import Any

import pytest
from playwright.async_api import Locator, Page, Route, expect

from tests.browser.console import Backstage, Console
from tests.browser.runs import PHONE, see
from tests.support.browser import WatchedPage
from tests.support.dev_server import DevServer

# Named first, so that nothing is started for tests that are skipped.
pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("chromium")]

FLOW = """\
flowyard: 1
key: tidy
title: Tidy up
nodes:
  - {id: sweep, name: Sweep the floor, plugin: noop@1.0}
"""
AT_ONCE = {"FLOWYARD_API_RETENTION_MODE": "archive", "FLOWYARD_API_RETENTION_DAYS": "1e-9"}
"""A cluster that archives whatever has ended; the API itself takes nothing below an hour."""


def settings(backstage: Backstage) -> str:
    return f"/projects/{backstage.project}/settings?tab=retention"


def archived(backstage: Backstage) -> str:
    return f"/projects/{backstage.project}/instances/archived"


def rule(page: Page) -> Locator:
    return page.get_by_role("region", name="The rule that holds")


def press(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


async def archive(server: DevServer, backstage: Backstage) -> int:
    """Move out what has ended in a project that has no rule of its own; return how many."""
    where = ("--project", backstage.project, "--data", str(server.folder.path), "-o", "json")
    done = await asyncio.to_thread(server.run, "archive", "run", *where, environment=AT_ONCE)
    assert done.status == 0, done.err
    count = done.json()["archived"]
    assert isinstance(count, int)
    return count


async def test_a_rule_is_written_and_taken_back(
    console: Console, backstage: Backstage, watched_page: WatchedPage
) -> None:
    page = console.page
    own = await backstage.beside("rules")
    dialog = page.get_by_role("dialog")
    await console.enter(settings(own))
    await expect(rule(page)).to_contain_text("Ended instances stay in the database.")
    await expect(rule(page)).to_contain_text("The cluster's rule")

    await press(page, "Change").click()
    await dialog.get_by_role("radio", name="Archive it").check()
    await dialog.get_by_label("How long after its end").fill("0.5")
    await dialog.get_by_role("combobox", name="Unit").click()
    await page.get_by_role("option", name="hours").click()
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_contain_text("at least an hour")
    await dialog.get_by_label("How long after its end").fill("36")
    await dialog.get_by_role("button", name="Save").click()
    await expect(rule(page)).to_contain_text("ended more than 36 hours ago are archived")
    await expect(rule(page)).to_contain_text("own rule, written by")
    written = await own.read("/retention")

    await press(page, "Use the cluster's rule").click()
    await dialog.get_by_role("button", name="Use it").click()
    await expect(rule(page)).to_contain_text("The cluster's rule")
    await expect(press(page, "Use the cluster's rule")).to_have_count(0)

    assert (written["mode"], written["after_seconds"]) == ("archive", 36 * 3600)
    assert (await own.read("/retention"))["is_default"] is True
    assert (await watched_page.seen()).complaints == []


async def test_a_rule_that_deletes_is_asked_about_first(
    console: Console, backstage: Backstage, watched_page: WatchedPage
) -> None:
    page = console.page
    own = await backstage.beside("risky")
    dialog = page.get_by_role("dialog")
    await console.enter(settings(own))

    await press(page, "Change").click()
    await dialog.get_by_role("radio", name="Delete it").check()
    await expect(dialog.get_by_role("alert")).to_contain_text("gone for good")
    faults = await console.serious_faults()
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_contain_text("What ended in risky more than 90 days ago")
    faults += await console.serious_faults()
    await dialog.get_by_role("button", name="Cancel").click()
    before = await own.read("/retention")
    await dialog.get_by_role("button", name="Save").click()
    await dialog.get_by_role("button", name="Yes, delete").click()

    await expect(rule(page)).to_contain_text("ended more than 90 days ago are deleted")
    written = await own.read("/retention")
    assert (before["mode"], written["mode"]) == ("keep", "delete")
    assert written["after_seconds"] == 90 * 86_400
    assert faults == []
    assert (await watched_page.seen()).complaints == []


async def test_a_rule_that_is_refused_says_why_and_can_be_sent_again(
    console: Console, backstage: Backstage
) -> None:
    page = console.page
    own = await backstage.beside("refused")
    dialog = page.get_by_role("dialog")

    async def refuse(route: Route) -> None:
        if route.request.method != "PUT":
            await route.continue_()
            return
        problem: dict[str, Any] = {
            "type": "urn:flowyard:problem:no_archive_place",
            "title": "No place for archives",
            "status": 409,
            "detail": "Expected a place for archives, but FLOWYARD_API_ARCHIVE_URL is not set",
            "code": "no_archive_place",
            "instance": "r-1",
            "errors": [],
        }
        await route.fulfill(
            status=409, content_type="application/problem+json", body=json.dumps(problem)
        )

    await page.route("**/retention", refuse)
    await console.enter(settings(own))
    await press(page, "Change").click()
    await dialog.get_by_role("radio", name="Archive it").check()
    await dialog.get_by_role("button", name="Save").click()

    await expect(dialog.get_by_role("alert")).to_contain_text("There is no place for archives")
    await expect(dialog.get_by_role("alert")).to_contain_text("FLOWYARD_API_ARCHIVE_URL")
    await page.unroute_all()
    await dialog.get_by_role("button", name="Save").click()
    await expect(rule(page)).to_contain_text("ended more than 90 days ago are archived")


async def test_what_is_due_is_told_with_its_age_and_its_size(
    console: Console, backstage: Backstage
) -> None:
    page = console.page
    due = {
        "instances": 100_000,
        "oldest_ended_at": "2026-01-02T03:04:05Z",
        "estimated_bytes": 3_600_000_000,
    }

    async def tell(route: Route) -> None:
        told = await route.fetch()
        await route.fulfill(
            response=told, json={**await told.json(), "mode": "archive", "due": due}
        )

    # Nothing that a test starts is as old as any rule may be.
    await page.route("**/retention", tell)
    await console.enter(settings(backstage))

    await expect(rule(page)).to_contain_text("Due now100,000 instances or more")
    await expect(rule(page)).to_contain_text("The oldest ended")
    await expect(rule(page).locator("time").last).to_have_attribute(
        "datetime", "2026-01-02T03:04:05Z"
    )
    await expect(rule(page)).to_contain_text("In the database, about3.6 GB")
    assert await console.serious_faults() == []


async def test_what_was_archived_is_found_looked_at_and_offers_what_still_works(
    console: Console, backstage: Backstage, dev_server: DevServer, watched_page: WatchedPage
) -> None:
    page = console.page
    own = await backstage.beside("moved")
    await own.publish(FLOW)
    await own.start("swept once", "tidy")
    assert await archive(dev_server, own) == 1
    await own.start("swept again", "tidy")
    await console.enter(f"/projects/{own.project}/instances?text=swept&period=24h")
    await expect(console.row("swept again")).to_be_visible()
    await expect(console.row("swept once")).to_have_count(0)

    await page.get_by_text("Archived", exact=True).click()
    await expect(console.heading("Archived instances")).to_be_visible()
    assert page.url == f"{console.address}{archived(own)}?text=swept"
    await expect(console.row("swept once")).to_contain_text("Succeeded")
    await expect(console.row("swept again")).to_have_count(0)
    faults = await console.serious_faults()
    await page.get_by_role("link", name="swept once").click()

    await expect(console.heading("swept once")).to_be_visible()
    await expect(page.locator("[data-link=archived]")).to_have_text("Archived")
    await expect(page.locator("dl").get_by_text("Archived", exact=True)).to_be_visible()
    await page.get_by_role("button", name="More: Operations on this run").click()
    items = await page.get_by_role("menuitem").all_inner_texts()
    faults += await console.serious_faults()
    await page.get_by_role("menuitem", name="Clone").click()
    await page.get_by_role("dialog").get_by_role("button", name="Yes, Clone").click()
    await expect(page.locator("[data-link=archived]")).to_have_count(0)
    await expect(page.locator("dl").get_by_text("Clone of")).to_be_visible()

    await console.open(settings(own))
    await expect(console.row("moved/")).to_contain_text("1")
    faults += await console.serious_faults()
    assert items == ["Clone", "Rerun from a node"]
    assert faults == []
    assert (await watched_page.seen()).complaints == []


async def test_archived_instances_are_narrowed_by_addresses_and_fit_on_a_phone(
    console: Console, backstage: Backstage, dev_server: DevServer
) -> None:
    page = console.page
    own = await backstage.beside("narrowed")
    await own.publish(FLOW)
    await own.start("swept", "tidy")
    given_up = await own.start("given up", "tidy", is_started=False)
    await own.operate(given_up, "actions/cancel")
    assert await archive(dev_server, own) == 2
    await console.enter(archived(own))
    await expect(page.get_by_role("row")).to_have_count(3)

    await page.get_by_role("combobox", name="Status").click()
    await page.get_by_role("option", name="Cancelled").click()
    await expect(page.get_by_role("row")).to_have_count(2)
    await expect(console.row("given up")).to_be_visible()
    assert page.url == f"{console.address}{archived(own)}?status=cancelled"
    await page.keyboard.press("Escape")
    await page.get_by_label("Ended until").fill("2020-01-31")
    await expect(page.get_by_text("Nothing matches")).to_be_visible()
    await page.reload()
    await expect(page.get_by_label("Ended until")).to_have_value("2020-01-31")
    await press(page, "Clear").click()
    await expect(page.get_by_role("row")).to_have_count(3)
    await page.get_by_label("Ended from").fill("2020-01-31")
    await expect(page.get_by_role("row")).to_have_count(3)

    await page.set_viewport_size(PHONE)
    assert await console.overflow() == 0
    await console.open(settings(own))
    await expect(console.row("narrowed/")).to_be_visible()
    assert await console.overflow() == 0


async def test_older_archived_instances_are_a_page_away(
    console: Console, backstage: Backstage, dev_server: DevServer
) -> None:
    page = console.page
    own = await backstage.beside("paged")
    await own.publish(FLOW)
    for number in range(51):
        one = await own.start(f"page {number:02}", "tidy", is_started=False)
        await own.operate(one, "actions/cancel")
    assert await archive(dev_server, own) == 51
    await console.enter(archived(own))
    await expect(page.get_by_role("row")).to_have_count(51)
    await expect(console.row("page 00")).to_have_count(0)

    await page.get_by_role("link", name="Older").click()
    await expect(console.row("page 00")).to_be_visible()
    await page.get_by_role("link", name="Newest").click()

    await expect(console.row("page 50")).to_be_visible()


async def test_a_run_is_held_stays_while_others_go_and_is_let_go(
    console: Console, backstage: Backstage, dev_server: DevServer, watched_page: WatchedPage
) -> None:
    page = console.page
    own = await backstage.beside("stays")
    await own.publish(FLOW)
    instance_id = await own.start("held back", "tidy")
    await own.start("not held", "tidy")
    note = page.get_by_role("note", name="Who holds this run")
    dialog = page.get_by_role("dialog")
    await see(console, instance_id)
    await expect(console.heading("held back")).to_be_visible()
    await expect(note).to_have_count(0)

    await console.choose("More: Operations on this run", "Hold")
    await dialog.get_by_label("Why").fill("Audit 2026-14")
    faults = await console.serious_faults()
    await dialog.get_by_role("button", name="Hold", exact=True).click()
    await expect(note).to_contain_text("Held by")
    await expect(note).to_contain_text("Audit 2026-14")
    faults += await console.serious_faults()
    await press(page, "More: Operations on this run").click()
    await expect(page.get_by_role("menuitem", name="Clone")).to_be_visible()
    await expect(page.get_by_role("menuitem", name="Hold")).to_have_count(0)
    await page.keyboard.press("Escape")
    assert await archive(dev_server, own) == 1
    assert (await backstage.instance(instance_id))["archived_at"] is None

    await note.get_by_role("button", name="Let go").click()
    await expect(dialog).to_contain_text("From now on it may be archived or deleted")
    await dialog.get_by_role("button", name="Let go").click()
    await expect(note).to_have_count(0)
    assert await archive(dev_server, own) == 1

    # Whoever still looks at it is told once they try.
    await console.choose("More: Operations on this run", "Hold")
    await dialog.get_by_role("button", name="Hold", exact=True).click()
    await expect(dialog.get_by_role("alert")).to_contain_text("It was archived meanwhile")
    await dialog.get_by_role("button", name="Go back").click()
    await expect(page.locator("[data-link=archived]")).to_be_visible()
    assert faults == []
    complaints = (await watched_page.seen()).complaints
    assert all("410" in one for one in complaints)
