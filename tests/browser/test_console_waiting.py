"""What waits for a person, and what a person does about it in its place."""

import re

import pytest
from playwright.async_api import Locator, expect

from tests.browser.console import DECISION, FAILURE, PROJECT, Backstage, Console
from tests.support.browser import WatchedPage

# Named first, so that nothing is started for tests that are skipped.
pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("chromium")]

WAITING = f"/projects/{PROJECT}/waiting"
PHONE = {"width": 390, "height": 844}
THUMB_PIXELS = 44
"""Least height of what a thumb has to hit.

Source: WCAG 2.5.5, target size.
"""


def _item(console: Console, instance: str) -> Locator:
    return console.page.get_by_role("listitem").filter(has_text=instance)


async def _decide(item: Locator, answer: str, comment: str) -> None:
    await item.get_by_role("button", name=f"{answer}: May we?").click()
    await item.get_by_label("Comment").fill(comment)
    await item.get_by_role("button", name=f"{answer} now").click()


async def test_a_decision_is_made_in_its_place_with_a_comment(
    console: Console, backstage: Backstage, watched_page: WatchedPage
) -> None:
    await backstage.publish(DECISION)
    instance_id = await backstage.start("decide here", "ask-first")
    await console.enter(WAITING)
    item = _item(console, "decide here")
    await expect(item).to_contain_text("May we go on?")

    await _decide(item, "Approve", "Seen with the customer")

    await expect(item).to_have_count(0)
    await expect(console.page.get_by_text("Approved: May we?")).to_be_visible()
    assert await backstage.status(instance_id) == "succeeded"
    (approval,) = await backstage.commands(instance_id, "approve")
    assert approval["payload"] == {"comment": "Seen with the customer"}
    assert (await watched_page.seen()).complaints == []


async def test_what_is_rejected_comes_back_as_a_failure_that_says_so(
    console: Console, backstage: Backstage
) -> None:
    await backstage.publish(DECISION)
    instance_id = await backstage.start("reject here", "ask-first")
    await console.enter(WAITING)
    item = _item(console, "reject here")

    await _decide(item, "Reject", "Not on a Friday")
    await console.page.mouse.move(0, 0)

    await expect(item).to_contain_text("rejected")
    await expect(item.get_by_role("button", name="Approve: May we?")).to_have_count(0)
    assert await backstage.status(instance_id) == "failed"


async def test_a_failed_node_is_tried_again_or_skipped_in_its_place(
    console: Console, backstage: Backstage
) -> None:
    await backstage.publish(FAILURE)
    instance_id = await backstage.start("mend here", "fails")
    await console.enter(f"{WAITING}?kind=failure")
    item = _item(console, "mend here")
    await expect(item).to_contain_text("The disk is full")

    await item.get_by_role("button", name="Retry: break").click()
    # It fails again at once, and waits anew: that is held back while the mouse is over the list.
    await console.page.mouse.move(0, 0)
    await expect(item).to_contain_text("attempt 2")
    await item.get_by_role("button", name="Skip: break").click()
    await expect(item).to_contain_text("This cannot be undone")
    await item.get_by_role("button", name="Skip now").click()

    await expect(item).to_have_count(0)
    assert await backstage.status(instance_id) == "succeeded"


async def test_a_mouse_whose_leaving_is_not_told_holds_nothing_back(
    console: Console, backstage: Backstage
) -> None:
    await backstage.publish(FAILURE)
    await backstage.start("leaves here", "fails")
    await console.enter(f"{WAITING}?kind=failure")
    item = _item(console, "leaves here")
    # As it is where what the mouse was over is gone before it moves on.
    await console.page.evaluate(
        "() => window.addEventListener('pointerout', (one) => one.stopImmediatePropagation(), true)"
    )

    await item.get_by_role("button", name="Retry: break").click()
    await console.page.mouse.move(0, 0)

    await expect(item).to_contain_text("attempt 2")


