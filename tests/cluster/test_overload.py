"""Twice as much comes as can be done: what was accepted keeps its pace, the rest is sent away."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import psutil
import pytest

from flowyard.ids import new_id
from tests.support.cluster import Cluster
from tests.support.processes import ServiceProcess
from tests.support.witness import Witness

pytestmark = [pytest.mark.kafka, pytest.mark.service, pytest.mark.timeout(300)]

SLOTS = 16
STEP_SECONDS = 0.2
NODES = 4
CAPACITY = SLOTS / STEP_SECONDS / NODES
"""Instances per second that the queue's only worker can do at most."""

CALM_SECONDS = 5
PEAK_SECONDS = 12
LITTLE_PER_SECOND = 1.0
TICK_SECONDS = 0.25
MOST_GROWTH_BYTES = 96 * 1024 * 1024
SETTLING_SECONDS = 4
"""By then the window has learned what comes."""
CREATED, TOO_MANY = 201, 429

FLOW = "flowyard: 1\nkey: bounded\ninputs:\n  witness: {type: string}\nnodes:\n" + "".join(
    f"""\
  - id: n{number}
    plugin: http_request@1.0
    queue: bounded
    inputs: {{method: POST, url: "${{witness}}/effects"}}
"""
    for number in range(NODES)
)

DESERTED = """\
flowyard: 1
key: deserted
nodes:
  - id: nobody
    plugin: noop@1.0
    queue: deserted
"""

QUICK = """\
flowyard: 1
key: quick
nodes:
  - id: a
    plugin: noop@1.0
  - id: b
    plugin: noop@1.0
"""

PACE = """\
WITH run AS (
    SELECT a.opened_at, a.closed_at, min(a.opened_at) OVER () AS began_at
    FROM attempt a JOIN instance i USING (instance_id)
    WHERE i.labels @> jsonb_build_object('run', $1::text) AND a.closed_at IS NOT NULL
)
SELECT extract(epoch FROM closed_at - opened_at)::float8 AS seconds
FROM run
WHERE opened_at >= began_at + make_interval(secs => $2)
ORDER BY 1
"""


@dataclass
class Load:
    """Asks for instances at a steady rate, whatever is answered."""

    http: httpx.Client
    project: str
    inputs: dict[str, str]
    template: str = "bounded"
    run: str = field(default_factory=lambda: str(new_id()))
    accepted: int = 0
    asked: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    refusals: list[httpx.Response] = field(default_factory=list)

    def ask(self, count: int) -> None:
        """Ask for some more, together."""
        item = {"template": self.template, "inputs": self.inputs, "labels": {"run": self.run}}
        answer = self.http.post(
            f"/projects/{self.project}/instances/actions/bulk-create",
            json={"items": [item] * count},
            headers={"Idempotency-Key": str(new_id())},
        )
        self.asked += count
        self.answers[answer.status_code] += 1
        if answer.status_code == CREATED:
            self.accepted += count
        else:
            self.refusals.append(answer)


def drive(seconds: float, *rates: tuple[Load, float]) -> None:
    """Ask at so many instances a second for a while."""
    began = time.monotonic()
    before = [load.asked for load, _ in rates]
    while (elapsed := time.monotonic() - began) < seconds:
        for (load, rate), start in zip(rates, before, strict=True):
            due = int(rate * elapsed) - (load.asked - start)
            if due > 0:
                load.ask(due)
        time.sleep(TICK_SECONDS)


@pytest.fixture
def http(cluster: Cluster) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=f"{cluster.api.address}/api/v1",
        headers={"Authorization": f"Bearer {cluster.api.token}"},
        timeout=30,
        trust_env=False,
    ) as client:
        yield client


@pytest.fixture
def bounded_worker(cluster: Cluster) -> Iterator[ServiceProcess]:
    variables = {"FLOWYARD_WORKER_QUEUES": "bounded", "FLOWYARD_WORKER_SLOTS": str(SLOTS)}
    worker = cluster.add("worker", variables=variables)
    worker.wait_ready()
    yield worker
    cluster.remove(worker)


def publish(http: httpx.Client, project: str, source: str) -> None:
    http.post("/projects", json={"name": project})
    http.post(
        f"/projects/{project}/templates/actions/apply",
        content=source,
        headers={"Content-Type": "application/yaml"},
    ).raise_for_status()


def until_all_succeeded(cluster: Cluster, load: Load, seconds: float = 90) -> None:
    statement = (
        "SELECT status, count(*) AS number FROM instance"
        " WHERE labels @> jsonb_build_object('run', $1::text) GROUP BY status"
    )
    deadline = time.monotonic() + seconds
    while True:
        found = {row["status"]: row["number"] for row in cluster.rows(statement, load.run)}
        if found == {"succeeded": load.accepted}:
            return
        assert time.monotonic() < deadline, found
        time.sleep(TICK_SECONDS)


