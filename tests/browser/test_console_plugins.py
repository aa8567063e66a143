"""Plugins with their docs, and who uses what."""

import pytest
from playwright.async_api import expect

from tests.browser.console import PROJECT, Backstage, Console
from tests.support.browser import WatchedPage

# Named first, so that nothing is started for tests that are skipped.
pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("chromium")]

PLUGINS = f"/projects/{PROJECT}/plugins"
TEMPLATES = f"/projects/{PROJECT}/templates"


def _child(message: str) -> str:
    return f"""\
flowyard: 1
key: used-child
title: Used child
nodes:
  - id: ask
    plugin: approval@1.0
    inputs: {{message: "{message}"}}
"""


PARENT = """\
flowyard: 1
key: using-parent
title: Using parent
nodes:
  - id: child
    subflow: used-child@1
"""


async def test_plugins_are_searched_and_say_whether_anything_runs_them(
    console: Console, watched_page: WatchedPage
) -> None:
    page = console.page
    await console.enter(PLUGINS)
    await expect(page.get_by_text("1 plugin gateway is alive")).to_be_visible()
    await expect(page.get_by_role("link", name="Ask for approval", exact=True)).to_be_visible()

    await page.get_by_role("searchbox").fill("http")

    await expect(page.get_by_role("link", name="Ask for approval", exact=True)).to_have_count(0)
    await expect(page.get_by_text("http_request")).to_be_visible()
    await page.get_by_role("searchbox").fill("there is no such thing")
    await expect(page.get_by_text("No such plugin")).to_be_visible()
    assert (await watched_page.seen()).complaints == []


async def test_a_plugin_s_inputs_outputs_and_traits_are_told(
    console: Console, watched_page: WatchedPage
) -> None:
    page = console.page
    await console.enter(f"{PLUGINS}?text=approval")
    await page.get_by_role("link", name="Ask for approval", exact=True).click()
    await expect(console.heading("Ask for approval")).to_be_visible()

    inputs = page.get_by_role("table", name="Inputs")
    reject = inputs.get_by_role("row").filter(has_text="on_reject")
    await expect(reject).to_contain_text('"fail" | "continue"')
    await expect(reject).to_contain_text("Whether a no fails the node")
    await expect(inputs.get_by_role("row").filter(has_text="approvers")).to_contain_text("string[]")
    outputs = page.get_by_role("table", name="Outputs")
    await expect(outputs.get_by_role("row").filter(has_text="approved")).to_contain_text("boolean")
    await expect(page.get_by_text("Waits until a person says yes or no")).to_be_visible()
    await expect(page.get_by_text("repeatable", exact=True)).to_be_visible()
    assert (await watched_page.seen()).complaints == []


async def test_an_example_is_copied_and_is_a_node_that_can_be_published(
    console: Console, backstage: Backstage
) -> None:
    page = console.page
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await console.enter(f"{PLUGINS}/sleep/1.0")

    await page.get_by_role("button", name="Copy").click()
    await expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied: str = await page.evaluate("navigator.clipboard.readText()")

    assert "plugin: sleep@1.0" in copied
    await backstage.publish(f"flowyard: 1\nkey: copied\nnodes:\n{copied}")


async def test_uses_are_brought_to_another_version_all_at_once(
    console: Console, backstage: Backstage
) -> None:
    page = console.page
    await backstage.publish(_child("first"))
    await backstage.publish(PARENT)
    await backstage.publish(_child("second"))
    await console.enter(f"{TEMPLATES}/used-child")
    uses = page.get_by_role("region", name="Used by")
    row = uses.get_by_role("row").filter(has_text="Latest version")
    await expect(row).to_contain_text("Using parent")
    await expect(row).to_contain_text("outdated")

    await uses.get_by_role("button", name="Update uses").click()
    dialog = page.get_by_role("dialog", name="Update all uses")
    await dialog.get_by_label("Note of the publications").fill("Takes the second")
    await dialog.get_by_role("button", name="Update to 2").click()

    await expect(dialog.get_by_role("table")).to_contain_text("Published v2")
    await dialog.get_by_role("button", name="Close").last.click()
    await expect(row).not_to_contain_text("outdated")
    latest = await backstage.read("/templates/using-parent/versions/2")
    assert "used-child@2" in latest["source"]
    assert latest["note"] == "Takes the second"


async def test_what_uses_something_is_stopped_once_somebody_is_sure(
    console: Console, backstage: Backstage
) -> None:
    page = console.page
    await backstage.publish(_child("stop me"))
    await backstage.publish(PARENT.replace("used-child@1", "used-child"))
    instance_id = await backstage.start("to be stopped", "using-parent")
    await console.enter(f"{TEMPLATES}/used-child")
    uses = page.get_by_role("region", name="Used by")

    await uses.get_by_role("button", name="Stop uses").click()
    dialog = page.get_by_role("dialog", name="Stop all uses")
    go = dialog.get_by_role("button", name="Cancel these instances")
    await expect(go).to_be_disabled()
    await dialog.get_by_role("checkbox", name="I want them to end").check()
    await go.click()

    await expect(dialog.get_by_role("status")).to_contain_text("asked to end")
    await backstage.until(instance_id, "cancelled")


async def test_outdated_subflows_are_brought_up_to_date_with_one_button(
    console: Console, backstage: Backstage
) -> None:
    page = console.page
    await backstage.publish(_child("old"))
    await backstage.publish(PARENT)
    await backstage.publish(_child("new"))
    before = await backstage.read("/templates/using-parent")
    await console.enter(f"{TEMPLATES}/using-parent")
    await expect(page.get_by_text("1 subflow is pinned to an older version")).to_be_visible()

    await page.get_by_role("button", name="Update and publish").click()

    await expect(page.get_by_text("1 subflow is pinned to an older version")).to_have_count(0)
    after = await backstage.read("/templates/using-parent")
    assert after["latest_version"] == before["latest_version"] + 1
