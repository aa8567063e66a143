"""The network policies allow the flows that Flowyard has, and no others."""

import shutil
from pathlib import Path

import pytest

from tests.chart.flows import ANYBODY, incoming, outgoing, unguarded
from tests.support.chart import CHART, VALUES, of_kind, render, rendered, require_helm

DNS = "kube-system/kube-dns"
PROMETHEUS = "*/prometheus"
WORLD = ("0.0.0.0/0", "::/0")


def test_of_the_smallest_release_these_connections_are_allowed_and_no_others() -> None:
    manifests = rendered("smallest")
    gateway, worker = "plugin-gateway/default", "worker/default"
    pods = ("api", "scheduler", "migrate", gateway, worker)
    stored = {
        (one, ANYBODY, port) for one in ("api", "scheduler", "migrate") for port in (5432, 9092)
    }

    assert outgoing(manifests) == (
        {(one, DNS, 53) for one in pods}
        | stored
        | {(worker, ANYBODY, 9092), (worker, gateway, 8080), (gateway, ANYBODY, 5432)}
        | {(gateway, world, "any") for world in WORLD}
    )
    assert incoming(manifests) == (
        {(PROMETHEUS, one, 8080) for one in pods}
        | {(ANYBODY, "api", 8080), (worker, gateway, 8080)}
    )


def test_what_is_narrowed_by_the_values_is_narrowed_in_the_policies() -> None:
    manifests = rendered("everything")
    pods = ("api", "scheduler", "migrate", "plugin-gateway/default", "worker/default")
    gateway, worker = pods[3:]

    assert outgoing(manifests) == (
        {(one, DNS, 53) for one in pods}
        | {(one, "observability", 4318) for one in pods}
        | {(one, "10.1.0.0/24", 6432) for one in pods if one != worker}
        | {(one, "kafka", 9092) for one in pods if one != gateway}
        | {("api", "storage", 9000)}
        | {(worker, gateway, 8080)}
        | {(gateway, world, "any") for world in WORLD}
    )
    assert incoming(manifests) == (
        {(PROMETHEUS, one, 8080) for one in pods}
        | {("ingress-nginx", "api", 8080), ("keda", "api", 8080), (worker, gateway, 8080)}
    )


def test_a_pool_of_workers_reaches_its_own_plugin_gateways_only() -> None:
    manifests = rendered("pools")
    far = {one for one in outgoing(manifests) if one[0].endswith("/far")}

    assert far == {
        ("worker/far", DNS, 53),
        ("worker/far", ANYBODY, 9092),
        ("worker/far", "plugin-gateway/far", 8080),
        ("plugin-gateway/far", DNS, 53),
        ("plugin-gateway/far", ANYBODY, 5432),
        ("plugin-gateway/far", "192.0.2.0/24", 443),
    }
    assert {one for one in incoming(manifests) if one[1].startswith("plugin-gateway")} == {
        ("worker/far", "plugin-gateway/far", 8080),
        ("worker/default", "plugin-gateway/default", 8080),
        ("worker/slow", "plugin-gateway/default", 8080),
        (PROMETHEUS, "plugin-gateway/far", 8080),
        (PROMETHEUS, "plugin-gateway/default", 8080),
    }


@pytest.mark.parametrize("values", ["smallest", "everything", "pools"])
def test_every_pod_is_isolated_in_both_directions(values: str) -> None:
    assert unguarded(rendered(values)) == []


def test_without_the_default_deny_somebody_is_not_isolated(tmp_path: Path) -> None:
    require_helm()
    chart = tmp_path / "flowyard"
    shutil.copytree(CHART, chart)
    template = chart / "templates" / "networkpolicy.yaml"
    text = template.read_text(encoding="utf-8")
    template.write_text(text.replace("[Ingress, Egress]", "[Egress]", 1), encoding="utf-8")

    found = unguarded(
        render(
            "--values", str(VALUES / "smallest.yaml"), "--set", "networkPolicy.metrics.from=null",
            chart=chart,
        )
    )  # fmt: skip

    assert "scheduler: Ingress" in found


def test_policies_can_be_left_to_others() -> None:
    assert of_kind(rendered("ingress"), "NetworkPolicy") == []
