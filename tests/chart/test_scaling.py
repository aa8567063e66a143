"""Pools grow with what waits in their queues, plugin gateways with the workers that use them."""

import re
from typing import Any

import pytest

from tests.support.chart import (
    NAMESPACE,
    Manifest,
    RenderError,
    environment_of,
    name_of,
    of_kind,
    render,
    rendered,
    require_helm,
    services,
)
from tools.chart_tools import KEDA, kept

LOGINS = "authentication_types.go"
"""What every scaler that logs in has in common."""
SIGNALS = {"waiting", "handed_out", "waiting_starts", "oldest_waiting_seconds"}


def _scaled(manifests: list[Manifest]) -> dict[str, list[dict[str, Any]]]:
    return {
        f"{one['spec']['scaleTargetRef']['kind']}/{one['spec']['scaleTargetRef']['name']}": one[
            "spec"
        ]["triggers"]
        for one in of_kind(manifests, "ScaledObject")
    }


def _queues(triggers: list[dict[str, Any]]) -> set[str]:
    return {trigger["name"].split("-", 1)[1] for trigger in triggers}


@pytest.mark.parametrize("values", ["everything", "pools"])
def test_what_is_scaled_exists_and_says_no_number_itself(values: str) -> None:
    manifests = rendered(values)
    there = {name_of(one): one for one in services(manifests)}
    scaled = _scaled(manifests)

    assert scaled
    for name, workload in there.items():
        assert ("replicas" in workload["spec"]) is (name not in scaled)
    assert scaled.keys() <= there.keys()


@pytest.mark.parametrize("values", ["everything", "pools"])
def test_each_queue_counts_by_what_waits_and_by_its_age_and_never_by_kafka(values: str) -> None:
    for triggers in _scaled(rendered(values)).values():
        for queue in _queues(triggers):
            names = {one["name"].split("-", 1)[0] for one in triggers if queue in one["name"]}
            assert names >= SIGNALS
        for one in triggers:
            assert one["type"] in {"metrics-api", "prometheus"}
            is_age = one["name"].startswith("oldest")
            assert one["metricType"] == ("Value" if is_age else "AverageValue")


def test_plugin_gateways_grow_by_the_queues_of_all_workers_that_use_them() -> None:
    scaled = _scaled(rendered("pools"))

    assert {name: _queues(triggers) for name, triggers in scaled.items()} == {
        "Deployment/flow-flowyard-worker-default": {"default", "urgent"},
        "Deployment/flow-flowyard-worker-slow": {"slow_reports"},
        "StatefulSet/flow-flowyard-plugin-gateway-default": {"default", "urgent", "slow_reports"},
    }


def test_the_api_is_asked_where_it_listens_with_the_token_of_the_secret() -> None:
    manifests = rendered("everything")
    service = next(
        one for one in of_kind(manifests, "Service") if one["spec"].get("clusterIP") != "None"
    )
    address = f"http://{service['metadata']['name']}.{NAMESPACE}.svc"
    port = service["spec"]["ports"][0]["port"]
    given = {one["metadata"]["name"] for one in of_kind(manifests, "TriggerAuthentication")}

    for triggers in _scaled(manifests).values():
        for one in triggers:
            assert one["metadata"]["url"] == f"{address}:{port}/api/v1/queues/default"
            assert one["metadata"]["authMode"] == "bearer"
            assert {one["authenticationRef"]["name"]} == given


def test_of_prometheus_a_queue_that_was_never_used_is_zero_and_no_scheduler_is_no_answer() -> None:
    for triggers in _scaled(rendered("pools")).values():
        for one in triggers:
            none = '0 * count(flowyard_service_info{service="scheduler",namespace="flowyard"})'
            assert one["metadata"]["query"].endswith(f" or {none}")
            assert one["metadata"]["ignoreNullValues"] == "false"
            assert one["authenticationRef"] == {"name": "prometheus-login"}


@pytest.mark.parametrize(
    ("values", "file"),
    [("everything", "metrics_api_scaler.go"), ("pools", "prometheus_scaler.go")],
)
def test_every_field_of_a_trigger_is_one_that_keda_reads(values: str, file: str) -> None:
    require_helm()
    sources = [kept(KEDA, name).read_text(encoding="utf-8") for name in (file, LOGINS)]
    names = re.findall(r'keda:"name=([\w;]+)', "".join(sources))
    known = {name for several in names for name in several.split(";")}

    assert known >= {"targetValue", "url"} or known >= {"threshold", "query"}
    for triggers in _scaled(rendered(values)).values():
        for one in triggers:
            assert one["metadata"].keys() <= known


@pytest.mark.parametrize("values", ["smallest", "everything", "pools"])
def test_workers_know_every_plugin_gateway_that_there_can_be_by_its_own_name(values: str) -> None:
    manifests = rendered(values)
    gateways = {one["metadata"]["name"]: one for one in of_kind(manifests, "StatefulSet")}
    most = {
        one["spec"]["scaleTargetRef"]["name"]: one["spec"]["maxReplicaCount"]
        for one in of_kind(manifests, "ScaledObject")
    }
    headless = {
        one["metadata"]["name"]
        for one in of_kind(manifests, "Service")
        if one["spec"].get("clusterIP") == "None"
    }

    for worker in of_kind(manifests, "Deployment"):
        urls = environment_of(worker).get("FLOWYARD_WORKER_PLUGIN_GATEWAY_URLS")
        if urls is None:
            continue
        places = [re.fullmatch(r"http://(.+)-(\d+)\.([^.]+):8080", one) for one in urls.split(",")]
        named: dict[str, list[int]] = {}
        for place in places:
            assert place is not None
            assert gateways[place[1]]["spec"]["serviceName"] == place[3]
            assert place[3] in headless
            named.setdefault(place[1], []).append(int(place[2]))
        for name, numbers in named.items():
            replicas = gateways[name]["spec"].get("replicas", most.get(name))
            assert numbers == list(range(replicas))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("worker.gateways={near}", "none of pluginGateway.pools"),
        ("worker.autoscaling.enabled=true,worker.autoscaling.minReplicas=9", "minReplicas is more"),
        ("pluginGateway.pools.lone.autoscaling.enabled=true", "no pool of workers uses it"),
        ("ingress.enabled=true", "needs ingress.host"),
    ],
)
def test_values_that_do_not_go_together_are_refused_with_the_reason(
    settings: str, words: str
) -> None:
    require_helm()

    with pytest.raises(RenderError, match=words):
        render("--set", settings)
