import httpx
import pytest

from tests.support.api import Api

CONSOLE = {"X-Flowyard-Console": "1"}
SESSION = "/api/v1/session"
ME = "/api/v1/me"
PROJECTS = "/api/v1/projects"


def _browser(api: Api) -> httpx.AsyncClient:
    """Return a client that keeps cookies and has no token of its own."""
    return httpx.AsyncClient(base_url=api.service.url)


async def _sign_in(api: Api, browser: httpx.AsyncClient, **headers: str) -> httpx.Response:
    answer = await browser.post(SESSION, json={"token": api.token}, headers={**CONSOLE, **headers})
    assert answer.status_code == 200, answer.text
    return answer


async def test_signing_in_sets_a_cookie_that_no_script_and_no_foreign_page_can_use(
    api: Api,
) -> None:
    async with _browser(api) as browser:
        answer = await _sign_in(api, browser)

    cookie = answer.headers["set-cookie"]
    attributes = {one.strip().lower() for one in cookie.split(";")[1:]}
    assert answer.json()["actor"] == "ops"
    assert {"httponly", "path=/api", "samesite=strict"} <= attributes
    assert "secure" not in attributes
    assert answer.headers["cache-control"] == "no-store"


async def test_the_cookie_travels_by_https_only_once_the_page_came_by_it(api: Api) -> None:
    async with _browser(api) as browser:
        answer = await _sign_in(api, browser, Origin="https://flowyard.example")

    assert "; secure" in answer.headers["set-cookie"].lower()


async def test_with_the_cookie_one_is_who_the_token_stands_for(api: Api) -> None:
    async with _browser(api) as browser:
        before = await browser.get(ME)
        await _sign_in(api, browser)
        after = await browser.get(ME)

    assert before.status_code == 401
    assert after.json()["actor"] == "ops"


async def test_a_write_with_the_cookie_needs_the_header_that_foreign_pages_cannot_send(
    api: Api,
) -> None:
    async with _browser(api) as browser:
        await _sign_in(api, browser)
        foreign = await browser.post(PROJECTS, json={"name": "foreign"})
        own = await browser.post(PROJECTS, json={"name": "own"}, headers=CONSOLE)

    assert foreign.status_code == 403
    assert foreign.json()["code"] == "forbidden_origin"
    assert own.status_code == 201


async def test_a_bearer_token_goes_before_the_cookie_and_needs_no_header(api: Api) -> None:
    async with _browser(api) as browser:
        await _sign_in(api, browser)
        right = await browser.post(
            PROJECTS, json={"name": "own"}, headers={"Authorization": f"Bearer {api.token}"}
        )
        wrong = await browser.get(ME, headers={"Authorization": "Bearer flowyard_wrong"})

    assert right.status_code == 201
    assert wrong.status_code == 401


async def test_a_wrong_token_sets_no_cookie(api: Api) -> None:
    async with _browser(api) as browser:
        answer = await browser.post(SESSION, json={"token": "flowyard_wrong"}, headers=CONSOLE)

    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


async def test_a_foreign_page_can_neither_sign_in_nor_sign_out(api: Api) -> None:
    async with _browser(api) as browser:
        came = await browser.post(SESSION, json={"token": api.token})
        went = await browser.delete(SESSION)

    assert came.json()["code"] == went.json()["code"] == "forbidden_origin"


async def test_signing_out_takes_the_cookie_away(api: Api) -> None:
    async with _browser(api) as browser:
        await _sign_in(api, browser)
        gone = await browser.delete(SESSION, headers=CONSOLE)
        after = await browser.get(ME)

    assert gone.status_code == 204
    assert after.status_code == 401


@pytest.mark.parametrize("token", ["", "x" * 501, 7])
async def test_what_is_no_token_is_refused_without_being_repeated(api: Api, token: object) -> None:
    async with _browser(api) as browser:
        answer = await browser.post(SESSION, json={"token": token}, headers=CONSOLE)

    assert answer.status_code == 422
    assert "xxxx" not in answer.text
