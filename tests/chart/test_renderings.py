"""What helm makes of the chart is what Kubernetes, KEDA and Prometheus' operator take."""

import copy
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml

from tests.support.chart import (
    CHART,
    RELEASE,
    VALUE_SETS,
    VALUES,
    Manifest,
    RenderError,
    component_of,
    containers_of,
    environment_of,
    helm,
    maps_below,
    name_of,
    of_kind,
    pod_of,
    render,
    rendered,
    require_helm,
    services,
    workloads,
)
from tools.chart_tools import KEDA, OPERATOR, SOURCES, kept
from tools.generate_docs import RULES

OLDEST_KUBERNETES = "1.27"
"""The least that Chart.yaml asks for."""

CUSTOM = {
    "ScaledObject": KEDA,
    "TriggerAuthentication": KEDA,
    "PodMonitor": OPERATOR,
    "PrometheusRule": OPERATOR,
}


def _resources() -> dict[str, dict[str, Any]]:
    """Return the schema of each custom resource, closed to what it does not name."""
    schemas = {}
    for source in SOURCES:
        for file in source.files:
            if not file.endswith(".yaml"):
                continue
            crd = yaml.safe_load(kept(source, file).read_text(encoding="utf-8"))
            (version,) = crd["spec"]["versions"]
            schema = version["schema"]["openAPIV3Schema"]
            for one in list(maps_below(schema)):
                is_open = one.get("x-kubernetes-preserve-unknown-fields")
                if isinstance(one.get("properties"), dict) and one.get("type") == "object":
                    one.setdefault("additionalProperties", bool(is_open))
            # The root's metadata is Kubernetes' own, of which the resource tells nothing.
            schema["properties"]["metadata"] = {"type": "object"}
            schemas[crd["spec"]["names"]["kind"]] = schema
    return schemas


def _faults(manifest: Manifest, schemas: dict[str, dict[str, Any]]) -> list[str]:
    if manifest["kind"] in schemas:
        validator = jsonschema.Draft202012Validator(schemas[manifest["kind"]])
        return [error.message for error in validator.iter_errors(manifest)]
    newest = kubernetes_validate.latest_version()
    found = []
    for version in (OLDEST_KUBERNETES, newest):
        try:
            kubernetes_validate.validate(manifest, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            found.append(f"{version}: {error.message}")
    return found


@pytest.mark.parametrize("values", VALUE_SETS)
def test_helm_finds_no_fault(values: str) -> None:
    require_helm()

    told = helm("lint", "--strict", str(CHART), "--values", str(VALUES / f"{values}.yaml"))

    assert "0 chart(s) failed" in told
    assert "[WARNING]" not in told


@pytest.mark.parametrize("values", VALUE_SETS)
def test_every_document_is_one_that_its_api_takes(values: str) -> None:
    manifests = rendered(values)
    schemas = _resources()

    faults = {name_of(one): found for one in manifests if (found := _faults(one, schemas))}

    assert faults == {}


def test_between_them_the_values_render_every_kind_that_the_chart_knows() -> None:
    kinds = {one["kind"] for values in VALUE_SETS for one in rendered(values)}
    written = {
        line.removeprefix("kind: ").strip()
        for template in (CHART / "templates").iterdir()
        for line in template.read_text(encoding="utf-8").splitlines()
        if line.startswith("kind: ")
    }

    assert kinds == written
    assert kinds >= CUSTOM.keys()


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("Deployment", ["spec", "replica"], 2),
        ("ScaledObject", ["spec", "maxReplicas"], 2),
        ("ScaledObject", ["spec", "pollingInterval"], "soon"),
        ("PodMonitor", ["spec", "selectors"], {}),
        ("TriggerAuthentication", ["spec", "secretRef"], []),
    ],
)
def test_a_field_that_does_not_exist_or_has_no_such_value_is_found(
    kind: str, path: list[str], value: object
) -> None:
    manifest = copy.deepcopy(of_kind(rendered("everything"), kind)[0])
    place = manifest
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value

    assert _faults(manifest, _resources())


def test_names_stay_within_what_kubernetes_allows_however_long_the_release_is_called() -> None:
    require_helm()
    long = "a-release-with-a-very-long-name-that-goes-on"
    pool = "pluginGateway.pools.abcdefghij12.replicas=1"
    text = helm("template", long, str(CHART), "--set", pool)
    manifests = [one for one in yaml.safe_load_all(text) if one]

    for one in manifests:
        # A StatefulSet's revision and a HorizontalPodAutoscaler's name add eleven characters.
        assert len(one["metadata"]["name"]) <= 52, name_of(one)


