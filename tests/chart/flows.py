"""Which connections the network policies of a rendering allow, as Kubernetes reads them."""

from collections.abc import Iterable, Iterator
from typing import Any

from tests.support.chart import Manifest, of_kind, pod_of, selects, workloads

ANYBODY = "anybody"

Flow = tuple[str, str, int | str]
"""From, to, and port; ``anybody`` where no peer is named, else a pool or what a peer says."""


def names_of_pods(manifests: list[Manifest]) -> dict[str, dict[str, str]]:
    """Return the labels of every kind of pod, by component and pool."""
    found: dict[str, dict[str, str]] = {}
    for workload in workloads(manifests):
        labels = pod_of(workload)["metadata"]["labels"]
        pool = labels.get("flowyard-pool")
        component = labels["app.kubernetes.io/component"]
        found[f"{component}/{pool}" if pool else component] = labels
    return found


def _policies_of(
    manifests: list[Manifest], labels: dict[str, str], kind: str
) -> list[dict[str, Any]]:
    return [
        policy["spec"]
        for policy in of_kind(manifests, "NetworkPolicy")
        if selects(policy["spec"]["podSelector"], labels) and kind in policy["spec"]["policyTypes"]
    ]


def unguarded(manifests: list[Manifest]) -> list[str]:
    """Return which pods no policy isolates, and in which direction."""
    return [
        f"{name}: {kind}"
        for name, labels in names_of_pods(manifests).items()
        for kind in ("Ingress", "Egress")
        if not _policies_of(manifests, labels, kind)
    ]


def outgoing(manifests: list[Manifest]) -> set[Flow]:
    """Return what pods may connect to."""
    return set(_flows(manifests, "Egress"))


def incoming(manifests: list[Manifest]) -> set[Flow]:
    """Return who may connect to pods."""
    return {(other, name, port) for name, other, port in _flows(manifests, "Ingress")}


def _flows(manifests: list[Manifest], kind: str) -> Iterator[Flow]:
    pods = names_of_pods(manifests)
    direction, way = kind.lower(), "to" if kind == "Egress" else "from"
    for name, labels in pods.items():
        for policy in _policies_of(manifests, labels, kind):
            for rule in policy.get(direction, []):
                for peer in _peers(rule.get(way), pods):
                    for port in rule.get("ports", [{"port": "any"}]):
                        yield name, peer, port["port"]


def _peers(peers: list[dict[str, Any]] | None, pods: dict[str, dict[str, str]]) -> Iterable[str]:
    if not peers:
        return [ANYBODY]
    found: list[str] = []
    for peer in peers:
        if "ipBlock" in peer:
            found.append(peer["ipBlock"]["cidr"])
        elif "namespaceSelector" in peer:
            wanted = peer["namespaceSelector"].get("matchLabels", {})
            named = wanted.get("kubernetes.io/metadata.name", "*")
            labels = peer.get("podSelector", {}).get("matchLabels", {})
            found.append("/".join([named, *labels.values()]))
        else:
            found += [name for name, labels in pods.items() if selects(peer["podSelector"], labels)]
    return found
