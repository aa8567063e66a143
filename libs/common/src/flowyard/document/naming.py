"""Whether the names that expressions use can exist, as far as that is known before a run."""

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from flowyard.document.model import Document, DocumentNode
from flowyard.document.part import Report, suggest
from flowyard.document.problems import Path
from flowyard.document.verbatim import Plugins, with_verbatim
from flowyard.engine.boolrule.rendering import REFERENCE
from flowyard.engine.expressions import names_in, paths_in
from flowyard.engine.graph import Activity, JsonValue
from flowyard.engine.scope import SYSTEM_NAMES

ITEM_NAMES = frozenset({"item", "index"})
"""What the body of a map knows besides: the item, and its number counted from 0."""


def check_names(document: Document, report: Report, plugins: Plugins | None = None) -> None:
    """Report names that no variable has, and outputs of nodes that do not exist.

    A computed variable knows only those above it.

    Parameters
    ----------
    plugins
        Say in which inputs nothing is replaced.
    """
    known = {*SYSTEM_NAMES, *(spec.name for spec in document.inputs), *document.constants}
    exported = {name for node in document.nodes for name in node.exports}
    everything = known.union(document.computed, document.lazy, exported)
    checker = _Checker(document, everything, report)
    for name, computed in document.computed.items():
        for path, value in _values({name: computed}, ("computed",)):
            checker.check(value, path, None, known)
        known.add(name)
    for path, value in _values(document.lazy, ("lazy",)):
        checker.check(value, path, None)
    _check_circle(document.lazy, report)
    for index, node in enumerate(document.nodes):
        for path, value in _texts(node, ("nodes", index), plugins):
            checker.check(value, path, node.node_id)
        for path, value in _item_texts(node, ("nodes", index), plugins):
            names = everything | ITEM_NAMES if node.map is not None else everything
            checker.check(value, path, node.node_id, names)
    for path, value in _values(document.outputs, ("outputs",)):
        checker.check(value, path, None)


def _check_circle(lazy: Mapping[str, JsonValue], report: Report) -> None:
    needs = {name: names_in(value) & lazy.keys() for name, value in lazy.items()}
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        message = f"Expected variables that do not need themselves, but {' needs '.join(circle)}"
        report.add("circular_variable", message, ("lazy", circle[0]))


def _item_texts(
    node: DocumentNode, path: Path, plugins: Plugins | None
) -> Iterator[tuple[Path, JsonValue]]:
    """Yield the texts of a node that are rendered for each item where it is a map."""
    if node.activity is not None:
        render = node.render.get("plugin", frozenset())
        yield from _inputs(node.activity, render, path, plugins)
    elif node.subflow is not None:
        yield from _values(node.subflow.inputs, (*path, "inputs"))
    options = node.options
    if options.run_as is not None:
        yield (*path, "run_as"), options.run_as
    if options.concurrency is not None:
        yield (*path, "concurrency", "key"), options.concurrency.key


def _texts(
    node: DocumentNode, path: Path, plugins: Plugins | None
) -> Iterator[tuple[Path, JsonValue]]:
    """Yield all other texts of a node in which names may stand."""
    if node.map is not None:
        yield from _values({"items": node.map.items}, (*path, "map"))
    options = node.options
    if options.run_when is not None:
        yield (*path, "run_when"), f"${{{options.run_when}}}"
    if options.deadline is not None and options.deadline.notice is not None:
        render = node.render.get("notify", frozenset())
        below = (*path, "deadline", "notify")
        yield from _inputs(options.deadline.notice, render, below, plugins)
    undo = options.compensation
    if undo is not None and undo.activity is not None:
        render = node.render.get("rollback", frozenset())
        yield from _inputs(undo.activity, render, (*path, "rollback"), plugins)
    elif undo is not None and undo.subflow is not None:
        yield from _values(undo.subflow.inputs, (*path, "rollback", "inputs"))
    for number, branch in enumerate(node.branches):
        below = (*path, node.kind.value, number)
        if branch.condition is not None:
            yield (*below, "when"), f"${{{branch.condition}}}"
        for reference in REFERENCE.finditer(branch.boolrule or ""):
            yield (*below, "boolrule"), reference[0]


def _inputs(
    activity: Activity, render: frozenset[str], path: Path, plugins: Plugins | None
) -> Iterator[tuple[Path, JsonValue]]:
    verbatim = with_verbatim(activity, plugins, render)
    rendered = {name: activity.inputs[name] for name in activity.inputs if name not in verbatim}
    yield from _values(rendered, (*path, "inputs"))


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
        told = len(self._report.problems)
        for reference in sorted(paths_in(text)):
            name, *below = reference
            if name not in known:
                message = f"Expected a known name, but {name} is none"
                message += suggest(name, known, told=told)
                self._report.add("unknown_name", message, path, node_id=node_id)
            elif name == "nodes" and below and below[0] not in self._nodes:
                message = f"Expected a node's id after nodes, but there is no {below[0]}"
                message += suggest(below[0], self._nodes, told=told)
                self._report.add("unknown_name", message, path, node_id=node_id)