def pace(cluster: Cluster, load: Load, share: float, *, after: float = 0) -> float:
    """Return within how many seconds a share of a load's nodes ended, from being ready.

    Parameters
    ----------
    after
        Only nodes that were ready so many seconds after the load's first one.
    """
    seconds = [row["seconds"] for row in cluster.rows(PACE, load.run, float(after))]
    return float(seconds[int(len(seconds) * share)])


def memory(cluster: Cluster) -> dict[int, int]:
    """Return the resident bytes of every process, by process id."""
    return {
        process.pid: psutil.Process(process.pid).memory_info().rss
        for service in ("api", "scheduler", "worker", "plugin-gateway")
        for process in cluster.of(service)
        if process.pid is not None
    }


def queue(http: httpx.Client, name: str) -> dict[str, Any]:
    answer = http.get(f"/queues/{name}")
    answer.raise_for_status()
    shown: dict[str, Any] = answer.json()
    return shown


def is_behind(shown: dict[str, Any]) -> bool:
    waits = shown["waiting"] or shown["waiting_starts"]
    return bool(waits) or shown["oldest_waiting_seconds"] >= 1


@pytest.mark.usefixtures("bounded_worker")
def test_accepted_work_keeps_its_pace_while_new_work_is_refused(
    cluster: Cluster, http: httpx.Client
) -> None:
    with Witness(effect_seconds=STEP_SECONDS) as witness:
        inputs = {"witness": witness.url}
        for project in ("flood", "little"):
            publish(http, project, FLOW)
        calm = Load(http, "flood", inputs)
        drive(CALM_SECONDS, (calm, CAPACITY / 2))
        until_all_succeeded(cluster, calm)
        before = memory(cluster)

        flood, little = Load(http, "flood", inputs), Load(http, "little", inputs)
        drive(PEAK_SECONDS, (flood, 2 * CAPACITY), (little, LITTLE_PER_SECOND))
        at_peak = queue(http, "bounded")
        after = memory(cluster)
        until_all_succeeded(cluster, flood)
        until_all_succeeded(cluster, little)

    paces = {
        name: [round(pace(cluster, load, share), 3) for share in (0.5, 0.99)]
        for name, load in (("calm", calm), ("flood", flood), ("little", little))
    }
    assert flood.answers[TOO_MANY] > 0
    assert set(flood.answers) == {CREATED, TOO_MANY}
    for refusal in flood.refusals:
        assert refusal.json()["code"] == "overloaded"
        assert 1 <= int(refusal.headers["Retry-After"]) <= 60
    assert set(little.answers) == {CREATED}
    usual = max(paces["calm"][-1], 2 * STEP_SECONDS)
    for load in (flood, little):
        assert pace(cluster, load, 0.99, after=SETTLING_SECONDS) <= 3 * usual, paces
        assert pace(cluster, load, 0.99) <= 5 * usual, paces
    assert max(after[pid] - before[pid] for pid in before) < MOST_GROWTH_BYTES

    deadline = time.monotonic() + 10
    # Schedulers tell once a second: what they told last may be of the moment before the end.
    while is_behind(left := queue(http, "bounded")):
        assert time.monotonic() < deadline, left
        time.sleep(TICK_SECONDS)
    assert at_peak["handed_out"] < 4 * SLOTS


def test_a_queue_without_a_worker_slows_no_other(cluster: Cluster, http: httpx.Client) -> None:
    publish(http, "lonely", DESERTED)
    publish(http, "lonely", QUICK)
    calm = Load(http, "lonely", {}, template="quick")
    drive(3, (calm, 10))
    until_all_succeeded(cluster, calm)

    deserted = Load(http, "lonely", {}, template="deserted")
    for _ in range(3):
        deserted.ask(100)
    beside = Load(http, "lonely", {}, template="quick")
    drive(3, (beside, 10))
    until_all_succeeded(cluster, beside)
    shown = queue(http, "deserted")
    cancel = http.post(
        "/projects/lonely/instances/actions/cancel",
        json={"filter": {"label": [f"run:{deserted.run}"]}},
        headers={"Idempotency-Key": str(new_id())},
    )

    assert cancel.status_code == 202
    assert deserted.accepted == 300
    assert pace(cluster, beside, 0.95) <= 3 * max(pace(cluster, calm, 0.95), 0.5)
    assert shown["waiting"] + shown["handed_out"] + shown["waiting_starts"] == 300
    assert shown["oldest_waiting_seconds"] > 1
