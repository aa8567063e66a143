"""The designer's panel: a node's form and options, its test, variables, and the text beside."""

import re

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.console import PROJECT, Backstage, Console
from tests.support.browser import WatchedPage

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("chromium")]

FLOW = """\
# Agreed in May.
flowyard: 1
key: KEY
title: To be filled in
inputs:
  version: {type: string, default: "1.4.2"}   # semantic
constants: {base: "http://127.0.0.1:9"}
nodes:
  # First the bundle.
  - id: prepare   # kept
    name: Prepare
    plugin: http_request@1.0
    inputs: {url: "${base}/prepare"}
  - id: choose
    name: Which way
    exclusive:
      - {when: nodes.prepare.status == 200, next: made}
      - {default: true, next: end}
  - id: made
    name: Made
    plugin: assign@1.0
    inputs: {values: {image: "app:${version}", count: 3}}
"""


async def design(console: Console, backstage: Backstage, key: str) -> Page:
    await backstage.publish(FLOW.replace("KEY", key))
    await console.enter(f"/projects/{PROJECT}/templates/{key}/edit")
    await expect(node(console.page, "Prepare")).to_be_visible()
    return console.page


def node(page: Page, title: str) -> Locator:
    return page.locator(".react-flow__node").filter(has_text=title)


async def look_at(page: Page, title: str) -> None:
    # Whole, so that no node lies outside of what is seen.
    await page.get_by_role("button", name=re.compile("^(Show all|Fit)", re.IGNORECASE)).click()
    await node(page, title).click()
    await expect(page.get_by_label("Name", exact=True)).to_have_value(title)


async def tab(page: Page, name: str) -> None:
    await page.get_by_role("tab", name=name).click()


async def type_into(page: Page, label: str, text: str) -> None:
    """Write text into a code field, in the place of what is there."""
    await page.get_by_role("textbox", name=label, exact=True).click()
    await page.keyboard.press("Control+a")
    await page.keyboard.press("Delete")
    await page.keyboard.type(text)


async def text_of(page: Page) -> str:
    """Return the definition as the text beside the canvas shows it."""
    await tab(page, "YAML")
    field = page.get_by_role("textbox", name="Definition as YAML")
    await expect(field).to_be_visible()
    lines: list[str] = await field.locator(".cm-line").all_inner_texts()
    return "\n".join(line.replace("\n", "") for line in lines)


async def test_a_form_fills_in_a_node_and_the_comments_of_its_text_stay(
    console: Console, backstage: Backstage, watched_page: WatchedPage
) -> None:
    page = await design(console, backstage, "panel-form")
    await look_at(page, "Prepare")

    await type_into(page, "Url", "")
    await expect(page.get_by_text("A value is needed here")).to_be_visible()
    await type_into(page, "Url", "http://x/$")
    await page.get_by_role("option", name=re.compile("^version")).click()
    await page.get_by_role("button", name=re.compile("more fields$")).click()
    await page.get_by_role("combobox", name="Method").click()
    await page.get_by_role("option", name="POST", exact=True).click()
    await page.get_by_role("button", name="Write Timeout as an expression").click()
    await type_into(page, "Timeout", "${len(version)")
    await page.get_by_role("button", name=re.compile("^Add auth$", re.IGNORECASE)).click()
    await page.get_by_role("combobox", name=re.compile("^What auth is$", re.IGNORECASE)).click()
    await page.get_by_role("option", name="BearerAuth").click()
    await type_into(page, "Token", "${secrets.T")

    text = await text_of(page)
    assert "# Agreed in May." in text
    assert "  - id: prepare   # kept" in text
    assert 'version: {type: string, default: "1.4.2"}   # semantic' in text
    assert "http://x/${version}" in text
    assert "method: POST" in text
    assert "timeout: ${len(version)}" in text.replace('"', "")
    assert "token: ${secrets.T}" in text.replace('"', "")
    assert (await watched_page.seen()).complaints == []


async def test_outputs_of_earlier_nodes_are_offered_with_their_names(
    console: Console, backstage: Backstage
) -> None:
    page = await design(console, backstage, "panel-known")
    await look_at(page, "Which way")

    await type_into(page, "Condition", "nodes.prepare.")
    await expect(page.get_by_role("option", name=re.compile("^status"))).to_be_visible()
    await expect(page.get_by_role("option", name=re.compile("^elapsed_seconds"))).to_be_visible()
    await page.keyboard.type("sta")
    await page.keyboard.press("Enter")

    await expect(page.get_by_role("textbox", name="Condition")).to_have_text("nodes.prepare.status")


async def test_branches_are_added_and_led_to_their_nodes(
    console: Console, backstage: Backstage
) -> None:
    page = await design(console, backstage, "panel-branches")
    await look_at(page, "Which way")

    await page.get_by_role("button", name="Add a branch").click()
    third = page.get_by_role("region", name="Branch 3")
    await third.get_by_role("textbox", name="Name of branch 3").fill("Again")
    await type_into_within(third, "Condition", "loop < 3")
    await third.get_by_role("combobox", name="Leads to").click()
    await page.get_by_role("option", name="Prepare (prepare)").click()
    await page.get_by_role("button", name="Move branch 3 up").click()

    text = (await text_of(page)).replace(" ", "").replace('"', "")
    assert text.index("when:loop<3") < text.index("default:true")
    assert "name:Again" in text
    assert "next:prepare" in text