def test_the_migration_runs_before_everything_and_needs_nothing_that_comes_after_it() -> None:
    manifests = rendered("smallest")
    hooks = {
        name_of(one): one["metadata"]["annotations"]
        for one in manifests
        if "helm.sh/hook" in one["metadata"].get("annotations", {})
    }
    (job,) = of_kind(manifests, "Job")
    account = f"ServiceAccount/{pod_of(job)['spec']['serviceAccountName']}"

    assert containers_of(job)[0]["args"][:3] == ["migrate", "--phase", "expand"]
    assert hooks.keys() == {name_of(job), account}
    assert {one["helm.sh/hook"] for one in hooks.values()} == {"pre-install,pre-upgrade"}
    assert int(hooks[account]["helm.sh/hook-weight"]) < int(
        hooks[name_of(job)]["helm.sh/hook-weight"]
    )


def test_the_contract_phase_waits_for_a_person() -> None:
    (cronjob,) = of_kind(rendered("smallest"), "CronJob")

    assert cronjob["spec"]["suspend"] is True
    assert containers_of(cronjob)[0]["args"][:3] == ["migrate", "--phase", "contract"]
    assert environment_of(cronjob) == environment_of(of_kind(rendered("smallest"), "Job")[0])


def test_each_service_runs_its_own_command_of_its_own_image() -> None:
    for workload in services(rendered("smallest")):
        component, container = component_of(workload), containers_of(workload)[0]
        assert container["args"][0] == component
        assert container["image"] == f"flowyard-{component}:0.1.0"


def test_an_image_is_named_by_registry_tag_and_digest() -> None:
    manifests = rendered("everything")
    images = {component_of(one): containers_of(one)[0]["image"] for one in workloads(manifests)}

    assert images["api"] == f"registry.example.com/team/api@sha256:{'a' * 64}"
    assert images["worker"] == "registry.example.com/team/flowyard-worker:1.2.3"


def test_a_pool_has_what_all_have_and_what_it_says_itself() -> None:
    workers = {
        pod_of(one)["metadata"]["labels"]["flowyard-pool"]: one
        for one in services(rendered("pools"))
        if component_of(one) == "worker"
    }
    slow, far = workers["slow"], workers["far"]

    assert environment_of(slow)["FLOWYARD_WORKER_SLOTS"] == "64"
    assert "replicas" not in slow["spec"]
    assert far["spec"]["replicas"] == 1
    assert environment_of(far)["FLOWYARD_WORKER_SLOTS"] == "512"
    assert pod_of(far)["spec"]["nodeSelector"] == {"topology.kubernetes.io/region": "far"}


@pytest.mark.parametrize(
    "setting",
    [
        "replicas=3",
        "scheduler.replica=3",
        "scheduler.replicas=many",
        "scheduler.settings.windows=3",
        "scheduler.settings.window=0",
        "api.settings.database_url=x",
        "worker.pools.default.queue={a}",
        "worker.pools.Default.slots=3",
        "worker.queues={Not A Queue}",
        "telemetry.sampleRatio=2",
        "publicUrl=flowyard.example.com",
        "api.image.digest=latest",
        "autoscaling.source=kafka",
        "pluginGateway.egress=everywhere",
        "kafka.sasl=plain",
    ],
)
def test_values_that_are_unknown_or_wrong_are_refused(setting: str) -> None:
    require_helm()

    with pytest.raises(RenderError, match="values don't meet the specifications"):
        render("--set", setting)


def test_the_notes_name_what_there_is() -> None:
    require_helm()
    text = helm("install", RELEASE, str(CHART), "--dry-run=client", "--namespace", "operations",
                "--values", str(VALUES / "pools.yaml"))  # fmt: skip
    notes = text.partition("NOTES:")[2]

    assert "exec flow-flowyard-plugin-gateway-default-0 --" in notes
    assert "--from=cronjob/flow-flowyard-contract " in notes
    assert "CAREFUL" not in notes


def test_alerts_are_those_of_the_project_and_go_by_the_job_that_pods_are_scraped_as() -> None:
    manifests = render("--values", str(VALUES / "everything.yaml"), "--set", "nameOverride=flows")
    (monitor,) = of_kind(manifests, "PodMonitor")
    (rule,) = of_kind(manifests, "PrometheusRule")
    written = yaml.safe_load(RULES.read_text(encoding="utf-8"))

    alerts = [one for group in rule["spec"]["groups"] for one in group["rules"]]
    names = [one["alert"] for group in written["groups"] for one in group["rules"]]
    assert [one["alert"] for one in alerts] == names
    job = monitor["metadata"]["labels"][monitor["spec"]["jobLabel"]]
    (down,) = [one for one in alerts if one["alert"] == "FlowyardProcessDown"]
    assert down["expr"] == f'up{{job="{job}"}} == 0'
    for one in alerts:
        section = one["alert"].lower()
        address = f"https://ops.example.com/flowyard/runbooks.md#{section}"
        assert one["annotations"]["runbook_url"] == address
