"""Documents that tests compile: a catalog of plugins, and short ways to write and to look."""

from textwrap import dedent

import pytest

from flowyard.contracts.plugin_api import PluginInfo
from flowyard.document import (
    DocumentError,
    check_document,
    compile_document,
    read_document,
)
from flowyard.engine.graph import Graph


def plugin(name: str, version: str = "1.0", **properties: object) -> PluginInfo:
    return PluginInfo(
        name=name,
        version=version,
        title=name,
        description="",
        idempotency="never",
        inputs_schema={
            "type": "object",
            "additionalProperties": False,
            "properties": properties,
            "required": [key for key in properties if key.startswith("must")],
        },
        outputs_schema={},
    )


PLUGINS = {
    (info.name, info.version): info
    for info in (
        plugin("noop"),
        plugin("noop", "2.0"),
        plugin(
            "call",
            must_url={"type": "string"},
            count={"type": "integer", "maximum": 5},
            body={"type": "object", "additionalProperties": {"type": "string"}},
        ),
    )
}


def written(nodes: str, *, head: str = "") -> str:
    """Return a document; the first line of the nodes is line 4, after a head of one line line 5."""
    return "flowyard: 1\nkey: k\n" + dedent(head) + "nodes:\n" + dedent(nodes).lstrip("\n")


def compiled(nodes: str, *, head: str = "") -> Graph:
    return compile_document(read_document(written(nodes, head=head)), plugins=PLUGINS)


def pairs(graph: Graph) -> set[tuple[str, str]]:
    return {(edge.source, edge.target) for edge in graph.edges}


def converges(graph: Graph) -> dict[str, str]:
    return {node.node_id: node.converge_id for node in graph.nodes.values() if node.converge_id}


def found(nodes: str, *, head: str = "") -> list[tuple[str, str | None, int | None, int | None]]:
    text = written(nodes, head=head)
    with pytest.raises(DocumentError) as caught:
        compile_document(read_document(text), plugins=PLUGINS)
    assert check_document(text, plugins=PLUGINS) == caught.value.problems
    return [(one.code, one.node_id, one.line, one.column) for one in caught.value.problems]
