"""Each set of values keeps to the policies, and each policy notices when the chart breaks it."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.chart.policies import POLICIES, faults
from tests.support.chart import CHART, VALUE_SETS, VALUES, render, rendered, require_helm

WITHOUT_BUDGETS = {"ingress"}
"""Values that ask for none."""


@dataclass(frozen=True, slots=True)
class Breach:
    """A change of a template that no check may let pass."""

    file: str
    before: str
    after: str
    fault: str


BREACHES = (
    Breach("_pod.tpl", "runAsUser: 10001", "runAsUser: 0", "may run as root"),
    Breach("_pod.tpl", "runAsNonRoot: true", "runAsNonRoot: false", "may run as root"),
    Breach("_pod.tpl", "type: RuntimeDefault", "type: Unconfined", "no seccomp profile"),
    Breach(
        "_pod.tpl",
        "automountServiceAccountToken: false",
        "automountServiceAccountToken: true",
        "mounts a token",
    ),
    Breach("_pod.tpl", "enableServiceLinks: false", "", "whatever Services"),
    Breach("_pod.tpl", "volumes:\n  - name: tmp", "hostNetwork: true\nvolumes:\n  - name: tmp",
           "shares the machine"),
    Breach("_pod.tpl", "emptyDir:\n      sizeLimit: 64Mi", "hostPath: {path: /tmp}",
           "mounts the machine"),
    Breach("_pod.tpl", "readOnlyRootFilesystem: true", "", "may write to its image"),
    Breach("_pod.tpl", "allowPrivilegeEscalation: false", "", "may get more rights"),
    Breach("_pod.tpl", "drop: [ALL]", "drop: [NET_RAW]", "keeps capabilities"),
    Breach("_pod.tpl", "mountPath: /tmp", "mountPath: /var/tmp", "has no /tmp"),
    Breach("_pod.tpl", "{{- toYaml .values.resources | nindent 2 }}", "{}", "what it needs"),
    Breach("_pod.tpl", "path: /readyz", "path: /healthz", "no readinessProbe"),
    Breach("_pod.tpl", "startupProbe:", "X:", "no startupProbe"),
    Breach("_pod.tpl", "livenessProbe:", "Y:", "no livenessProbe"),
    Breach("_pod.tpl", "terminationGracePeriodSeconds: {{ .grace }}",
           "terminationGracePeriodSeconds: 30", "is killed after 30 s"),
    Breach("_pod.tpl", "with .values.topologySpread", "with list", "may stand on one node"),
    Breach("_env.tpl", '{{- define "flowyard.env.worker" }}',
           '{{- define "flowyard.env.worker" }}\n{{- include "flowyard.env.database" .root }}',
           "is told its database"),
    Breach("_env.tpl", '{{- define "flowyard.env.plugin-gateway" }}',
           '{{- define "flowyard.env.plugin-gateway" }}\n{{- include "flowyard.env.kafka" .root }}',
           "is told its kafka"),
    Breach("_env.tpl", '{{- define "flowyard.env.api" }}',
           '{{- define "flowyard.env.api" }}\n- name: FLOWYARD_PLUGIN_GATEWAY_SECRET_KEY\n'
           "  valueFrom: {secretKeyRef: {name: a, key: b}}", "is told its key"),
    Breach("scheduler.yaml", '"component" "scheduler"', '"component" "api"', "selects others"),
    Breach("plugin-gateway.yaml", '{{- include "flowyard.budget" $of }}', "",
           "has 0 disruption budgets"),
    Breach("_pod.tpl", "maxUnavailable: {{ .root.Values.podDisruptionBudget.maxUnavailable }}",
           "maxUnavailable: 0", "lets no node be emptied"),
    Breach("_helpers.tpl", "flowyard-pool: {{ . }}", "flowyard-pool: all", "selects others"),
)  # fmt: skip


def _with_breach(breach: Breach, folder: Path) -> Path:
    chart = folder / "flowyard"
    shutil.copytree(CHART, chart)
    template = chart / "templates" / breach.file
    text = template.read_text(encoding="utf-8")
    assert breach.before in text, f"{breach.file} does not hold what is to be broken"
    template.write_text(text.replace(breach.before, breach.after, 1), encoding="utf-8")
    return chart


@pytest.mark.parametrize("values", VALUE_SETS)
def test_a_rendering_keeps_to_every_policy(values: str) -> None:
    found = faults(rendered(values))

    if values in WITHOUT_BUDGETS:
        found = [fault for fault in found if not fault.endswith("has 0 disruption budgets")]
    assert found == []


@pytest.mark.parametrize("breach", BREACHES, ids=lambda one: f"{one.file}: {one.fault}")
def test_a_chart_that_breaks_a_policy_is_noticed(breach: Breach, tmp_path: Path) -> None:
    require_helm()
    chart = _with_breach(breach, tmp_path)

    found = faults(render("--values", str(VALUES / "pools.yaml"), chart=chart))

    assert [fault for fault in found if breach.fault in fault], found


def test_there_is_something_to_keep_to() -> None:
    assert len(POLICIES) == 8
    assert set(VALUE_SETS) == {"smallest", "everything", "pools", "ingress"}
