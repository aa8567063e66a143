"""What is left of a flow for one instance: its schemes, and what is left out besides."""

from collections.abc import Sequence
from dataclasses import dataclass

from flowyard.engine.graph import WORK_KINDS, Graph
from flowyard.engine.pruning import (
    UNKNOWN_SCHEME,
    PruneError,
    default_schemes,
    optional_nodes,
    planned,
)
from flowyard.engine.references import dangling
from flowyard.engine.snapshot import Plan
from flowyard.storage.graph_codec import encode_graph
from flowyard_api.errors import ApiError, Fault
from flowyard_api.models.templates import MissedView, PlanPreviewView, PreviewPlan


class InvalidExclusionError(ApiError):
    """Raised for schemes, or nodes to leave out, that do not fit the template."""

    code = "invalid_exclusion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A plan that fits its graph, and what it leaves of it."""

    plan: Plan
    graph: Graph


def choose(
    graph: Graph,
    schemes: Sequence[str] | None,
    excluded: Sequence[str],
    *,
    place: tuple[str | int, ...],
) -> Choice | Fault:
    """Return what is left of a graph, or what is wrong with the wish.

    Parameters
    ----------
    schemes
        None for those that the template takes by default.
    place
        Where in the request both stand.
    """
    names = default_schemes(graph) if schemes is None else tuple(dict.fromkeys(schemes))
    plan = Plan(schemes=names, excluded=frozenset(excluded))
    try:
        return Choice(plan=plan, graph=planned(graph, plan))
    except PruneError as error:
        field = "schemes" if error.reason == UNKNOWN_SCHEME else "excluded"
        return Fault(loc=(*place, field), msg=str(error), type=error.reason)


def preview(graph: Graph, wanted: PreviewPlan) -> PlanPreviewView:
    """Return what is left of a graph.

    Raises
    ------
    InvalidExclusionError
        Raised if the wish does not fit.
    """
    choice = choose(graph, wanted.schemes, wanted.excluded, place=("body",))
    if isinstance(choice, Fault):
        raise InvalidExclusionError(choice.msg, errors=[choice])
    return PlanPreviewView(
        schemes=list(choice.plan.schemes),
        left_out=left_out(graph, choice.graph),
        optional=list(optional_nodes(graph)),
        graph=encode_graph(choice.graph),
        missed=[
            MissedView(node_id=one.node_id or None, name=one.name)
            for one in dangling(graph, choice.graph)
        ],
    )


def left_out(graph: Graph, remaining: Graph) -> list[str]:
    """Return the activities, subflows and maps that are no part of what is left, in order."""
    return [
        node_id
        for node_id, node in graph.nodes.items()
        if node.kind in WORK_KINDS and node_id not in remaining.nodes
    ]
