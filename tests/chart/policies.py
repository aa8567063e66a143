"""What every rendering of the chart has to keep to: each function returns the faults, in words."""

from collections.abc import Callable, Iterator
from typing import Any

from tests.support.chart import (
    Manifest,
    component_of,
    containers_of,
    maps_below,
    name_of,
    of_kind,
    pod_of,
    selects,
    services,
    workloads,
)

DATABASE, KAFKA, KEY, HEADERS, ARCHIVE = "database", "kafka", "key", "headers", "archive"

NEEDS = {
    "api": {DATABASE, KAFKA, HEADERS, ARCHIVE},
    "scheduler": {DATABASE, KAFKA, HEADERS},
    "worker": {KAFKA, HEADERS},
    "plugin-gateway": {DATABASE, KEY, HEADERS},
    "migrate": {DATABASE, KAFKA},
}
"""Which secrets each component may read, by what its variable is for."""

VARIABLE_OF = {
    "FLOWYARD_DATABASE_URL": DATABASE,
    "FLOWYARD_KAFKA_SERVERS": KAFKA,
    "FLOWYARD_KAFKA_SASL_USERNAME": KAFKA,
    "FLOWYARD_KAFKA_SASL_PASSWORD": KAFKA,
    "FLOWYARD_PLUGIN_GATEWAY_SECRET_KEY": KEY,
    "FLOWYARD_API_ARCHIVE_KEY_ID": ARCHIVE,
    "FLOWYARD_API_ARCHIVE_SECRET_KEY": ARCHIVE,
    "OTEL_EXPORTER_OTLP_HEADERS": HEADERS,
}

OPTIONAL = {HEADERS, ARCHIVE}
"""What only some clusters have."""


def unsafe_pods(manifests: list[Manifest]) -> Iterator[str]:
    """Who runs as root, or could become it, or reaches the machine below."""
    for workload in workloads(manifests):
        spec, name = pod_of(workload)["spec"], name_of(workload)
        security = spec.get("securityContext", {})
        if not (security.get("runAsNonRoot") and security.get("runAsUser") == 10001):
            yield f"{name} may run as root"
        if security.get("seccompProfile") != {"type": "RuntimeDefault"}:
            yield f"{name} has no seccomp profile"
        if spec.get("automountServiceAccountToken") is not False:
            yield f"{name} mounts a token for Kubernetes"
        if spec.get("enableServiceLinks") is not False:
            yield f"{name} takes variables from whatever Services there are"
        if any(spec.get(one) for one in ("hostNetwork", "hostPID", "hostIPC")):
            yield f"{name} shares the machine"
        if any("hostPath" in volume for volume in spec.get("volumes", [])):
            yield f"{name} mounts the machine's files"


def unsafe_containers(manifests: list[Manifest]) -> Iterator[str]:
    for workload in workloads(manifests):
        for container in containers_of(workload):
            name = f"{name_of(workload)}/{container['name']}"
            security = container.get("securityContext", {})
            if security.get("readOnlyRootFilesystem") is not True:
                yield f"{name} may write to its image"
            if security.get("allowPrivilegeEscalation") is not False or security.get("privileged"):
                yield f"{name} may get more rights"
            if security.get("capabilities") != {"drop": ["ALL"]}:
                yield f"{name} keeps capabilities"
            if {"name": "tmp", "mountPath": "/tmp"} not in container["volumeMounts"]:  # noqa: S108
                yield f"{name} has no /tmp"


def unbounded(manifests: list[Manifest]) -> Iterator[str]:
    for workload in workloads(manifests):
        for container in containers_of(workload):
            resources = container.get("resources", {})
            name = name_of(workload)
            if not {"cpu", "memory"} <= resources.get("requests", {}).keys():
                yield f"{name} does not say what it needs"
            if "memory" not in resources.get("limits", {}):
                yield f"{name} has no bound of memory"
            if "cpu" in resources.get("limits", {}):
                yield f"{name} may be held up until its lease lapses"


