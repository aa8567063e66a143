"""Drawing flows: by mouse, by keys alone, by two people at once, and nothing is ever lost."""

import re
from pathlib import Path

import pytest
import yaml
from playwright.async_api import Page, expect

from tests.browser.console import PROJECT, Backstage, Console
from tests.browser.designer import Designer
from tests.support.browser import WatchedPage
from tests.support.dev_server import DevServer

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("chromium")]

CHAIN = """\
flowyard: 1
key: {key}
title: {title}
nodes:
  # what it begins with
  - {{id: first, name: First step, plugin: noop@1.0}}
  - {{id: second, name: Second step, plugin: noop@1.0}}
"""

EXPORT = Path("tests/data/interchange/bk_sops_v1.yaml")


@pytest.fixture
def designer(console: Console) -> Designer:
    return Designer(console)


async def _ways(backstage: Backstage, template: str) -> set[str]:
    """Return what leads where in one's own draft, as the API has it."""
    source = await backstage.draft(template)
    nodes = yaml.safe_load(source)["nodes"]
    following = [*(node["id"] for node in nodes), "end"][1:]
    ways = {f"start > {nodes[0]['id']}"}
    for node, after in zip(nodes, following, strict=True):
        kind = next((key for key in _GATEWAYS if key in node), None)
        if kind is None:
            ways.add(f"{node['id']} > {node.get('next', after)}")
            continue
        for branch in node[kind]:
            ways.add(f"{node['id']} > {branch if isinstance(branch, str) else branch['next']}")
    return ways


_GATEWAYS = ("exclusive", "parallel", "conditional_parallel")


async def test_a_flow_with_parallel_branches_is_drawn_by_keys_alone(
    console: Console, backstage: Backstage, designer: Designer
) -> None:
    page = console.page
    await backstage.create("by-keys", "Drawn by keys")
    await console.enter()
    await designer.open("by-keys")

    await page.keyboard.press("a")
    await designer.add("Parallel gateway")
    await designer.add("Do nothing")
    await designer.walk("ArrowLeft", "a")
    await designer.add("Notify")
    await designer.walk()
    await expect(designer.node("Plugin Notify")).to_be_visible()
    await page.keyboard.press("Delete")
    await expect(designer.node("Plugin Notify")).to_have_count(0)
    await page.keyboard.press("ControlOrMeta+z")
    await expect(designer.node("Plugin Notify")).to_be_visible()
    await designer.saved()

    assert await _ways(backstage, "by-keys") == {
        "start > parallel",
        "parallel > noop",
        "parallel > notify",
        "noop > end",
        "notify > end",
    }


async def test_branches_are_drawn_named_and_led_elsewhere_by_keys_alone(
    console: Console, backstage: Backstage, designer: Designer
) -> None:
    page = console.page
    await backstage.create("by-more-keys", "Drawn by more keys")
    await console.enter()
    await designer.open("by-more-keys")

    await page.keyboard.press("a")
    await designer.add("Exclusive gateway")
    await designer.add("Ask for approval")
    await designer.add("Conditional parallel gateway")
    await designer.add("Fail")
    await designer.walk("F2")
    name = page.get_by_role("dialog").get_by_label("Name")
    await name.fill("Give up")
    await page.keyboard.press("Enter")
    await expect(designer.node("Plugin Give up")).to_be_visible()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.keyboard.press("c")
    await page.get_by_role("dialog").get_by_role("combobox", name="To").press("ArrowDown")
    await page.get_by_role("option", name="Ask for approval (approval)", exact=True).click()
    await page.get_by_role("button", name="Connect", exact=True).click()
    await designer.saved()

    assert await _ways(backstage, "by-more-keys") == {
        "start > decide",
        "decide > approval",
        "decide > end",
        "approval > choose",
        "choose > fail",
        "choose > end",
        "fail > approval",
    }


