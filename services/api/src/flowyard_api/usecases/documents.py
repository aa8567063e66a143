"""Documents: read, checked against the plugins, pinned to other templates, compiled."""

import asyncio
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

import orjson
from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.document.compiler import compile_document
from flowyard.document.model import Document
from flowyard.document.problems import DocumentError, Problem
from flowyard.document.reader import read_document
from flowyard.engine.graph import Graph, Node
from flowyard.storage.graph_codec import encode_graph
from flowyard.storage.versions import VersionContent, find_runnable
from flowyard_api.catalog import PluginMap
from flowyard_api.errors import ApiError, Fault
from flowyard_api.storable import unstorable_part


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
    document = read_document(source)
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
    """
    pinned = await _pins(connection, project, sound.graph)
    nodes = {
        node_id: _pinned(node, pinned.get(node_id)) for node_id, node in sound.graph.nodes.items()
    }
    canonical = sound.document.canonical()
    return VersionContent(
        source=sound.source,
        document=canonical,
        graph=encode_graph(replace(sound.graph, nodes=nodes)),
        content_hash=_content_hash(canonical, pinned),
    )


async def _pins(connection: AsyncConnection, project: str, graph: Graph) -> dict[str, int]:
    wanted = {
        node_id: (node.subflow.template, node.subflow.version)
        for node_id, node in graph.nodes.items()
        if node.subflow is not None
    }
    if not wanted:
        return {}
    found = await find_runnable(connection, project, list(dict.fromkeys(wanted.values())))
    faults = [
        Fault(
            loc=("body", "nodes", node_id, "subflow"),
            msg=f"Expected {_named(*target)} to be published in the project, but it is not",
            type="unknown_template",
            node_id=node_id,
        )
        for node_id, target in wanted.items()
        if target not in found
    ]
    if faults:
        raise UnknownTemplateError(faults[0].msg, errors=faults)
    return {node_id: found[target].number for node_id, target in wanted.items()}


def _named(template: str, version: int | None) -> str:
    return f"template {template}" if version is None else f"version {version} of {template}"


def _pinned(node: Node, version: int | None) -> Node:
    if node.subflow is None or version is None:
        return node
    return replace(node, subflow=replace(node.subflow, version=version))


def _content_hash(canonical: dict[str, JsonValue], pins: dict[str, int]) -> str:
    # What a subflow is pinned to is content too: the same text may start something newer.
    content = {"document": canonical, "pins": pins}
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
