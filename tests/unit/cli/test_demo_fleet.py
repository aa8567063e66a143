from typing import Any

import httpx
import pytest

from flowyard_cli.demo_fleet import CallFault, Fleet, HostFault, MetricFault, RefusedError
from flowyard_cli.demo_service import demo_app


def opened() -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=demo_app()), base_url="http://demo.example"
    )


def test_a_host_is_restarted_only_while_it_is_drained() -> None:
    fleet = Fleet()
    host = fleet.host("app-1")
    fleet.put_bundle("2.0.0")

    with pytest.raises(RefusedError, match="drained"):
        fleet.restart(host, "2.0.0")
    fleet.drain(host)
    fleet.restart(host, "2.0.0")

    assert host.version == "2.0.0"
    assert list(fleet.calls) == ["bundle 2.0.0", "drain app-1", "restart app-1 2.0.0"]


def test_a_host_is_not_restarted_in_a_version_that_it_does_not_have() -> None:
    fleet = Fleet()
    host = fleet.host("app-1")
    fleet.drain(host)

    with pytest.raises(RefusedError, match=r"2\.0\.0"):
        fleet.restart(host, "2.0.0")


def test_a_host_that_is_not_healthy_gets_no_traffic() -> None:
    fleet = Fleet()
    host = fleet.host("app-1")
    fleet.fault(HostFault(host="app-1", version="1.4.1"))
    fleet.drain(host)
    fleet.restart(host, "1.4.1")

    with pytest.raises(RefusedError, match="healthy"):
        fleet.undrain(host)

    assert fleet.share("1.4.1") == 0.75


def test_a_call_fails_as_often_as_it_was_told_to() -> None:
    fleet = Fleet()
    fleet.fault(CallFault(call="mute shop", times=1))

    with pytest.raises(RefusedError) as refused:
        fleet.mute("shop", "ada")
    fleet.mute("shop", "ada")

    assert refused.value.status == 503
    assert list(fleet.calls) == ["mute shop"]


def test_alarms_are_muted_and_unmuted_by_one_at_a_time() -> None:
    fleet = Fleet()
    fleet.mute("shop", "ada")

    with pytest.raises(RefusedError, match="ada"):
        fleet.mute("shop", "bob")
    fleet.unmute("shop", "bob")
    fleet.mute("shop", "ada")
    assert fleet.silences == {"shop": "ada"}

    fleet.unmute("shop", "ada")
    assert fleet.silences == {}


def test_a_metric_is_that_of_its_labels_before_that_of_its_name() -> None:
    fleet = Fleet()
    fleet.fault(MetricFault(metric='error_ratio{version="2.0.0"}', value=0.2))

    found = [
        fleet.metric(query)
        for query in ('error_ratio{version="2.0.0"}', 'error_ratio{version="1.4.1"}', "nothing")
    ]

    assert found == [0.2, 0.002, None]


def test_the_colour_with_the_traffic_is_neither_replaced_nor_torn_down() -> None:
    fleet = Fleet()

    with pytest.raises(RefusedError):
        fleet.deploy("blue", "2.0.0")
    with pytest.raises(RefusedError):
        fleet.tear_down("blue")
    with pytest.raises(RefusedError):
        fleet.switch("green")

    assert not fleet.calls


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/hosts/app-9", None, 404),
        ("POST", "/hosts/app-1/dance", None, 404),
        ("POST", "/hosts/app-1/restart", {"version": "1.4.1"}, 409),
        ("GET", "/colours/green", None, 404),
        ("GET", "/colours/red", None, 422),
        ("PUT", "/traffic", {"live": "red"}, 422),
        ("POST", "/faults", {"call": "mute shop", "host": "app-1"}, 422),
    ],
)
async def test_what_cannot_be_done_is_refused(
    method: str, path: str, body: Any, status: int
) -> None:
    async with opened() as http:
        answer = await http.request(method, path, json=body)

    assert answer.status_code == status
    assert "error" in answer.json()


async def test_queries_are_answered_as_prometheus_does() -> None:
    async with opened() as http:
        known = await http.get("/api/v1/query", params={"query": "disk_percent"})
        unknown = await http.get("/api/v1/query", params={"query": "mood"})

    data = known.json()["data"]
    assert data["resultType"] == "vector"
    assert [sample["value"][1] for sample in data["result"]] == ["41.0"]
    assert unknown.json()["data"]["result"] == []


async def test_messages_are_kept_and_counted_among_the_calls() -> None:
    async with opened() as http:
        await http.post("/inbox", json={"subject": "Hello"})
        await http.post("/heartbeats/night", json={})

        inbox, calls = await http.get("/inbox"), await http.get("/calls")

    assert inbox.json() == [{"subject": "Hello"}]
    assert calls.json() == ["notify Hello", "beat night"]
