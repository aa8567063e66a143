"""What people do to a flow that is drawn already, and that none of it is ever lost."""

import re

import pytest
from playwright.async_api import Locator, Page, Route, expect

from tests.browser.console import PROJECT, Backstage, Console
from tests.browser.designer import Designer, steady_box

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("chromium")]

CHAIN = """\
flowyard: 1
key: {key}
title: {title}
nodes:
  - {{id: first, name: First step, plugin: noop@1.0}}
  - {{id: second, name: Second step, plugin: noop@1.0}}
"""


BRANCHED = """\
flowyard: 1
key: branched
title: Branched
nodes:
  - {id: split, parallel: [left, right]}
  - {id: left, name: On the left, plugin: noop@1.0, next: meet}
  - {id: right, name: On the right, plugin: noop@1.0, next: meet}
  - {id: meet, converge: true}
"""


@pytest.fixture
def designer(console: Console) -> Designer:
    return Designer(console)


async def _begin(
    console: Console, backstage: Backstage, designer: Designer, key: str, title: str
) -> None:
    await backstage.publish(CHAIN.format(key=key, title=title))
    await console.enter()
    await designer.open(key)


def _chosen(page: Page, count: int) -> Locator:
    return page.get_by_text(re.compile(f"^{count} are selected"))


async def _await_lined(page: Page, *, is_lined: bool) -> None:
    """Return once the two nodes stand one below the other, or beside each other."""
    await page.wait_for_function(
        """(wanted) => {
          const node = (id) => document.querySelector(`[data-id="${id}"]`);
          const left = (id) => node(id).getBoundingClientRect().x;
          return Math.abs(left("first") - left("second")) < 2 === wanted;
        }""",
        arg=is_lined,
    )


def _notice(designer: Designer) -> Locator:
    return designer.page.get_by_role("alert").filter(
        has_text="You have changed this flow elsewhere"
    )


async def test_an_empty_canvas_says_how_to_begin_and_a_published_flow_how_to_go_on(
    console: Console, backstage: Backstage, designer: Designer
) -> None:
    page = console.page
    await backstage.create("begins", "Begins empty")
    await console.enter()
    await designer.open("begins")

    await expect(page.get_by_role("tab", name="Problems")).to_have_text("Problems")
    await page.get_by_role("button", name="Publish", exact=True).click()
    dialog = page.get_by_role("dialog", name="Publish the flow")
    await dialog.get_by_role("button", name="Show the problems").click()
    await expect(page.get_by_text("Expected at least one node")).to_be_visible()
    await page.get_by_role("button", name="Add the first step", exact=True).click()
    await designer.add("Set values")
    await expect(designer.node("Plugin Set values")).to_be_visible()
    await expect(page.get_by_role("button", name="Add the first step")).to_have_count(0)
    await expect(page.get_by_text("It will come after Set values")).to_be_visible()
    await designer.publish("The first one")
    await page.get_by_role("link", name="Start version 1").click()

    await expect(console.heading("Start: Begins empty")).to_be_visible()
    await expect(page).to_have_url(re.compile(r"/start\?version=1$"))
    assert "name: Set values" in await backstage.latest("begins")


async def test_one_s_own_work_in_two_windows_is_asked_about_before_either_is_lost(
    console: Console, backstage: Backstage, designer: Designer
) -> None:
    await _begin(console, backstage, designer, "two-windows", "In two windows")
    other = Designer(console, await console.unvisited_page())
    await other.open("two-windows")

    await designer.offer("Wait for a time").click()
    await designer.saved()
    await other.offer("Notify").click()
    await _notice(other).get_by_role("button", name="Look at the difference").click()
    dialog = other.page.get_by_role("dialog", name="From theirs to mine")
    await expect(dialog.get_by_role("group", name="Plugin Notify, Added")).to_be_visible()
    await expect(
        dialog.get_by_role("group", name="Plugin Wait for a time, Removed")
    ).to_be_visible()
    assert "sleep" in await backstage.draft("two-windows")
    await other.page.keyboard.press("Escape")
    await _notice(other).get_by_role("button", name="Keep mine").click()
    await other.saved()
    assert "notify" in await backstage.draft("two-windows")

    await designer.offer("Fail").click()
    await _notice(designer).get_by_role("button", name="Take theirs").click()
    await expect(
        designer.page.get_by_role("group", name=re.compile("^Plugin Notify"))
    ).to_be_visible()
    await designer.page.get_by_role("button", name="Undo").click()
    await expect(
        designer.page.get_by_role("group", name=re.compile("^Plugin Fail"))
    ).to_be_visible()
    await designer.saved()
    assert {"sleep", "fail"} <= set(re.findall(r"id: (\w+)", await backstage.draft("two-windows")))


async def test_a_flow_stays_on_the_screen_where_it_cannot_be_read_again(
    console: Console, backstage: Backstage, designer: Designer
) -> None:
    page = console.page
    await _begin(console, backstage, designer, "stays", "Stays")

    async def refuse(route: Route) -> None:
        await route.abort()

    await page.route("**/templates/stays", refuse)
    # Whatever was published changes what is known of the template.
    async with page.expect_event("requestfailed"):
        await designer.publish("The same again")
    await designer.offer("Notify").click()

    await expect(page.get_by_role("group", name=re.compile("^Plugin Notify"))).to_be_visible()
    await expect(page.get_by_text("Nothing has changed since version 1")).to_be_visible()
    await page.unroute_all()
    await designer.saved()


