"""The start of an instance in the console: its inputs, its part of the flow, presets, dry runs."""

import re
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.console import PROJECT, Backstage, Console
from tests.support.browser import WatchedPage

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("chromium")]

ALL_TYPES = """\
flowyard: 1
key: all-types
title: All types
inputs:
  version: {label: Version, pattern: '\\d+\\.\\d+', pattern_message: two numbers with a dot,
            description: Which version to release, placeholder: "1.4"}
  notes: {type: text, label: Notes, required: false}
  count: {type: integer, label: Count, minimum: 1, default: 2}
  share: {type: number, label: Share, required: false}
  careful: {type: boolean, label: Careful, default: true}
  region: {type: select, label: Region, group: Where, options: [{value: eu, label: Europe}, us]}
  zones: {type: multi_select, label: Zones, group: Where, options: [a, b, c], required: false}
  reason: {label: Reason, group: Where, visible_when: region == 'us'}
  day: {type: date, label: Day, required: false}
  hour: {type: time, label: Hour, required: false}
  moment: {type: datetime, label: Moment, required: false}
  token: {type: password, label: Token, required: false}
  rules:
    type: table
    label: Rules
    columns: {port: {type: integer, label: Port}, note: {label: Note, required: false}}
    min_items: 1
  hosts: {type: host_list, label: Hosts, required: false}
  people: {type: user_list, label: People, required: false}
  body: {type: json, label: Body, required: false}
  fixed: {default: x, show: false}
nodes:
  - {id: only, plugin: noop@1.0}
"""

PARTS = """\
flowyard: 1
key: parts
title: In parts
inputs: {level: {label: Level, required: false}}
nodes:
  - {id: lint, name: Lint, plugin: noop@1.0, optional: true}
  - {id: test, name: Test, plugin: noop@1.0, optional: true}
  - id: build
    name: Build
    plugin: fail@1.0
  - id: check
    exclusive:
      - {when: nodes.build.id > 5, next: big}
      - {default: true, next: small}
  - {id: big, name: Big, plugin: noop@1.0, next: end}
  - {id: small, name: Small, plugin: noop@1.0}
schemes:
  quick: {keeps: [], description: Nothing is checked}
  checked: {keeps: [lint, test], default: true}
"""


def start_of(template: str) -> str:
    return f"/projects/{PROJECT}/templates/{template}/start"


async def open_start(console: Console, template: str, title: str) -> Page:
    await console.enter(start_of(template))
    await expect(console.heading(f"Start: {title}")).to_be_visible()
    return console.page


async def choose(page: Page, label: str, option: str) -> None:
    # A field of several values lets clicks through to what lies around it.
    await page.get_by_role("combobox", name=label).click(force=True)
    await page.get_by_role("option", name=option, exact=True).click()


async def write_code(page: Page, label: str, text: str) -> None:
    field = page.get_by_role("textbox", name=label, exact=True)
    await field.click()
    await page.keyboard.press("Control+a")
    await page.keyboard.insert_text(text)


async def started(page: Page, backstage: Backstage, *, until: str = "") -> dict[str, Any]:
    """Wait for the run that a start leads to, and return it as it is then."""
    await page.wait_for_url(re.compile(r"/instances/[0-9a-f-]{36}"))
    found = re.search(r"/instances/([0-9a-f-]{36})", page.url)
    assert found is not None
    if until:
        await backstage.until(found[1], until)
    return await backstage.instance(found[1])


def field(page: Page, label: str, *, exact: bool = False) -> Locator:
    return page.get_by_role("main").get_by_label(label, exact=exact)


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


EVERYTHING: dict[str, Any] = {
    "version": "1.4",
    "notes": "one\ntwo",
    "count": 3,
    "share": 0.5,
    "careful": False,
    "region": "eu",
    "zones": ["a", "c"],
    "day": "2026-01-31",
    "hour": "08:00:30",
    "rules": [{"port": 80}, {"port": 443, "note": "secure"}],
    "hosts": ["web-1", "10.0.0.1"],
    "people": ["ann", "bob"],
    "body": {"deep": [1, None]},
}
"""What `fill_in_everything` gives, but for the moment: that depends on the time zone."""


