"""Reading execution schemes: named choices among the optional nodes."""

from flowyard.document.model import DocumentNode
from flowyard.document.part import Part, suggest
from flowyard.document.patterns import NODE_ID, SCHEME_NAME
from flowyard.engine.graph import Scheme

SCHEME_KEYS = ("keeps", "default", "description")
"""The keys of a scheme, in the order in which they are written."""


def read_schemes(part: Part | None, nodes: tuple[DocumentNode, ...]) -> tuple[Scheme, ...]:
    """Return the schemes of a document, in order.

    Parameters
    ----------
    nodes
        What they choose among.
    """
    if part is None:
        return ()
    entries = part.entries("a mapping of schemes")
    optional = {node.node_id for node in nodes if node.options.is_optional}
    if entries and not optional:
        part.wrong(
            "conflicting_options",
            "Expected a scheme to leave something out, but no node says optional: true",
        )
    known = {node.node_id for node in nodes}
    for name, item in entries.items():
        if not SCHEME_NAME.fullmatch(name):
            item.wrong_key("invalid_value", f"Expected the name of a scheme, but {name} is none")
    return tuple(_scheme(name, item, optional, known) for name, item in entries.items())


def _scheme(name: str, part: Part, optional: set[str], known: set[str]) -> Scheme:
    fields = part.fields(SCHEME_KEYS, "a scheme")
    if "keeps" not in fields and isinstance(part.value, dict):
        part.missing_key("keeps", "a scheme")
    keeps = fields["keeps"].items("a list of node ids") if "keeps" in fields else []
    for item in keeps:
        _check_kept(item, optional, known)
    return Scheme(
        name=name,
        keeps=frozenset(item.value for item in keeps if isinstance(item.value, str)),
        is_default="default" in fields and fields["default"].flag(),
        description=fields["description"].text("a description") if "description" in fields else "",
    )


def _check_kept(part: Part, optional: set[str], known: set[str]) -> None:
    node_id = part.word(NODE_ID, "the id of a node")
    if not node_id:
        return
    if node_id not in known:
        part.wrong(
            "unknown_target",
            f"Expected a node to keep, but there is no {node_id}"
            f"{suggest(node_id, optional, told=len(part.report.problems))}",
        )
    elif optional and node_id not in optional:
        part.wrong(
            "conflicting_options",
            f"Expected an optional node to keep, but {node_id} always runs",
        )