def unprobed(manifests: list[Manifest]) -> Iterator[str]:
    wanted = {"startupProbe": "/healthz", "livenessProbe": "/healthz", "readinessProbe": "/readyz"}
    for workload in services(manifests):
        for container in containers_of(workload):
            ports = {port["name"] for port in container.get("ports", [])}
            for probe, path in wanted.items():
                request = container.get(probe, {}).get("httpGet", {})
                if request.get("path") != path or request.get("port") not in ports:
                    yield f"{name_of(workload)} has no {probe} on {path}"


def misplaced_secrets(manifests: list[Manifest]) -> Iterator[str]:
    for workload in workloads(manifests):
        allowed, found = NEEDS[component_of(workload)], set()
        for variable in containers_of(workload)[0]["env"]:
            purpose = VARIABLE_OF.get(variable["name"])
            found |= {purpose} if purpose else set()
            if "secretKeyRef" in variable.get("valueFrom", {}) and purpose not in allowed:
                yield f"{name_of(workload)} reads a secret as {variable['name']}"
        for extra in found - allowed:
            yield f"{name_of(workload)} is told its {extra}"
        for missing in allowed - found - OPTIONAL:
            yield f"{name_of(workload)} is not told its {missing}"
        if any("envFrom" in one or "secret" in one for one in maps_below(pod_of(workload))):
            yield f"{name_of(workload)} takes a secret in as a whole"


def unbudgeted(manifests: list[Manifest]) -> Iterator[str]:
    """Which deployments have no disruption budget of their own, or one that cannot be kept."""
    budgets = of_kind(manifests, "PodDisruptionBudget")
    for workload in services(manifests):
        labels = pod_of(workload)["metadata"]["labels"]
        own = [one for one in budgets if selects(one["spec"]["selector"], labels)]
        if len(own) != 1:
            yield f"{name_of(workload)} has {len(own)} disruption budgets"
        elif not own[0]["spec"].get("maxUnavailable"):
            yield f"{name_of(workload)} lets no node be emptied"


def shared_selectors(manifests: list[Manifest]) -> Iterator[str]:
    """Which workloads, services and spreads take in pods of others."""
    pods = {name_of(one): pod_of(one)["metadata"]["labels"] for one in services(manifests)}
    for workload in services(manifests):
        name = name_of(workload)
        selectors: list[dict[str, Any]] = [workload["spec"]["selector"]]
        spreads = pod_of(workload)["spec"].get("topologySpreadConstraints", [])
        if not spreads:
            yield f"{name} may stand on one node"
        selectors += [one["labelSelector"] for one in spreads]
        for selector in selectors:
            if [other for other, labels in pods.items() if selects(selector, labels)] != [name]:
                yield f"{name} selects others, or not itself"
    for service in of_kind(manifests, "Service"):
        taken = [
            other
            for other, labels in pods.items()
            if selects({"matchLabels": service["spec"]["selector"]}, labels)
        ]
        if len(taken) != 1:
            yield f"{name_of(service)} leads to {taken}"


def impatient(manifests: list[Manifest]) -> Iterator[str]:
    """Who is killed before it may have finished."""
    drains = {"worker": 20.0, "plugin-gateway": 60.0}
    for workload in services(manifests):
        component = component_of(workload)
        variable = f"FLOWYARD_{component.upper().replace('-', '_')}_DRAIN_SECONDS"
        drain = drains.get(component, 0.0)
        for one in containers_of(workload)[0]["env"]:
            drain = float(one["value"]) if one["name"] == variable else drain
        grace = pod_of(workload)["spec"]["terminationGracePeriodSeconds"]
        if grace < drain + 15:
            yield f"{name_of(workload)} drains for {drain} s, but is killed after {grace} s"


POLICIES: tuple[Callable[[list[Manifest]], Iterator[str]], ...] = (
    unsafe_pods,
    unsafe_containers,
    unbounded,
    unprobed,
    misplaced_secrets,
    unbudgeted,
    shared_selectors,
    impatient,
)
"""All of them; those on the network stand in flows.py."""


def faults(manifests: list[Manifest]) -> list[str]:
    """Return what is wrong with a rendering, of all policies together."""
    return [fault for policy in POLICIES for fault in policy(manifests)]
