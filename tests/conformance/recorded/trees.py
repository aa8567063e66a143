"""Recorded trees as graphs of ours, and what the recordings say of them."""

import json
from collections.abc import Sequence
from typing import Any

from flowyard.document import DocumentError, Problem, compile_document, read_document
from flowyard.engine.dominance import immediate_dominators
from flowyard.engine.graph import BRANCHING_KINDS, Edge, Graph, NodeKind
from flowyard.interchange import Severity, import_bk_sops

JUSTIFIED = frozenset({"unmapped_plugin"})
"""What may be said against a tree that bk-sops finds sound: it runs plugins of others."""


def says_ok(verdict: object) -> bool:
    """Tell whether the oracle has found a tree sound."""
    return verdict == "ok"


def compiled(tree: dict[str, Any]) -> tuple[Graph | None, Sequence[Problem]]:
    """Return the graph of a tree, or what is wrong with it."""
    result = import_bk_sops(json.dumps(tree))
    text = json.dumps(result.templates[-1].document)
    try:
        return compile_document(read_document(text), plugins=None), ()
    except DocumentError as error:
        return None, error.problems


def converges(graph: Graph | None) -> dict[str, str]:
    """Return where the branches of each gateway meet, by the gateway's id.

    For splits that is what the graph says; for exclusive gateways the first converge
    that all their ways lead through, but for those that lead to the end at once.
    """
    if graph is None:
        return {}
    backwards = {
        node_id: [edge.source for edge in edges if not _leaves(graph, edge)]
        for node_id, edges in graph.incoming.items()
    }
    after = immediate_dominators(backwards, graph.end_id)
    found: dict[str, str] = {}
    for node in graph.nodes.values():
        if node.kind not in BRANCHING_KINDS:
            continue
        at = after.get(node.node_id)
        while at is not None and graph.nodes[at].kind is not NodeKind.CONVERGE:
            at = after.get(at)
        meeting = node.converge_id or at
        if meeting is not None:
            found[node.node_id] = meeting
    return found


def _leaves(graph: Graph, edge: Edge) -> bool:
    """Tell whether an edge leads back, or from an exclusive gateway to the end."""
    is_choice = graph.nodes[edge.source].kind is NodeKind.EXCLUSIVE
    return edge.is_back or (is_choice and edge.target == graph.end_id)


def unexpected_errors(tree: dict[str, Any], *, is_sound: bool) -> str:
    """Return what speaks against a tree's import; nothing for one that is as it should be."""
    result = import_bk_sops(json.dumps(tree))
    if not result.templates:
        return "" if not is_sound and result.has_errors else "nothing came of it"
    errors = [one for one in result.diagnostics if one.severity is Severity.ERROR]
    unjustified = [f"{one.code}: {one.reason}" for one in errors if one.code not in JUSTIFIED]
    if is_sound:
        return "; ".join(unjustified)
    return "" if errors else "bk-sops refuses it, and nothing is said against it here"