async def type_into_within(region: Locator, label: str, text: str) -> None:
    await region.get_by_role("textbox", name=label, exact=True).click()
    await region.page.keyboard.type(text)


async def test_options_are_written_as_short_as_they_can_be(
    console: Console, backstage: Backstage
) -> None:
    page = await design(console, backstage, "panel-options")
    await look_at(page, "Made")

    await tab(page, "Options")
    await page.get_by_label("May be left out").check()
    await page.get_by_label("Tries again by itself").fill("3")
    await page.get_by_label("An attempt may take").fill("10m")
    await page.get_by_label("An attempt may take").blur()
    assert "retry: 3" in await text_of(page)
    await tab(page, "Node")
    await tab(page, "Options")
    await page.get_by_label("First pause").fill("30s")
    await page.get_by_role("combobox", name="Then").click()
    await page.get_by_role("option", name="It is passed over").click()
    await page.get_by_label("Only a few at once").check()

    text = await text_of(page)
    for part in ("optional: true", "times: 3", "interval: 30s", "after: 10m", "action: skip"):
        assert part in text
    assert "concurrency:" in text


async def test_a_node_is_tested_alone_with_other_values(
    console: Console, backstage: Backstage
) -> None:
    page = await design(console, backstage, "panel-test")
    await look_at(page, "Made")

    await tab(page, "Test")
    await type_into(page, "version", "2.0.0")
    await page.get_by_role("button", name="Test this node").click()

    result = page.get_by_role("region", name="Result of the test")
    await expect(result).to_contain_text("Succeeded")
    await expect(result).to_contain_text('"image": "app:2.0.0"')
    await result.get_by_role("link", name="Open the run").click()
    await expect(page).to_have_url(re.compile(r"/instances/[0-9a-f-]{36}"))


async def test_inputs_of_the_flow_are_declared_in_a_form(
    console: Console, backstage: Backstage
) -> None:
    page = await design(console, backstage, "panel-inputs")
    await tab(page, "Flow")

    await page.get_by_role("button", name="Add an input").click()
    await page.get_by_label("Variable", exact=True).fill("not right")
    await page.get_by_label("Variable", exact=True).press("Enter")
    await expect(page.get_by_text("Expected letters, digits and _")).to_be_visible()
    await page.get_by_label("Variable", exact=True).fill("region")
    await page.get_by_label("Variable", exact=True).press("Enter")
    await page.get_by_role("combobox", name="Type").click()
    await page.get_by_role("option", name="One of several", exact=True).click()
    await page.get_by_label("Value of option 1").fill("eu")
    await page.get_by_label("Label of option 1").fill("Europe")
    await page.get_by_role("button", name="Remove option 2").click()
    await type_into(page, "Asked for if", "version != ''")
    await tab(page, "Variables")
    await page.get_by_role("button", name="Add to Lazy").click()
    await page.get_by_label("Name 1 of Lazy").fill("late")
    await type_into(page, "Value of late in Lazy", "${version")

    text = (await text_of(page)).replace('"', "")
    assert "type: select" in text
    assert "label: Europe" in text
    assert "visible_when: version != ''" in text
    assert "late: ${version}" in text
    assert "# semantic" in text


async def test_the_text_is_edited_too_and_says_where_it_cannot_be_read(
    console: Console, backstage: Backstage
) -> None:
    page = await design(console, backstage, "panel-text")
    await tab(page, "YAML")
    field = page.get_by_role("textbox", name="Definition as YAML")
    await field.get_by_text("name: Prepare").click()
    await page.keyboard.press("End")

    await page.keyboard.type(" it well")
    await expect(node(page, "Prepare it well")).to_be_visible()
    await page.keyboard.press("Enter")
    await page.keyboard.type("broken: @")
    await expect(page.locator(".cm-lint-marker-error").first).to_be_visible()
    for _ in range(len("broken: @")):
        await page.keyboard.press("Backspace")

    await expect(page.locator(".cm-lint-marker-error")).to_have_count(0)


async def test_the_panel_bars_nobody(console: Console, backstage: Backstage) -> None:
    page = console.page
    await console.enter()
    await backstage.publish(FLOW.replace("KEY", "panel-faults"))
    await console.open(f"/projects/{PROJECT}/templates/panel-faults/edit")
    await node(page, "Prepare").click()
    await expect(page.get_by_role("textbox", name="Url", exact=True)).to_be_visible()
    found = {"Node": await console.serious_faults()}
    for name in ("Options", "Test", "Flow", "YAML"):
        await page.get_by_role("tab", name=name).first.click()
        found[name] = await console.serious_faults()

    assert {name: faults for name, faults in found.items() if faults} == {}
