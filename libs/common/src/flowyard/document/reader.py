"""Reading a whole document."""

import keyword
from collections.abc import Mapping

from flowyard.document.inputs import read_inputs
from flowyard.document.layout import read_layout
from flowyard.document.model import FORMAT_VERSION, Document, DocumentNode
from flowyard.document.naming import ITEM_NAMES
from flowyard.document.nodes import NodesReader
from flowyard.document.part import Part, Report
from flowyard.document.patterns import TEMPLATE_KEY, VARIABLE_NAME
from flowyard.document.problems import DocumentError, Problem
from flowyard.document.schemes import read_schemes
from flowyard.document.source import Source, read_source
from flowyard.document.verbatim import Plugins
from flowyard.document.work import expressions
from flowyard.engine.graph import FailurePolicy
from flowyard.engine.scope import RESERVED_NAMES as SYSTEM_RESERVED

DOCUMENT_KEYS = (
    *("flowyard", "key", "title", "description", "inputs", "constants", "computed", "lazy"),
    *("nodes", "outputs", "schemes", "on_failure", "layout"),
)
"""The keys of a document, in the order in which they are written."""

RESERVED_NAMES = frozenset({*SYSTEM_RESERVED, *ITEM_NAMES, "results", "true", "false", "null"})
"""Names that variables may not have."""


def read_document(text: str, *, plugins: Plugins | None = None) -> Document:
    """Read a document from YAML or JSON.

    Parameters
    ----------
    text
        At most 1 MiB.
    plugins
        Say in which inputs ``${...}`` belongs to a shell; in those of an unknown plugin it
        is checked as an expression.

    Raises
    ------
    DocumentError
        Raised with everything that is wrong in the text itself. Whether the graph is
        sound is found when it is compiled.
    """
    document, problems = try_read(text, plugins=plugins)
    if document is None or problems:
        raise DocumentError(problems)
    return document


def try_read(
    text: str, *, plugins: Plugins | None = None
) -> tuple[Document | None, tuple[Problem, ...]]:
    """Return what can be read of a document, and what is wrong with it.

    The document is None where not even a mapping of nodes can be made out.
    """
    try:
        source = read_source(text)
    except DocumentError as error:
        return None, error.problems
    report = Report(source.places, list(source.problems))
    document = _document(Part(source.value, (), report), source, plugins)
    return document, tuple(report.problems)


def _document(part: Part, source: Source, plugins: Plugins | None) -> Document | None:
    if not isinstance(part.value, dict):
        part.wrong("wrong_type", "Expected a document with the keys flowyard, key and nodes")
        return None
    fields = part.fields(DOCUMENT_KEYS, "a document")
    for key in ("flowyard", "key", "nodes"):
        if key not in fields:
            part.missing_key(key, "a document")
    if "flowyard" in fields and fields["flowyard"].value != FORMAT_VERSION:
        fields["flowyard"].wrong(
            "unsupported_format", f"Expected format {FORMAT_VERSION}, but it is another one"
        )
    nodes = NodesReader(plugins).read(fields["nodes"]) if "nodes" in fields else ()
    document = Document(
        key=fields["key"].word(TEMPLATE_KEY, "a key of letters, digits, _ and -")
        if "key" in fields
        else "",
        title=fields["title"].text("a title") if "title" in fields else "",
        description=fields["description"].text("a description") if "description" in fields else "",
        inputs=read_inputs(fields.get("inputs")),
        constants=dict(fields["constants"].values()) if "constants" in fields else {},
        computed=expressions(fields["computed"]) if "computed" in fields else {},
        lazy=expressions(fields["lazy"]) if "lazy" in fields else {},
        nodes=nodes,
        outputs=expressions(fields["outputs"]) if "outputs" in fields else {},
        schemes=read_schemes(fields.get("schemes"), nodes),
        on_failure=_on_failure(fields.get("on_failure"), nodes),
        layout=read_layout(fields.get("layout"), nodes),
        places=source.places,
    )
    _check_names(fields)
    return document


def _on_failure(part: Part | None, nodes: tuple[DocumentNode, ...]) -> FailurePolicy:
    if part is None:
        return FailurePolicy.STOP
    policy = part.choice(FailurePolicy, "a failure policy")
    has_undo = any(node.options.compensation or node.subflow for node in nodes)
    if policy is FailurePolicy.ROLLBACK and not has_undo:
        part.wrong(
            "conflicting_options",
            "Expected something to undo, but no node has a rollback",
        )
    return policy


def _check_names(fields: Mapping[str, Part]) -> None:
    """Check the names of variables: expressions have to be able to read them."""
    seen: dict[str, str] = {}
    for key in ("inputs", "constants", "computed", "lazy"):
        values = fields[key].value if key in fields else None
        for name in values if isinstance(values, dict) else ():
            part = fields[key].child(name, None)
            if not VARIABLE_NAME.fullmatch(name) or keyword.iskeyword(name):
                part.wrong_key(
                    "invalid_value", f"Expected the name of a variable, but {name} is none"
                )
            elif name in RESERVED_NAMES:
                part.wrong_key(
                    "reserved_name", f"Expected a name of your own, but {name} has a meaning"
                )
            elif name in seen:
                part.wrong_key(
                    "duplicate_variable",
                    f"Expected names that differ, but {name} is in {seen[name]} too",
                )
            seen.setdefault(name, key)