async def fill_in_everything(page: Page) -> None:
    await field(page, "Version").fill("1.4")
    await field(page, "Notes").fill("one\ntwo")
    await field(page, "Count").fill("3")
    await field(page, "Share").fill("0.5")
    await field(page, "Careful").uncheck()
    await choose(page, "Region", "Europe")
    await choose(page, "Zones", "a")
    await page.get_by_role("option", name="c", exact=True).click()
    await page.keyboard.press("Escape")
    await field(page, "Day").fill("2026-01-31")
    await field(page, "Hour").fill("08:00:30")
    await field(page, "Moment").fill("2026-01-31T08:00:00")
    await button(page, "Add a row to Rules").click()
    await field(page, "Port, row 1").fill("80")
    await button(page, "Add a row to Rules").click()
    await field(page, "Port, row 2").fill("443")
    await field(page, "Note, row 2").fill("secure")
    await page.get_by_role("combobox", name="Hosts").fill("web-1, 10.0.0.1")
    await page.get_by_role("combobox", name="People").fill("ann bob")
    await write_code(page, "Body", '{"deep": [1, null]}')
    await page.get_by_role("textbox", name="Name", exact=True).fill("With everything")
    await button(page, "More options").click()
    await page.get_by_role("combobox", name="Labels").fill("team=shop")


async def test_every_type_of_input_is_asked_for_in_its_own_way(
    console: Console, backstage: Backstage, watched_page: WatchedPage
) -> None:
    await backstage.publish(ALL_TYPES)
    page = await open_start(console, "all-types", "All types")
    await expect(field(page, "fixed")).to_have_count(0)

    await fill_in_everything(page)
    await button(page, "Start").click()

    run = await started(page, backstage)
    inputs = run["inputs"]
    assert inputs.pop("moment").startswith("2026-01-31T08:00:00")
    assert inputs == EVERYTHING
    assert (run["name"], run["labels"]) == ("With everything", {"team": "shop"})
    assert (await watched_page.seen()).complaints == []


async def test_what_is_wrong_stands_at_its_field_and_what_depends_appears(
    console: Console, backstage: Backstage
) -> None:
    await backstage.publish(ALL_TYPES)
    page = await open_start(console, "all-types", "All types")
    await expect(page.get_by_text("Expected a value for input")).to_have_count(0)

    await field(page, "Version").fill("four")
    await expect(page.get_by_text("Expected input version to be two numbers")).to_be_visible()
    await expect(field(page, "Reason")).to_have_count(0)
    await choose(page, "Region", "us")
    await expect(field(page, "Reason")).to_be_visible()
    await button(page, "Add a row to Rules").click()
    await button(page, "Start").click()

    await expect(page.get_by_text("Expected a value for input reason")).to_be_visible()
    await expect(page.get_by_text("Expected column port in row 1")).to_be_visible()
    await expect(page.get_by_role("alert")).to_contain_text("3 inputs need another look")
    await field(page, "Version").fill("1.4")
    await field(page, "Reason").fill("because")
    await field(page, "Port, row 1").fill("80")
    await button(page, "Start").click()
    assert (await started(page, backstage))["inputs"]["reason"] == "because"


async def test_a_scheme_shows_what_is_left_before_it_runs(
    console: Console, backstage: Backstage
) -> None:
    await backstage.publish(PARTS)
    page = await open_start(console, "parts", "In parts")
    drawing = page.get_by_label("What would run")
    await expect(drawing.get_by_text("Lint", exact=True)).to_be_visible()
    await expect(field(page, "checked")).to_be_checked()

    await field(page, "checked").uncheck()
    await field(page, "quick").check()
    await expect(page.get_by_text("Left out: Lint, Test")).to_be_visible()
    await expect(drawing.get_by_text("Lint", exact=True)).to_have_count(0)
    await expect(drawing.get_by_text("Build", exact=True)).to_be_visible()
    await field(page, "quick").uncheck()
    await expect(drawing.get_by_text("Lint", exact=True)).to_be_visible()
    await field(page, "Test", exact=True).uncheck()
    await expect(page.get_by_text("Left out: Test")).to_be_visible()
    await button(page, "Start").click()

    run = await started(page, backstage)
    assert (run["schemes"], run["excluded"], run["left_out"]) == ([], ["test"], ["test"])


