"""Exports: published versions in the format of another system."""

import asyncio

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.document.model import Document
from flowyard.document.reader import read_document
from flowyard.document.verbatim import UNCHECKED
from flowyard.engine.graph import INNER_SEPARATOR, Graph
from flowyard.interchange import ComponentTable, Findings, export_yaml_v1
from flowyard.storage.component_tables import find_components
from flowyard.storage.graph_codec import decode_graph
from flowyard.storage.templates import Template, find_template_or_none
from flowyard.storage.versions import Version, find_version
from flowyard_api.errors import ApiError
from flowyard_api.models.imports import ExportView
from flowyard_api.usecases.importing import checked_components, diagnostic_views

MAX_TEMPLATES = 200
"""Most templates of one export: a flow with all that it runs."""


class ExportTooLargeError(ApiError):
    """Raised for a flow that runs too many others."""

    code = "export_too_large"


async def export_yaml(connection: AsyncConnection, template: Template, number: int) -> ExportView:
    """Return a version with the subflows of its project that it runs, as YAML v1.

    Raises
    ------
    ExportTooLargeError
        Raised if these are too many.
    """
    stored = await find_components(connection, template.project_id)
    components = checked_components(stored.rules, "rules")
    versions: dict[str, Version] = {}
    await _collect(connection, template, number, versions)
    text, findings = await asyncio.to_thread(_written, list(versions.values()), components)
    return ExportView(
        format="bk-sops-yaml", text=text, diagnostics=diagnostic_views(findings.found)
    )


async def _collect(
    connection: AsyncConnection, template: Template, number: int, found: dict[str, Version]
) -> None:
    """Find a version and all that it runs, each after what it runs itself."""
    pending: list[tuple[Template, int]] = [(template, number)]
    seen: dict[str, Version] = {}
    while pending:
        one, wanted = pending[-1]
        if one.key in seen:
            found.setdefault(one.key, seen[one.key])
            pending.pop()
            continue
        if len(seen) >= MAX_TEMPLATES:
            raise ExportTooLargeError(
                f"Expected a flow that runs fewer than {MAX_TEMPLATES} others, but there are more"
            )
        seen[one.key] = await find_version(connection, one.template_id, wanted)
        for key, version in _subflows(decode_graph(seen[one.key].graph)).items():
            child = await find_template_or_none(connection, str(template.project_id), key)
            latest = None if child is None else child.latest_version
            if child is not None and latest is not None and key not in seen:
                pending.append((child, version or latest))


def _subflows(graph: Graph) -> dict[str, int | None]:
    return {
        node.subflow.template: node.subflow.version
        for node_id, node in graph.nodes.items()
        if node.subflow is not None and INNER_SEPARATOR not in node_id
    }


def _written(versions: list[Version], components: ComponentTable) -> tuple[str, Findings]:
    findings = Findings()
    documents: list[Document] = [
        read_document(orjson.dumps(version.document).decode(), plugins=UNCHECKED)
        for version in versions
    ]
    return export_yaml_v1(documents, findings, components=components), findings