async def test_what_is_drawn_while_nobody_answers_is_kept_and_stored_once_they_do(
    console: Console, backstage: Backstage, designer: Designer
) -> None:
    page = console.page
    await _begin(console, backstage, designer, "away", "Away")

    await page.context.set_offline(True)
    await designer.offer("Wait for a time").click()
    await expect(page.get_by_text("Not saved: nobody answers")).to_be_visible()
    await designer.offer("Notify").click()
    await expect(page.get_by_role("group", name=re.compile("^Plugin Notify"))).to_be_visible()
    await page.context.set_offline(False)
    await designer.saved()
    source = await backstage.draft("away")
    assert "sleep" in source
    assert "notify" in source

    # Whoever reloads before it could be stored finds it again, and it is stored then.
    async def refuse(route: Route) -> None:
        await (route.abort() if route.request.method == "PUT" else route.continue_())

    await page.route("**/drafts/mine", refuse)
    await designer.offer("Fail").click()
    await expect(page.get_by_text("Not saved: nobody answers")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("group", name=re.compile("^Plugin Fail"))).to_be_visible()
    await page.unroute("**/drafts/mine")
    await designer.saved()
    assert "fail" in await backstage.draft("away")


async def test_a_text_that_cannot_be_read_leaves_the_drawing_and_is_kept_to_be_repaired(
    console: Console, backstage: Backstage, designer: Designer
) -> None:
    page = console.page
    await _begin(console, backstage, designer, "broken", "Broken")
    alert = page.get_by_role("alert").filter(has_text="The YAML cannot be read")
    await designer.tab("YAML")
    text = page.get_by_role("textbox", name="Definition as YAML")
    await text.get_by_text("name: Second step").click()

    await page.keyboard.press("ControlOrMeta+End")
    await page.keyboard.type("broken: @")
    await expect(alert).to_contain_text("Line 7")
    await designer.node("Plugin Second step").click()
    await page.keyboard.press("Delete")
    await expect(designer.node("Plugin Second step")).to_be_visible()
    await designer.saved()
    await page.reload()
    await expect(alert).to_contain_text("Line 7")
    await alert.get_by_role("button", name="Open the YAML").click()
    await text.click()
    await page.keyboard.press("ControlOrMeta+End")
    for _ in "broken: @":
        await page.keyboard.press("Backspace")

    await expect(alert).to_have_count(0)
    await expect(designer.node("Plugin Second step")).to_be_visible()


async def test_several_nodes_are_selected_with_the_mouse_and_put_in_line(
    console: Console, backstage: Backstage, designer: Designer
) -> None:
    page = console.page
    await _begin(console, backstage, designer, "box", "In a box")
    first, second = designer.node("Plugin First step"), designer.node("Plugin Second step")
    before = await steady_box(first), await steady_box(second)

    await page.keyboard.down("Shift")
    await page.mouse.move(before[0]["x"] - 8, before[0]["y"] - 30)
    await page.mouse.down()
    end = before[1]["x"] + before[1]["width"] + 8, before[1]["y"] + before[1]["height"] + 30
    await page.mouse.move(*end, steps=6)
    await page.mouse.up()
    await page.keyboard.up("Shift")
    await expect(_chosen(page, 2)).to_be_visible()
    await console.choose("Align", "Left edges")
    await _await_lined(page, is_lined=True)
    await page.get_by_role("button", name="Undo").click()
    await _await_lined(page, is_lined=False)
    await page.get_by_role("button", name="Redo").click()
    await page.get_by_role("button", name="Duplicate").click()
    await expect(page.get_by_role("group", name=re.compile("^Plugin First step"))).to_have_count(2)
    await page.get_by_role("button", name="Delete").click()
    await expect(page.get_by_role("group", name=re.compile("^Plugin First step"))).to_have_count(1)
    await designer.saved()
    assert "first_2" not in await backstage.draft("box")


async def test_several_nodes_are_selected_cut_and_pasted_by_keys_alone(
    console: Console, backstage: Backstage, designer: Designer
) -> None:
    page = console.page
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await _begin(console, backstage, designer, "by-keys-cut", "Cut by keys")

    await page.keyboard.press("a")
    await designer.walk("ArrowRight", "ControlOrMeta+ArrowRight")
    await expect(_chosen(page, 2)).to_be_visible()
    await page.keyboard.press("ControlOrMeta+x")
    await expect(page.get_by_role("button", name="Add the first step")).to_be_visible()
    await page.keyboard.press("ControlOrMeta+v")
    await expect(_chosen(page, 2)).to_be_visible()
    await page.keyboard.press("ControlOrMeta+z")
    await expect(page.get_by_role("button", name="Add the first step")).to_be_visible()
    await page.keyboard.press("ControlOrMeta+y")
    await expect(designer.node("Plugin First step")).to_be_visible()
    await designer.saved()

    source = await backstage.draft("by-keys-cut")
    assert re.findall(r"id: (\w+)", source) == ["first", "second"]


@pytest.mark.parametrize("part", ["elk-api", "elk-worker"])
async def test_a_drawing_that_cannot_be_laid_out_says_so_and_is_when_it_is_tried_again(
    console: Console, backstage: Backstage, designer: Designer, part: str
) -> None:
    page = console.page
    await backstage.publish(BRANCHED)
    await console.enter()

    async def refuse(route: Route) -> None:
        await route.abort()

    await page.route(f"**/assets/{part}*", refuse)
    await console.open(f"/projects/{PROJECT}/templates/branched/edit")
    alert = page.get_by_role("alert").filter(has_text="Something unexpected happened")
    await expect(alert).to_be_visible()
    await expect(designer.node("Plugin On the left")).to_have_count(0)
    await page.unroute(f"**/assets/{part}*")
    await alert.get_by_role("button", name="Try again").click()

    await expect(designer.node("Plugin On the left")).to_be_visible()
    await expect(alert).to_have_count(0)
