"""Documents: read, checked against the plugins, pinned to other templates, compiled."""

import asyncio
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import orjson
from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.document.compiler import compile_document
from flowyard.document.model import Document
from flowyard.document.problems import DocumentError, Problem
from flowyard.document.reader import read_document
from flowyard.engine.graph import (
    COMPENSATION,
    INNER_SEPARATOR,
    SATELLITE_SEPARATOR,
    Graph,
    Node,
    Subflow,
    owner_of,
)
from flowyard.engine.inlining import InliningError
from flowyard.storage.graph_codec import encode_graph
from flowyard.storage.templates import Template
from flowyard.storage.uses import hold_targets, uses_of
from flowyard.storage.versions import VersionContent, find_runnable
from flowyard_api.catalog import PluginMap
from flowyard_api.errors import ApiError, Fault
from flowyard_api.storable import unstorable_part
from flowyard_api.usecases.inlining import flattened
from flowyard_api.usecases.subflow_schemes import scheme_faults


class InvalidDocumentError(ApiError):
    """Raised for a document that could not be published."""

    code = "invalid_document"


class UnknownTemplateError(ApiError):
    """Raised for a template, or a version of one, that does not exist or was never published."""

    code = "unknown_template"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDocument:
    """A document that is sound in itself."""

    source: str
    document: Document
    graph: Graph
    """Subflows are not pinned yet."""


async def read(source: str, plugins: PluginMap) -> ReadDocument:
    """Read and compile a document, apart from the loop: a large one takes a while.

    Raises
    ------
    InvalidDocumentError
        Raised with everything that is wrong, by node and place.
    """
    try:
        return await asyncio.to_thread(_read, source, plugins)
    except DocumentError as error:
        faults = faults_of(error.problems)
        noun = "1 problem" if len(faults) == 1 else f"{len(faults)} problems"
        raise InvalidDocumentError(
            f"Expected a valid document, but it has {noun}", errors=faults
        ) from error


def _read(source: str, plugins: PluginMap) -> ReadDocument:
    document = read_document(source, plugins=plugins)
    found = unstorable_part(document.canonical())
    if found is not None:
        raise DocumentError(
            [
                Problem(
                    code="unstorable_value",
                    message=f"Expected nothing but storable values, but found {found}",
                    line=1,
                    column=1,
                )
            ]
        )
    graph = compile_document(document, plugins=plugins)
    return ReadDocument(source=source, document=document, graph=graph)


def faults_of(problems: Iterable[Problem]) -> list[Fault]:
    """Return a document's problems as faults of the request that carried it."""
    return [
        Fault(
            loc=("body", *problem.path),
            msg=problem.message,
            type=problem.code,
            node_id=problem.node_id,
            line=problem.line,
            column=problem.column,
        )
        for problem in problems
    ]


async def pin(connection: AsyncConnection, project: str, sound: ReadDocument) -> VersionContent:
    """Pin a document's subflows to published versions, and return what is to be published.

    A pin leads to a version that exists already, never to the one that is being
    published: templates that start each other cannot form a circle.

    Raises
    ------
    UnknownTemplateError
        Raised if a subflow's template, or its version, is not published.
    InvalidDocumentError
        Raised if an inline subflow cannot be part of the graph, or if a subflow has no such
        scheme.
    """
    pinned = await _pins(connection, project, sound.graph)
    nodes = {node_id: _pinned(node, pinned) for node_id, node in sound.graph.nodes.items()}
    canonical = sound.document.canonical()
    graph = replace(sound.graph, nodes=nodes)
    faults = await scheme_faults(connection, project, _subflows(graph))
    if faults:
        raise InvalidDocumentError(faults[0].msg, errors=faults)
    try:
        graph = await flattened(connection, project, sound.document.key, graph)
    except InliningError as error:
        raise InvalidDocumentError(str(error), errors=[_not_inline(error)]) from error
    return VersionContent(
        source=sound.source,
        document=canonical,
        graph=encode_graph(graph),
        content_hash=_content_hash(canonical, pinned),
    )