async def test_a_flow_with_each_gateway_is_drawn_by_mouse_alone(
    console: Console, backstage: Backstage, designer: Designer
) -> None:
    page = console.page
    await backstage.create("by-mouse", "Drawn by mouse")
    await console.enter()
    await designer.open("by-mouse")

    await page.get_by_role("button", name="Insert between Start and End").click()
    await designer.offer("Exclusive gateway").click()
    await expect(designer.node("Exclusive gateway decide")).to_be_visible()
    canvas = page.get_by_role("application", name="Flow Drawn by mouse")
    await designer.offer("Do nothing").drag_to(canvas, target_position={"x": 300, "y": 700})
    alone = designer.problem("Plugin Do nothing")
    await expect(alone).to_be_visible()
    await designer.connect(designer.node("Exclusive gateway decide"), alone)
    await designer.connect(
        page.get_by_role("group", name=re.compile("^Plugin Do nothing")), designer.node("End")
    )
    await expect(
        page.get_by_role("group", name="Connection from Do nothing to End")
    ).to_be_attached()
    plus = page.get_by_role("button", name="Insert between Start and decide")
    await designer.offer("Parallel gateway").drag_to(plus)
    await expect(designer.node("Parallel gateway parallel")).to_be_visible()
    await designer.offer("Notify").click()
    await designer.node("Parallel gateway parallel").click()
    await designer.offer("Set values").click()
    await designer.saved()

    assert await _ways(backstage, "by-mouse") == {
        "start > parallel",
        "parallel > notify",
        "parallel > assign",
        "notify > decide",
        "assign > decide",
        "decide > noop",
        "decide > end",
        "noop > end",
    }


async def test_versions_are_published_compared_and_rolled_back(
    console: Console, backstage: Backstage, designer: Designer
) -> None:
    page = console.page
    await backstage.publish(CHAIN.format(key="versions", title="Versions"))
    await console.enter()
    await designer.open("versions")

    await designer.node("Plugin Second step").click()
    await page.keyboard.press("Delete")
    await page.get_by_role("button", name="Insert between First step and End").click()
    await designer.add("Wait for a time")
    await designer.saved()
    await designer.publish("Sleeps instead")
    await expect(page.get_by_text("Version 2 is published")).to_be_visible()

    await designer.tab("Versions")
    await expect(page.get_by_text("Sleeps instead")).to_be_visible()
    await page.get_by_role("button", name="v2: More").click()
    await page.get_by_role("menuitem", name="What is new in version 2").click()
    dialog = page.get_by_role("dialog", name="Version 1 and version 2")
    await expect(dialog.get_by_role("group", name="Plugin Wait for a time, Added")).to_be_visible()
    await expect(dialog.get_by_role("group", name="Plugin Second step, Removed")).to_be_visible()
    await page.keyboard.press("Escape")

    await page.get_by_role("button", name="v1: More").click()
    await page.get_by_role("menuitem", name="Make version 1 the latest again").click()
    await page.get_by_role("button", name="Roll back", exact=True).click()
    await expect(page.get_by_text("Version 3 is published")).to_be_visible()
    assert "Second step" in await backstage.latest("versions")
    assert "# what it begins with" in await backstage.latest("versions")


async def test_a_refresh_and_the_back_button_lose_nothing(
    console: Console, backstage: Backstage, designer: Designer
) -> None:
    page = console.page
    await backstage.publish(CHAIN.format(key="kept", title="Kept"))
    await console.enter(f"/projects/{PROJECT}/templates/kept")
    await designer.open("kept")

    await designer.offer("Wait for a time").click()
    await expect(
        page.get_by_role("group", name=re.compile("^Plugin Wait for a time"))
    ).to_be_visible()
    await page.reload()
    await expect(
        page.get_by_role("group", name=re.compile("^Plugin Wait for a time"))
    ).to_be_visible()
    await designer.saved()

    await designer.offer("Notify").click()
    await page.go_back()
    await expect(console.heading("Kept")).to_be_visible()
    await page.go_forward()
    await expect(page.get_by_role("group", name=re.compile("^Plugin Notify"))).to_be_visible()
    await designer.saved()
    assert "notify" in await backstage.draft("kept")


