"""The way into the console, and what holds on every page of it."""

from urllib.parse import urlsplit

import pytest
from playwright.async_api import expect

from tests.browser.console import PROJECT, Console
from tests.support.browser import WatchedPage
from tests.support.dev_server import DevServer

# Named first, so that nothing is started for tests that are skipped.
pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("chromium")]

INSTANCES = f"/projects/{PROJECT}/instances"


async def test_the_printed_address_signs_in_and_leaves_no_token_behind(
    console: Console, watched_page: WatchedPage, dev_server: DevServer
) -> None:
    await console.enter()

    (cookie,) = await console.page.context.cookies(f"{console.address}/api")
    seen = await watched_page.seen()
    assert console.page.url == f"{console.address}/projects/{PROJECT}"
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"
    assert await console.page.evaluate("document.cookie") == ""
    assert seen.hosts == {urlsplit(dev_server.address).netloc}
    assert seen.complaints == []


async def test_who_is_not_signed_in_comes_back_to_where_they_wanted_to_go(
    console: Console,
) -> None:
    page = console.page
    await console.open(f"{INSTANCES}?text=nothing-is-called-so")
    await expect(console.heading("Sign in to Flowyard")).to_be_visible()

    await page.get_by_label("Token", exact=True).fill("flowyard_wrong")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_text("This token is not known")).to_be_visible()
    await page.get_by_label("Token", exact=True).fill(console.token)
    await page.keyboard.press("Enter")

    await expect(console.heading("Instances")).to_be_visible()
    await expect(page.get_by_text("Nothing matches")).to_be_visible()
    assert page.url == f"{console.address}{INSTANCES}?text=nothing-is-called-so"


async def test_who_signs_out_is_out_in_this_browser(console: Console) -> None:
    await console.enter()

    await console.choose("Account", "Sign out")
    await expect(console.heading("Sign in to Flowyard")).to_be_visible()
    await console.open(INSTANCES)

    await expect(console.heading("Sign in to Flowyard")).to_be_visible()
    assert await console.page.context.cookies(f"{console.address}/api") == []


async def test_a_session_that_ends_while_somebody_works_leads_to_the_way_in(
    console: Console,
) -> None:
    await console.enter(INSTANCES)
    await expect(console.heading("Instances")).to_be_visible()

    await console.page.context.clear_cookies()
    await console.page.get_by_role("searchbox").fill("x")

    await expect(console.heading("Sign in to Flowyard")).to_be_visible()
    assert "next=" in console.page.url


async def test_language_and_theme_are_chosen_and_kept(console: Console) -> None:
    page = console.page
    await console.enter()

    await console.choose("Language", "中文")
    await expect(console.heading("首页")).to_be_visible()
    await console.choose("主题", "深色")
    await page.reload()

    await expect(console.heading("首页")).to_be_visible()
    assert await page.locator("html").get_attribute("lang") == "zh"
    assert await page.locator("html").get_attribute("data-mantine-color-scheme") == "dark"
    await page.get_by_role("link", name="实例").first.click()
    await expect(console.heading("实例")).to_be_visible()


async def test_everything_can_be_reached_by_keys(console: Console) -> None:
    page = console.page
    await console.enter()

    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.keyboard.press("g")
    await page.keyboard.press("t")
    await expect(console.heading("Templates")).to_be_visible()
    await page.keyboard.press("g")
    await page.keyboard.press("i")
    await expect(console.heading("Instances")).to_be_visible()
    await page.keyboard.press("/")

    await expect(page.get_by_role("searchbox")).to_be_focused()


async def test_a_lost_connection_is_told_and_goes_on_by_itself(console: Console) -> None:
    page = console.page
    await console.enter()
    banner = page.get_by_text("The connection is lost")

    await page.context.set_offline(True)
    await page.get_by_role("link", name="Templates").first.click()
    await expect(banner).to_be_visible()
    await page.context.set_offline(False)

    await expect(banner).to_have_count(0)
    await expect(page.get_by_role("link", name="Say hello")).to_be_visible()


async def test_what_is_not_there_is_said_with_the_request_s_id(console: Console) -> None:
    page = console.page
    await console.enter("/instances/0197c0de-0000-7000-8000-000000000001")

    alert = page.get_by_role("alert")
    await expect(alert).to_contain_text("It does not exist")
    await expect(alert).to_contain_text("Request")
    await expect(alert.get_by_role("button", name="Try again")).to_be_visible()
    await console.open("/nowhere/at/all")
    await expect(console.heading("There is nothing here")).to_be_visible()


async def test_on_a_phone_the_navigation_is_a_drawer(console: Console) -> None:
    page = console.page
    await page.set_viewport_size({"width": 390, "height": 844})
    await console.enter()

    await expect(page.get_by_role("link", name="Templates")).to_have_count(0)
    await page.get_by_role("button", name="Menu").click()
    await page.get_by_role("link", name="Templates").first.click()

    await expect(console.heading("Templates")).to_be_visible()
    await expect(page.get_by_role("link", name="Instances")).to_have_count(0)
