from collections.abc import AsyncIterator

import httpx
import pytest

from flowyard.storage.database import Database
from flowyard.storage.tokens import create_token, revoke_token
from flowyard_api.middleware import MAX_BODY_BYTES
from tests.support.api import Api, eventually, running_api


async def test_a_request_without_a_valid_token_is_401(api: Api) -> None:
    async with httpx.AsyncClient(base_url=api.service.url) as stranger:
        without = await stranger.get("/api/v1/me")
        wrong = await stranger.get("/api/v1/me", headers={"Authorization": "Bearer nonsense"})
        scheme = await stranger.get("/api/v1/me", headers={"Authorization": "Basic b3BzOng="})

    for answer in (without, wrong, scheme):
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_revoked_token_is_refused(database: Database) -> None:
    async with database.transaction() as connection:
        issued = await create_token(connection, actor="leaver")
        assert await revoke_token(connection, issued.token_id) is True
        assert await revoke_token(connection, issued.token_id) is False
    async with running_api(database) as api:
        answer = await api.client.get(
            "/api/v1/me", headers={"Authorization": f"Bearer {issued.text}"}
        )

    assert answer.status_code == 401


async def test_a_validation_error_names_every_field(api: Api) -> None:
    answer = await api.client.post("/api/v1/projects", json={"name": "Not A Name", "colour": 1})

    problem = answer.json()
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert {key: problem[key] for key in ("type", "title", "status", "code", "detail")} == {
        "type": "urn:flowyard:problem:invalid_request",
        "title": "The request is not valid",
        "status": 422,
        "code": "invalid_request",
        "detail": "Expected a valid request, but 2 fields are not",
    }
    assert [fault["loc"] for fault in problem["errors"]] == [["body", "name"], ["body", "colour"]]
    assert all(fault["msg"] and fault["type"] for fault in problem["errors"])


async def test_a_body_that_is_no_json_is_400_with_the_place(api: Api) -> None:
    answer = await api.client.post(
        "/api/v1/projects", content='{"name": ', headers={"Content-Type": "application/json"}
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_body")
    assert answer.json()["errors"][0]["loc"] == ["body", 9]


@pytest.mark.parametrize(
    "name", ['"a\\u0000b"', '"\\ud800"', "NaN", "1e999", "123456789012345678901234567890"]
)
async def test_what_cannot_be_stored_is_refused(api: Api, name: str) -> None:
    await api.publish()

    answer = await api.client.post(
        "/api/v1/projects/shop/instances",
        content=f'{{"template": "release", "inputs": {{"version": {name}}}}}',
        headers={"Content-Type": "application/json"},
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert answer.json()["errors"][0]["type"] == "unstorable_value"


async def test_an_address_with_a_nul_character_is_refused(api: Api) -> None:
    path = await api.client.get("/api/v1/projects/a%00b")
    query = await api.client.get("/api/v1/projects/shop/instances?text=%00")

    assert (path.status_code, query.status_code) == (422, 422)


async def test_a_body_over_the_limit_is_413_announced_or_not(api: Api) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * (MAX_BODY_BYTES // 10)

    announced = await api.client.post("/api/v1/projects", content=b"x" * (MAX_BODY_BYTES + 1))
    streamed = await api.client.post("/api/v1/projects", content=chunks())

    assert (announced.status_code, announced.json()["code"]) == (413, "body_too_large")
    assert (streamed.status_code, streamed.json()["code"]) == (413, "body_too_large")


async def test_an_unknown_address_and_method_are_problems_too(api: Api) -> None:
    absent = await api.client.get("/api/v1/nothing")
    method = await api.client.delete("/api/v1/projects")

    assert (absent.status_code, absent.json()["code"]) == (404, "not_found")
    assert (method.status_code, method.json()["code"]) == (405, "method_not_allowed")
    assert method.headers["allow"] == "GET, POST"


async def test_a_request_keeps_the_id_that_it_brings(api: Api) -> None:
    brought = await api.client.get("/api/v1/projects/none", headers={"X-Request-ID": "abc-1"})
    broken = await api.client.get("/api/v1/projects/none", headers={"X-Request-ID": "a b"})

    assert brought.headers["x-request-id"] == brought.json()["instance"] == "abc-1"
    assert broken.headers["x-request-id"] == broken.json()["instance"] != "a b"


async def test_every_answer_carries_security_headers(api: Api) -> None:
    for path in ("/api/v1/me", "/api/v1/none", "/healthz"):
        headers = (await api.client.get(path)).headers

        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["cache-control"] == "no-store"


async def test_a_lost_database_is_503_and_unready(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    await api.client.get("/api/v1/me")
    # As if it were closed. To close it would leave behind what the service's own tasks hold.
    for pool in ("_engine", "_snapshots", "_pool"):
        monkeypatch.setattr(api.service.context.database, pool, None)

    answer = await api.client.get("/api/v1/projects")
    ready = await api.client.get("/readyz")

    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    assert answer.headers["retry-after"] == "1"
    assert (ready.status_code, ready.json()["checks"]["database"]) == (503, False)


async def test_health_and_metrics_need_no_token(api: Api) -> None:
    await eventually(lambda: api.service.context.changes.is_connected)
    await api.client.get("/api/v1/projects/none")
    async with httpx.AsyncClient(base_url=api.service.url) as stranger:
        health = await stranger.get("/healthz")
        ready = await stranger.get("/readyz")
        metrics = (await stranger.get("/metrics")).text

    assert health.status_code == 200
    assert ready.json() == {
        "ready": True,
        "checks": {
            "started": True,
            "database": True,
            "broker": True,
            "live_views": True,
            "release": True,
        },
    }
    assert (
        'flowyard_api_requests_total{method="GET",route="/projects/{project}",status="404"} 1.0'
        in metrics
    )


async def test_a_method_that_is_not_allowed_is_told_all_that_are(api: Api) -> None:
    answer = await api.client.request("TRACE", "/api/v1/projects/shop/templates/release")
    options = await api.client.options("/api/v1/projects")

    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "DELETE, GET, PATCH"
    assert options.headers["allow"] == "GET, POST"


async def test_an_instant_without_its_offset_is_refused(api: Api) -> None:
    await api.publish()
    path = "/api/v1/projects/shop/instances"

    answers = {
        text: (await api.client.get(path, params={"created_after": text})).status_code
        for text in ("2026-11-22T08:00:00Z", "2026-11-22T08:00:00", "2026-11-22", "0.5")
    }

    assert list(answers.values()) == [200, 422, 422, 422]
