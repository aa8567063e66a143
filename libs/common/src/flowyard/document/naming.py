"""Whether the names that expressions use can exist, as far as that is known before a run."""

from collections.abc import Iterator, Mapping

from flowyard.document.model import Document
from flowyard.document.part import Report, suggest
from flowyard.document.problems import Path
from flowyard.engine.expressions import paths_in
from flowyard.engine.graph import JsonValue
from flowyard.engine.scope import SYSTEM_NAMES


def check_names(document: Document, report: Report) -> None:
    """Report names that no variable has, and outputs of nodes that do not exist.

    A computed variable knows only those above it.
    """
    known = {*SYSTEM_NAMES, *(spec.name for spec in document.inputs), *document.constants}
    exported = {name for node in document.nodes for name in node.exports}
    checker = _Checker(document, known | set(document.computed) | exported, report)
    for name, computed in document.computed.items():
        for path, value in _values({name: computed}, ("computed",)):
            checker.check(value, path, None, known)
        known.add(name)
    for index, node in enumerate(document.nodes):
        runs = node.activity or node.subflow
        for path, value in _values(runs.inputs if runs else {}, ("nodes", index, "inputs")):
            checker.check(value, path, node.node_id)
        for number, branch in enumerate(node.branches):
            if branch.condition is not None:
                path = ("nodes", index, node.kind.value, number, "when")
                checker.check(f"${{{branch.condition}}}", path, node.node_id)
    for path, value in _values(document.outputs, ("outputs",)):
        checker.check(value, path, None)


def _values(values: Mapping[str, JsonValue], path: Path) -> Iterator[tuple[Path, JsonValue]]:
    """Yield each text within, with its path."""
    pending: list[tuple[Path, JsonValue]] = [((*path, key), item) for key, item in values.items()]
    while pending:
        place, value = pending.pop()
        match value:
            case str() if "${" in value:
                yield place, value
            case list():
                pending += [((*place, index), item) for index, item in enumerate(value)]
            case dict():
                pending += [((*place, key), item) for key, item in value.items()]
            case _:
                pass


class _Checker:
    def __init__(self, document: Document, names: set[str], report: Report) -> None:
        self._nodes = {node.node_id for node in document.nodes}
        self._names = names
        self._report = report

    def check(
        self, text: JsonValue, path: Path, node_id: str | None, names: set[str] | None = None
    ) -> None:
        """Check one text with expressions."""
        known = self._names if names is None else names
        for reference in sorted(paths_in(text)):
            name, *below = reference
            if name not in known:
                message = f"Expected a known name, but {name} is none{suggest(name, known)}"
                self._report.add("unknown_name", message, path, node_id=node_id)
            elif name == "nodes" and below and below[0] not in self._nodes:
                message = (
                    f"Expected a node's id after nodes, but there is no {below[0]}"
                    f"{suggest(below[0], self._nodes)}"
                )
                self._report.add("unknown_name", message, path, node_id=node_id)
