"""Execution schemes beside a tree: named sets of the optional nodes that run."""

from collections.abc import Iterator, Mapping

import orjson

from flowyard.document.patterns import SCHEME_NAME
from flowyard.engine.graph import JsonValue
from flowyard.interchange.flow import Flow, FlowScheme
from flowyard.interchange.part import Part


def read_schemes(part: Part) -> Iterator[FlowScheme]:
    """Yield the schemes of a list, as ``get_template_schemes`` answers it."""
    for item in part.items():
        kept = item.get("data", "nodes")
        scheme_id = item.get("id").text()
        if scheme_id:
            yield FlowScheme(
                scheme_id=scheme_id,
                name=item.get("name").text(scheme_id),
                keeps=Part(_listed(kept), kept.findings).texts(),
                is_default=item.get("is_default").flag(default=False),
            )


def _listed(part: Part) -> JsonValue:
    """Return the ids of nodes, which the API of bk-sops gives as JSON within a text."""
    if not isinstance(part.value, str):
        return part.value
    try:
        value: JsonValue = orjson.loads(part.value)
    except ValueError:
        part.findings.error("wrong_type", "Expected a list of node ids, but it cannot be read")
        return []
    return value


def scheme_names(flow: Flow) -> Mapping[str, str]:
    """Return our names of a flow's schemes by their ids."""
    found: dict[str, str] = {}
    for number, scheme in enumerate(flow.schemes, start=1):
        is_usable = SCHEME_NAME.fullmatch(scheme.name) and scheme.name not in found.values()
        found[scheme.scheme_id] = scheme.name if is_usable else f"scheme-{number}"
    return found
