import json
from urllib.parse import urlsplit

import httpx
import pytest

from tests.browser.swagger import SwaggerPage
from tests.support.browser import WatchedPage
from tests.support.dev_server import DevServer

# Named first, so that nothing is started for tests that are skipped.
pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("chromium")]


async def test_the_page_opens_whole_without_reaching_outside_or_breaking_its_policy(
    dev_server: DevServer, watched_page: WatchedPage, swagger: SwaggerPage
) -> None:
    async with httpx.AsyncClient(base_url=dev_server.address) as client:
        document = (await client.get("/openapi.json")).json()

    seen = await watched_page.seen()

    assert await swagger.operation_count() == sum(map(len, document["paths"].values()))
    assert seen.hosts == {urlsplit(dev_server.address).netloc}
    assert seen.complaints == []


async def test_the_policy_is_in_force_and_its_violations_are_seen(
    watched_page: WatchedPage,
    swagger: SwaggerPage,  # noqa: ARG001  # it has opened the page
) -> None:
    inline = """\
        const script = document.createElement("script");
        script.textContent = "window.wasRun = true";
        document.head.append(script);
        "wasRun" in window"""
    outside = "fetch('https://outside.example/').then(() => true, () => false)"

    was_run = await watched_page.page.evaluate(inline)
    was_reached = await watched_page.page.evaluate(outside)

    assert not was_run
    assert not was_reached
    assert (await watched_page.seen()).violations == [
        "script-src-elem inline",
        "connect-src https://outside.example/",
    ]


async def test_a_token_entered_once_is_sent_and_outlives_a_reload(
    dev_server: DevServer, watched_page: WatchedPage, swagger: SwaggerPage
) -> None:
    await swagger.authorize(dev_server.token)
    projects = await swagger.execute("projects-get_projects")
    saved = await swagger.download("projects-get_projects")
    await swagger.reload()
    me = await swagger.execute("projects-get_me")

    assert projects.status == "200"
    assert "example" in [project["name"] for project in projects.json()["items"]]
    assert json.loads(saved) == projects.json()
    assert me.status == "200"
    seen = await watched_page.seen()
    assert seen.hosts == {urlsplit(dev_server.address).netloc}
    assert seen.complaints == []


async def test_a_flow_is_started_and_followed_to_its_end(
    dev_server: DevServer, watched_page: WatchedPage, swagger: SwaggerPage
) -> None:
    await swagger.authorize(dev_server.token)

    started = await swagger.execute(
        "instances-post_instance",
        parameters={"project": "example"},
        body='{"template": "hello", "inputs": {"name": "Ada"}}',
    )
    events = await swagger.execute(
        "instances-get_events", parameters={"instance_id": started.json()["instance_id"]}
    )

    assert started.status == "201"
    assert events.status == "200"
    assert "event: end" in events.body
    assert '"greeting":"Hello, Ada!"' in events.body
    assert (await watched_page.seen()).complaints == []


async def test_the_suggested_project_and_document_are_accepted_as_they_are(
    dev_server: DevServer, watched_page: WatchedPage, swagger: SwaggerPage
) -> None:
    await swagger.authorize(dev_server.token)

    created = await swagger.execute("projects-post_project")
    name = created.json()["name"]
    applied = await swagger.execute("templates-apply", parameters={"project": name})

    assert created.status == "201"
    assert applied.status == "200"
    assert applied.json()["changed"] is True
    assert applied.json()["version"]["number"] == 1
    assert (await watched_page.seen()).complaints == []


async def test_a_wrong_token_is_refused_and_the_page_shows_it(
    watched_page: WatchedPage, swagger: SwaggerPage
) -> None:
    await swagger.authorize("flowyard_wrong")
    answer = await swagger.execute("projects-get_projects")

    assert "401" in answer.status
    assert answer.json()["code"] == "unauthenticated"
    (complaint,) = (await watched_page.seen()).complaints
    assert "401 (Unauthorized)" in complaint