async def _pins(connection: AsyncConnection, project: str, graph: Graph) -> dict[str, int]:
    subflows = dict(_subflows(graph))
    wanted = {node_id: (subflow.template, subflow.version) for node_id, subflow in subflows.items()}
    if not wanted:
        return {}
    found = await find_runnable(connection, project, list(dict.fromkeys(wanted.values())))
    faults = [
        _unknown(node_id, target) for node_id, target in wanted.items() if target not in found
    ]
    if faults:
        raise UnknownTemplateError(faults[0].msg, errors=faults)
    return {
        node_id: found[target].number
        for node_id, target in wanted.items()
        if not subflows[node_id].is_latest
    }


def _subflows(graph: Graph) -> Iterator[tuple[str, Subflow]]:
    """Yield what a graph starts, by node or by what runs on behalf of one."""
    for node_id, node in graph.nodes.items():
        if node.subflow is not None:
            yield node_id, node.subflow
        undo = node.options.compensation
        if undo is not None and undo.subflow is not None:
            yield _undo_id(node_id), undo.subflow


def _undo_id(node_id: str) -> str:
    return f"{node_id}{SATELLITE_SEPARATOR}{COMPENSATION}"


async def hold_subflows(connection: AsyncConnection, template: Template, graph: Graph) -> None:
    """Keep the templates that a graph starts from being deleted while it is published.

    Parameters
    ----------
    template
        The one that is published; what it names without a project is of its project.

    Raises
    ------
    UnknownTemplateError
        Raised if one is deleted, or is not visible in the template's project any more.
    """
    uses = [use for use in uses_of(graph, template.project) if use.kind == "subflow"]
    if not uses:
        return
    await hold_targets(connection, {use.target for use in uses})
    # What an inline subflow starts is the business of its own template.
    wanted = {
        (use.target, int(use.version) if use.version else None): use.node_id
        for use in uses
        if INNER_SEPARATOR not in use.node_id
    }
    found = await find_runnable(connection, str(template.project_id), list(wanted))
    faults = [
        _unknown(node_id, target) for target, node_id in wanted.items() if target not in found
    ]
    if faults:
        raise UnknownTemplateError(faults[0].msg, errors=faults)


def _unknown(node_id: str, target: tuple[str, int | None]) -> Fault:
    return Fault(
        loc=("body", "nodes", owner_of(node_id) or node_id, _field(node_id)),
        msg=f"Expected {_named(*target)} to be published and visible in the project, but it is not",
        type="unknown_template",
        node_id=owner_of(node_id) or node_id,
    )


def _field(node_id: str) -> str:
    return "subflow" if owner_of(node_id) is None else "rollback"


def _not_inline(error: InliningError) -> Fault:
    return Fault(
        loc=("body", "nodes", error.node_id, "subflow"),
        msg=str(error),
        type=error.reason,
        node_id=error.node_id,
    )


def _named(template: str, version: int | None) -> str:
    return f"template {template}" if version is None else f"version {version} of {template}"


def _pinned(node: Node, pins: Mapping[str, int]) -> Node:
    version, undo_version = pins.get(node.node_id), pins.get(_undo_id(node.node_id))
    if node.subflow is not None and version is not None:
        node = replace(node, subflow=replace(node.subflow, version=version))
    undo = node.options.compensation
    if undo is not None and undo.subflow is not None and undo_version is not None:
        undo = replace(undo, subflow=replace(undo.subflow, version=undo_version))
        node = replace(node, options=replace(node.options, compensation=undo))
    return node


def _content_hash(canonical: dict[str, JsonValue], pins: dict[str, int]) -> str:
    # What a subflow is pinned to is content too: the same text may start something newer.
    content = {"document": canonical, "pins": pins}
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