async def test_an_older_version_is_started_sooner_than_others(
    console: Console, backstage: Backstage
) -> None:
    first = PARTS.replace("key: parts", "key: older")
    await backstage.publish(first)
    await backstage.publish(first.replace("inputs: {", "inputs: {speed: {label: Speed}, "))
    page = await open_start(console, "older", "In parts")
    await field(page, "Level").fill("deep")
    await field(page, "Speed").fill("high")

    await choose(page, "Version", "Version 1")
    await expect(page.get_by_text("Version 2 is the latest.")).to_be_visible()
    await expect(field(page, "Speed")).to_have_count(0)
    await expect(field(page, "Level")).to_have_value("deep")
    assert page.url.endswith("/start?version=1")
    await button(page, "More options").click()
    # They unfold, and are chosen from where they stand.
    await console.settle()
    await choose(page, "Priority", "8")
    await button(page, "Start").click()

    run = await started(page, backstage)
    assert (run["version"], run["priority"], run["inputs"]) == (1, 8, {"level": "deep"})


async def test_a_preset_is_saved_taken_again_and_deleted(
    console: Console, backstage: Backstage
) -> None:
    await backstage.publish(PARTS)
    page = await open_start(console, "parts", "In parts")
    await field(page, "Level").fill("deep")

    await button(page, "Presets").click()
    await page.get_by_role("menuitem", name="Save these inputs as a preset").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Name of the preset").fill("Night")
    await button(page, "Save").click()
    await expect(dialog.get_by_text("Lower-case letters").first).to_be_visible()
    await dialog.get_by_label("Name of the preset").fill("night")
    await button(page, "Save").click()
    await expect(page.get_by_text("Preset night is saved.")).to_be_visible()
    await page.reload()
    await expect(field(page, "Level")).to_have_value("")
    await console.choose("Presets", "night")
    await expect(field(page, "Level")).to_have_value("deep")

    await console.choose("Presets", "Delete preset night")
    await expect(page.get_by_text("Preset night is deleted.")).to_be_visible()
    await button(page, "Presets").click()
    await expect(page.get_by_text("No presets yet")).to_be_visible()


async def test_the_last_inputs_are_taken_again(console: Console, backstage: Backstage) -> None:
    await backstage.publish(PARTS.replace("key: parts", "key: again"))
    page = await open_start(console, "again", "In parts")
    await button(page, "Last inputs again").click()
    await expect(page.get_by_text("You have not started this template yet.")).to_be_visible()

    await backstage.start("before", "again", is_started=False, inputs={"level": "as before"})
    await button(page, "Last inputs again").click()

    await expect(field(page, "Level")).to_have_value("as before")


async def test_a_dry_run_gives_each_node_the_result_that_is_said(
    console: Console, backstage: Backstage, watched_page: WatchedPage
) -> None:
    await backstage.publish(PARTS)
    page = await open_start(console, "parts", "In parts")
    await field(page, "Test", exact=True).uncheck()
    await expect(page.get_by_text("Left out: Test")).to_be_visible()

    await button(page, "Dry run").click()
    dialog = page.get_by_role("dialog", name="Dry run")
    await expect(dialog.get_by_text("Lint", exact=True)).to_be_visible()
    await expect(dialog.get_by_text("Test", exact=True)).to_have_count(0)
    await write_code(page, "Outputs of Build", '{"id": 7}')
    await button(page, "Start the dry run").click()

    run = await started(page, backstage, until="succeeded")
    reached = {node["node_id"]: (node["status"], node["mark"]) for node in run["nodes"]}
    assert (run["is_mock"], run["excluded"], run["left_out"]) == (True, ["test"], ["test"])
    assert reached["build"] == ("succeeded", "mocked")
    assert reached["big"] == ("succeeded", "mocked")
    assert reached["small"][0] == "pending"
    assert (await watched_page.seen()).complaints == []


async def test_the_start_page_bars_nobody(console: Console, backstage: Backstage) -> None:
    await backstage.publish(ALL_TYPES)
    await backstage.publish(PARTS)
    page = console.page
    await console.enter()
    found = []
    for template in ("all-types", "parts"):
        await console.open(start_of(template))
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await expect(page.locator(".react-flow__node").first).to_be_visible()
        found += await console.serious_faults()
    await page.get_by_role("button", name="Dry run").click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    found += await console.serious_faults()
    await page.set_viewport_size({"width": 390, "height": 844})
    await console.open(start_of("all-types"))
    await expect(page.get_by_role("heading", level=1)).to_be_visible()

    assert found == []
    assert await console.overflow() == 0