async def test_two_people_see_each_other_and_nobodys_work_is_lost(
    console: Console, backstage: Backstage, designer: Designer, dev_server: DevServer
) -> None:
    await backstage.publish(CHAIN.format(key="together", title="Together"))
    await console.enter()
    await designer.open("together")
    theirs = Designer(console, await _page_of("zoe", console, dev_server))
    await theirs.open("together")

    await expect(designer.page.get_by_text("zoe is editing too")).to_be_visible()
    await designer.offer("Wait for a time").click()
    await designer.saved()
    await theirs.offer("Notify").click()
    await theirs.saved()
    await theirs.page.keyboard.press("Escape")
    await theirs.page.get_by_role("button", name="More", exact=True).click()
    await theirs.page.get_by_role("menuitem", name="Share the draft").click()
    await expect(theirs.page.get_by_text("The draft is shared")).to_be_visible()

    notice = designer.page.get_by_role("alert").filter(has_text="zoe has changed this flow")
    await expect(notice).to_be_visible()
    await notice.get_by_role("button", name="Look at the difference").click()
    dialog = designer.page.get_by_role("dialog", name="From theirs to mine")
    await expect(dialog.get_by_role("group", name="Plugin Wait for a time, Added")).to_be_visible()
    await expect(dialog.get_by_role("group", name="Plugin Notify, Removed")).to_be_visible()
    await designer.page.keyboard.press("Escape")
    await notice.get_by_role("button", name="Keep mine").click()
    await expect(notice).to_have_count(0)
    await designer.saved()
    assert "sleep" in await backstage.draft("together")


async def test_what_is_wrong_is_marked_with_its_repair(
    console: Console, backstage: Backstage, designer: Designer
) -> None:
    page = console.page
    await backstage.publish(CHAIN.format(key="wrong", title="Wrong"))
    await console.enter()
    await designer.open("wrong")

    await page.get_by_role("group", name="Connection from First step to Second step").focus()
    await page.keyboard.press("Delete")
    await expect(designer.problem("Plugin First step")).to_be_visible()
    await designer.tab("Problems")
    await page.get_by_role("button", name="Connect it to the node that comes next").click()
    await page.get_by_role("button", name="Publish", exact=True).click()
    dialog = page.get_by_role("dialog", name="Publish the flow")
    await expect(dialog.get_by_role("button", name="Publish", exact=True)).to_be_disabled()
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)

    await designer.connect(
        designer.problem("Plugin First step"),
        page.get_by_role("group", name=re.compile("^Plugin Second step")),
    )
    await expect(designer.node("Plugin First step")).to_be_visible()


async def test_copied_nodes_are_pasted_into_another_template(
    console: Console, backstage: Backstage, designer: Designer
) -> None:
    page = console.page
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await backstage.publish(CHAIN.format(key="from", title="From"))
    await backstage.create("into", "Into")
    await console.enter()
    await designer.open("from")
    await designer.node("Plugin First step").click()
    await page.keyboard.press("ControlOrMeta+a")
    await page.keyboard.press("ControlOrMeta+c")

    await designer.open("into")
    await page.get_by_role("group", name="Connection from Start to End").focus()
    await page.keyboard.press("ControlOrMeta+v")
    await page.get_by_role("button", name="Show all").click()
    await expect(designer.node("Plugin Second step")).to_be_visible()
    await designer.saved()
    assert await _ways(backstage, "into") == {"start > first", "first > second", "second > end"}


async def test_axe_finds_nothing_serious_in_the_designer(
    console: Console, backstage: Backstage, designer: Designer, watched_page: WatchedPage
) -> None:
    page = console.page
    await backstage.publish(CHAIN.format(key="fair", title="Fair"))
    await console.enter()
    await designer.open("fair")
    found = {"empty": await console.serious_faults()}
    await designer.offer("Exclusive gateway").click()
    await designer.offer("HTTP request").click()
    await designer.saved()
    await expect(page.get_by_role("group", name=re.compile("Problem:")).first).to_be_visible()
    for tab in ("Node", "Flow", "YAML", "Problems", "Versions"):
        await designer.tab(tab)
        found[tab] = await console.serious_faults()
    await page.get_by_role("button", name="Publish", exact=True).click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    found["publish"] = await console.serious_faults()

    assert {name: faults for name, faults in found.items() if faults} == {}
    assert (await watched_page.seen()).complaints == []


async def _page_of(actor: str, console: Console, dev_server: DevServer) -> Page:
    """Return a page of another person, in the same browser."""
    done = dev_server.run(
        "token", "create", "--actor", actor, "--data", str(dev_server.folder.path)
    )
    assert done.status == 0, done.err
    browser = console.page.context.browser
    assert browser is not None
    page = await (await browser.new_context()).new_page()
    await page.goto(f"{console.address}/#token={done.out.split()[0]}")
    await expect(page.get_by_role("heading", name="Home", level=1)).to_be_visible()
    return page
