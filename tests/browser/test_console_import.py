"""Flows of other systems come over: seen first, with what differs, then drawn on and run here."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.console import PROJECT, Backstage, Console
from tests.browser.designer import Designer
from tests.browser.runs import node
from tests.support.browser import WatchedPage
from tests.support.environment import cases_folder

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("chromium")]

IMPORT = f"/projects/{PROJECT}/templates/import"

UNKNOWN = """\
schema_version: v1
meta: {name: Restarts a service, id: restarts}
spec:
  nodes:
  - {id: n1, type: EmptyStartEvent, next: [n2]}
  - id: n2
    type: ServiceActivity
    name: Restart it
    component: {code: our_own_restart, version: legacy, data: {host: {value: 10.0.0.1}}}
  - {id: n3, type: EmptyEndEvent}
"""
"""An export with a component that nothing here stands for."""


@pytest.fixture
def export() -> Path:
    """Return a YAML export that bk-sops itself has written: a loop, with one wait in each round."""
    folder = cases_folder()
    if folder is None:
        pytest.skip("FLOWYARD_CASES names no folder of recorded cases")
    return folder / "export_yaml_data.yaml"


async def _choose(page: Page, file: Path) -> None:
    """Have the browser ask for files, and give it one."""
    async with page.expect_file_chooser() as asking:
        await page.get_by_label("Files").click()
    await (await asking.value).set_files(file)


async def test_an_export_of_bk_sops_is_seen_first_then_drawn_on_published_and_run(
    console: Console, backstage: Backstage, export: Path, watched_page: WatchedPage
) -> None:
    page = console.page
    designer = Designer(console)
    await console.enter(f"/projects/{PROJECT}/templates")
    await page.get_by_role("link", name="Import", exact=True).click()
    await _choose(page, export)

    # What differs stands at its nodes, and the choice of a node leaves what is said of it.
    await expect(page.get_by_text("0 errors, 2 warnings, 4 notes")).to_be_visible()
    await expect(node(page, "choice-1, 4 differences")).to_be_visible()
    await node(page, "Plugin 定时, 1 difference").click()
    await expect(page.get_by_role("row")).to_have_count(1)
    await expect(page.get_by_role("row")).to_contain_text("is written ${time_list")
    assert (await backstage.read("/templates?text=template-1"))["items"] == []

    await page.get_by_role("button", name="Import as drafts").click()
    await page.get_by_role("link", name="Open", exact=True).click()
    await page.set_viewport_size({"width": 1680, "height": 1000})
    await expect(designer.node("Plugin 循环前置节点")).to_be_visible()
    await designer.publish("Taken over")
    await expect(page.get_by_text("Version 1 is published")).to_be_visible()
    await page.get_by_role("link", name="Start", exact=True).first.click()
    await page.get_by_label("time_list").fill("1")
    await page.get_by_role("button", name="Start", exact=True).click()

    await expect(node(page, "End, Succeeded")).to_be_visible()
    assert (await watched_page.seen()).complaints == []


async def test_what_cannot_be_taken_over_is_marked_at_its_node_with_the_repair(
    console: Console, backstage: Backstage, watched_page: WatchedPage, tmp_path: Path
) -> None:
    page = console.page
    await console.enter(IMPORT)
    unknown = tmp_path / "restarts.yaml"
    unknown.write_text(UNKNOWN, encoding="utf-8")
    await _choose(page, unknown)

    await expect(node(page, "Restart it, Problem: Expected a component")).to_be_visible()
    said = page.get_by_role("row").filter(has_text="choose a plugin; until then the node fails")
    await expect(said).to_have_count(1)
    await page.get_by_role("button", name="Import and publish").click()
    await expect(page.get_by_text("Has errors")).to_be_visible()
    faults = await console.serious_faults()

    template = await backstage.read("/templates/restarts")
    assert template["latest_version"] is None
    assert faults == []
    assert (await watched_page.seen()).complaints == []
