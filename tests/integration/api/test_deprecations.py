"""An operation that will go says so in OpenAPI and in every answer, whatever the answer is."""

from datetime import date
from typing import Any

import pytest

from flowyard_api.deprecation import deprecated
from flowyard_api.problems import problem_responses
from flowyard_api.routers import private_router
from tests.support.api import Api

SEE = "/docs/api#old-way"

router = private_router("projects")


@router.get(
    "/old-way/{number}",
    summary="Count in the old way",
    description="Answers with the number that it was given.",
    responses=problem_responses("invalid_request"),
    **deprecated(since=date(2027, 1, 10), until=date(2027, 8, 1), see=SEE),
)
async def get_old_way(number: int) -> dict[str, int]:
    return {"number": number}


@pytest.fixture
def old(api: Api) -> Api:
    """Add the route to a running API, before the console's page, which answers all else."""
    api.service.app.router.routes[:0] = router.routes
    return api


def _told(headers: Any) -> dict[str, str | None]:
    return {name: headers.get(name) for name in ("deprecation", "sunset", "link")}


EXPECTED = {
    "deprecation": "@1799539200",
    "sunset": "Sun, 01 Aug 2027 00:00:00 GMT",
    "link": f'<{SEE}>; rel="deprecation"; type="text/html"',
}


async def test_a_success_and_a_refusal_both_tell_of_the_end(old: Api) -> None:
    taken = await old.client.get("/api/v1/old-way/1")
    refused = await old.client.get("/api/v1/old-way/one")

    assert (taken.status_code, refused.status_code) == (200, 422)
    assert _told(taken.headers) == _told(refused.headers) == EXPECTED


async def test_what_is_not_deprecated_tells_nothing(old: Api) -> None:
    answer = await old.client.get("/api/v1/me")

    assert answer.status_code == 200
    assert _told(answer.headers) == {"deprecation": None, "sunset": None, "link": None}


async def test_openapi_shows_it_as_deprecated_with_its_headers_and_its_last_day(old: Api) -> None:
    described = old.service.app.openapi()["paths"]["/api/v1/old-way/{number}"]["get"]

    assert described["deprecated"] is True
    assert "2027-08-01 at the earliest" in described["description"]
    for answer in described["responses"].values():
        assert {"Deprecation", "Sunset", "Link"} <= answer["headers"].keys()
