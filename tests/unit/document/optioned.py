"""Documents of one node, and what is wrong with them."""

import pytest
from jsonschema import Draft202012Validator

from flowyard.document import (
    DOCUMENT_SCHEMA,
    DocumentError,
    Problem,
    compile_document,
    read_document,
)
from flowyard.document.source import read_source
from flowyard.engine.graph import Graph
from tests.unit.document.compiled import PLUGINS, plugin

SHELL = plugin("shell", script={"type": "string", "x-flowyard-verbatim": True}, host={})
KNOWN = {**PLUGINS, ("shell", "1.0"): SHELL}


def flow(node: str, *, head: str = "") -> str:
    return f"flowyard: 1\nkey: k\n{head}nodes:\n  - {{id: a, {node}}}\n"


def compiled(node: str, *, head: str = "") -> Graph:
    return compile_document(read_document(flow(node, head=head), plugins=KNOWN), plugins=KNOWN)


def problems(text: str) -> list[Problem]:
    with pytest.raises(DocumentError) as caught:
        compile_document(read_document(text, plugins=KNOWN), plugins=KNOWN)
    return list(caught.value.problems)


def codes(text: str) -> list[tuple[str, str]]:
    """Return the codes of what is wrong, with the way down to it from the node."""
    return [(one.code, ".".join(str(step) for step in one.path[2:])) for one in problems(text)]


def conforms(text: str) -> bool:
    return Draft202012Validator(DOCUMENT_SCHEMA).is_valid(read_source(text).value)