async def test_what_comes_to_wait_appears_and_is_counted_without_a_reload(
    console: Console, backstage: Backstage
) -> None:
    await backstage.publish(DECISION)
    await console.enter(WAITING)
    link = console.page.get_by_role("link", name=re.compile("^Waiting for me"))
    before = await backstage.waiting()
    if before > 0:
        await expect(link).to_contain_text(f"{before} wait")

    await backstage.start("appears here", "ask-first")

    await expect(_item(console, "appears here")).to_be_visible()
    await expect(link).to_contain_text(f"{before + 1} wait")
    await console.page.get_by_text("Failures", exact=False).first.click()
    await expect(_item(console, "appears here")).to_have_count(0)


async def test_nothing_moves_under_the_mouse_and_who_was_too_slow_is_told(
    console: Console, backstage: Backstage
) -> None:
    await backstage.publish(DECISION)
    instance_id = await backstage.start("taken by others", "ask-first")
    await console.enter(WAITING)
    item = _item(console, "taken by others")
    await item.get_by_role("button", name="Reject: May we?").click()
    await item.get_by_label("Comment").fill("I have doubts")

    await backstage.operate(instance_id, "nodes/ask/actions/approve")
    await backstage.start("comes meanwhile", "ask-first")

    await expect(item).to_contain_text("It no longer waits")
    await expect(item.get_by_label("Comment")).to_have_value("I have doubts")
    await expect(item.get_by_role("button", name="Reject now")).to_be_disabled()
    await expect(_item(console, "comes meanwhile")).to_have_count(0)
    await console.page.get_by_role("button", name="1 new").click()
    await expect(_item(console, "comes meanwhile")).to_be_visible()
    await expect(item).to_have_count(0)


async def test_an_act_that_is_refused_says_why_and_what_is_shown_is_read_again(
    console: Console, backstage: Backstage
) -> None:
    await backstage.publish(DECISION)
    instance_id = await backstage.start("too late", "ask-first")
    await console.enter(WAITING)
    item = _item(console, "too late")
    await item.get_by_role("button", name="Approve: May we?").click()
    # Without the stream, this page hears of nothing.
    await console.page.route("**/events", lambda route: route.abort())
    await console.page.route(
        "**/actions/approve**",
        lambda route: route.fulfill(
            status=409,
            content_type="application/problem+json",
            body='{"type":"about:blank","title":"Forbidden","status":409,"instance":"req-1",'
            '"code":"forbidden_operation","detail":"Expected a node that waits","errors":[]}',
        ),
    )

    await item.get_by_role("button", name="Approve now").click()

    await expect(item.get_by_role("alert")).to_contain_text("Not allowed in the present status")
    await expect(item.get_by_role("alert")).to_contain_text("req-1")
    assert await backstage.status(instance_id) == "running"


async def test_on_a_phone_a_decision_is_made_with_a_thumb(
    console: Console, backstage: Backstage
) -> None:
    await console.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    await backstage.publish(DECISION)
    instance_id = await backstage.start("decide on the way " + "x" * 60, "ask-first")
    await console.enter(WAITING)
    item = _item(console, "decide on the way")
    approve = item.get_by_role("button", name="Approve: May we?")
    await approve.scroll_into_view_if_needed()
    box = await approve.bounding_box()
    assert box is not None
    assert box["height"] >= THUMB_PIXELS
    assert await console.overflow() == 0

    await approve.click()
    await item.get_by_role("button", name="Approve now").click()

    await expect(item).to_have_count(0)
    assert await backstage.status(instance_id) == "succeeded"


async def test_home_leads_to_what_waits(console: Console, backstage: Backstage) -> None:
    await backstage.publish(DECISION)
    await backstage.start("home asks for it", "ask-first")
    await console.enter()

    panel = console.page.get_by_role("region", name="Waiting for me")
    await expect(panel.get_by_role("row").first).to_be_visible()
    await panel.get_by_role("link", name="All").click()

    await expect(console.heading("Waiting for me")).to_be_visible()
    await expect(_item(console, "home asks for it")).to_be_visible()
