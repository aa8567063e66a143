"""A project with a hundred thousand instances: every page of its list comes quickly."""

import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text

from flowyard.engine.lifecycle import InstanceStatus
from flowyard.engine.snapshot import WaitReason
from flowyard.storage.database import Database
from tests.support.api import DOCUMENT, Api, running_api

COUNT = 100_000
LONGEST_PAGE_SECONDS = 0.2
TRIES = 3
INSTANCES = "/api/v1/projects/shop/instances"

# Ids grow with time, as real ones do. One in a thousand has failed, and waits for somebody. The
# oldest few are unlike all others: who looks for them finds nothing on the way to the end.
FILL = """\
INSERT INTO instance (instance_id, project_id, template_id, version, name, status, partition, given,
    actor, callback_secret, created_at, started_at, ended_at, labels, plan)
SELECT ('01a00000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, t.project_id, t.template_id,
    1, 'Release ' || n,
    CASE WHEN n <= 3 THEN 'cancelled' WHEN n % 1000 = 0 THEN 'failed' ELSE 'succeeded' END,
    0, '{}'::jsonb, CASE WHEN n <= 3 THEN 'somebody' ELSE 'actor-' || n % 50 END, 'secret',
    now() - (100000 - n) * interval '1 second', now(),
    CASE WHEN n % 1000 = 0 THEN NULL ELSE now() END,
    jsonb_build_object('team', CASE WHEN n <= 3 THEN 'old' ELSE 'team-' || n % 20 END),
    CASE WHEN n <= 3 THEN '{"is_mocked": true}'::jsonb END
FROM template AS t, generate_series(1, :count) AS n
WHERE t.key = CASE WHEN n <= 3 THEN 'seldom' ELSE 'release' END
"""
FILL_NODES = """\
INSERT INTO node (instance_id, node_id, partition, status, revision, visits, reason, check_at,
    reached_at)
SELECT instance_id, 'ask', 0, 'failed', 1, 1, 'incident', now(), now()
FROM instance WHERE status = 'failed'
"""


@pytest.fixture
async def crowded(database: Database) -> AsyncIterator[Api]:
    async with running_api(database) as api:
        await api.publish()
        await api.publish(DOCUMENT.replace("key: release", "key: seldom"))
        async with database.transaction() as connection:
            await connection.execute(text(FILL), {"count": COUNT})
            await connection.execute(text(FILL_NODES))
            await connection.execute(text("ANALYZE instance, node"))
        yield api


async def _best_seconds(api: Api, params: dict[str, Any]) -> tuple[float, dict[str, Any]]:
    """Return the best of a few tries: other work on this machine is no part of the claim."""
    best = float("inf")
    page: dict[str, Any] = {}
    for _ in range(TRIES):
        begun = time.perf_counter()
        answer = await api.client.get(INSTANCES, params={"limit": 50, **params})
        best = min(best, time.perf_counter() - begun)
        assert answer.status_code == 200, answer.text
        page = answer.json()
    return best, page


ASKED: dict[str, dict[str, Any]] = {
    "newest": {},
    **{f"status {one}": {"status": one} for one in InstanceStatus},
    "open": {"status": ["failed", "running", "paused"]},
    **{f"waits for {one}": {"reason": one} for one in WaitReason},
    "actor": {"actor": "actor-7"},
    "rare actor": {"actor": "somebody"},
    "no such actor": {"actor": "nobody"},
    "template": {"template": "release"},
    "rare template": {"template": "seldom"},
    "no such template": {"template": "unknown"},
    "label": {"label": "team:team-3"},
    "labels": {"label": ["team:team-3", "team:team-4"]},
    "rare label": {"label": "team:old"},
    "no such label": {"label": "stage:none"},
    "text": {"text": "Release 1"},
    "rare text": {"text": "Release 4242"},
    "no such text": {"text": "is in no name"},
    "since": {"created_after": "2000-01-01T00:00:00Z"},
    "from now on": {"created_after": "2999-01-01T00:00:00Z"},
    "long ago": {"created_before": "2000-01-01T00:00:00Z"},
    "mocked": {"is_mock": True},
    "not mocked": {"is_mock": False},
    "all at once": {
        "status": "succeeded",
        "template": "release",
        "actor": "actor-7",
        "label": "team:team-7",
        "text": "release 99",
        "created_after": "2000-01-01T00:00:00Z",
    },
    "all at once, and nothing": {
        "status": "succeeded",
        "template": "release",
        "actor": "actor-7",
        "label": "team:team-7",
        "text": "is in no name",
        "created_after": "2000-01-01T00:00:00Z",
    },
}
"""All that the list may be narrowed by, much and little of each."""


async def test_every_page_of_a_long_list_comes_quickly(crowded: Api) -> None:
    seconds: dict[str, float] = {}
    found: dict[str, int] = {}
    for name, params in ASKED.items():
        seconds[name], page = await _best_seconds(crowded, params)
        found[name] = len(page["items"])

    assert {name: one for name, one in seconds.items() if one > LONGEST_PAGE_SECONDS} == {}
    assert {name: count for name, count in found.items() if name.startswith("rare")} == {
        "rare actor": 3,
        "rare template": 3,
        "rare label": 3,
        "rare text": 11,
    }


async def test_pages_far_down_the_list_cost_what_the_first_does(crowded: Api) -> None:
    cursor = None
    for _ in range(20):
        params = {"limit": 200, **({"cursor": cursor} if cursor else {})}
        cursor = (await crowded.client.get(INSTANCES, params=params)).json()["next_cursor"]

    seconds, page = await _best_seconds(crowded, {"cursor": cursor})

    assert len(page["items"]) == 50
    assert seconds < LONGEST_PAGE_SECONDS
