"""The Helm chart: its files, and what helm makes of them."""

import copy
import os
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.project import ROOT
from tools.chart_tools import HELM_PATH

CHART = ROOT / "deploy" / "helm" / "flowyard"
VALUES = ROOT / "tests" / "chart" / "values"
VALUE_SETS = tuple(sorted(path.stem for path in VALUES.glob("*.yaml")))
RELEASE = "flow"
NAMESPACE = "operations"
WORKLOADS = ("Deployment", "StatefulSet", "Job", "CronJob")

Manifest = dict[str, Any]


class RenderError(Exception):
    """helm refused the values or the chart."""


def require_helm() -> None:
    if HELM_PATH.exists():
        return
    if os.environ.get("FLOWYARD_REQUIRE_HELM"):  # noqa: TID251  # set by `make check-helm`
        pytest.fail("helm is not there: `make check-helm` builds it")
    pytest.skip("helm is not there: `make check-helm` builds it")


def helm(*arguments: str) -> str:
    done = subprocess.run(  # noqa: S603  # the helm that we have built
        [HELM_PATH, *arguments], capture_output=True, text=True, check=False, timeout=60
    )
    if done.returncode:
        raise RenderError(done.stdout + done.stderr)
    return done.stdout


def render(*arguments: str, chart: Path = CHART) -> list[Manifest]:
    """Return what would be installed, hooks too."""
    options = ("--namespace", NAMESPACE, *arguments)
    text = helm("template", RELEASE, str(chart), *options)
    return [one for one in yaml.safe_load_all(text) if one]


@cache
def _rendered(name: str) -> tuple[Manifest, ...]:
    return tuple(render("--values", str(VALUES / f"{name}.yaml")))


def rendered(name: str) -> list[Manifest]:
    """Return what a set of values under tests/chart/values makes; the caller may change it."""
    require_helm()
    return copy.deepcopy(list(_rendered(name)))


def of_kind(manifests: list[Manifest], *kinds: str) -> list[Manifest]:
    return [one for one in manifests if one["kind"] in kinds]


def name_of(manifest: Manifest) -> str:
    return f"{manifest['kind']}/{manifest['metadata']['name']}"


def pod_of(workload: Manifest) -> Manifest:
    """Return the pod template of a Deployment, StatefulSet, Job or CronJob."""
    spec = workload["spec"]
    if workload["kind"] == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    template: Manifest = spec["template"]
    return template


def component_of(workload: Manifest) -> str:
    component: str = pod_of(workload)["metadata"]["labels"]["app.kubernetes.io/component"]
    return component


def containers_of(workload: Manifest) -> list[Manifest]:
    spec = pod_of(workload)["spec"]
    return [*spec.get("initContainers", []), *spec["containers"]]


def workloads(manifests: list[Manifest]) -> list[Manifest]:
    return of_kind(manifests, *WORKLOADS)


def services(manifests: list[Manifest]) -> list[Manifest]:
    """Return the workloads that go on for ever."""
    return of_kind(manifests, "Deployment", "StatefulSet")


def environment_of(workload: Manifest) -> dict[str, str]:
    """Return a container's variables, those from secrets as ``secret/key``."""
    variables: dict[str, str] = {}
    for one in containers_of(workload)[0]["env"]:
        secret = one.get("valueFrom", {}).get("secretKeyRef")
        if secret:
            variables[one["name"]] = f"{secret['name']}/{secret['key']}"
        elif "value" in one:
            variables[one["name"]] = one["value"]
    return variables


def selects(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    """Tell whether a label selector takes pods with these labels in."""
    if selector.get("matchExpressions"):
        raise AssertionError("Expected matchLabels alone, but there are expressions")
    wanted: dict[str, str] = selector.get("matchLabels", {})
    return wanted.items() <= labels.items()


def maps_below(value: object) -> Iterator[dict[str, Any]]:
    """Walk every map inside of a value."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from maps_below(one)
