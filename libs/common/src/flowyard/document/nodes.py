"""Reading the nodes of a document."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from flowyard.document.combinations import check_combinations
from flowyard.document.conditions import read_boolrule, read_condition
from flowyard.document.model import END_ID, START_ID, Branch, DocumentNode
from flowyard.document.options import OPTION_KEYS, read_options
from flowyard.document.part import Part, suggest
from flowyard.document.patterns import NODE_ID, VARIABLE_NAME
from flowyard.document.verbatim import Plugins
from flowyard.document.work import read_activity, read_map, read_subflow
from flowyard.engine.graph import DEFAULT_LOOP_LIMIT, WORK_KINDS, NodeKind

KIND_KEYS: Mapping[str, NodeKind] = {
    "plugin": NodeKind.ACTIVITY,
    "subflow": NodeKind.SUBFLOW,
    "exclusive": NodeKind.EXCLUSIVE,
    "parallel": NodeKind.PARALLEL,
    "conditional_parallel": NodeKind.CONDITIONAL_PARALLEL,
    "converge": NodeKind.CONVERGE,
}
"""The key that says what a node is."""

PLUGIN_KEY = "plugin"
"""Names what runs a node's plugin, among the inputs that are rendered all the same."""

_ACTIVITY_KEYS = (
    *("plugin", "inputs", "render", "export", "queue", "timeout", "secret_outputs"),
    *OPTION_KEYS,
    "next",
)
_SUBFLOW_KEYS = ("subflow", "mode", "schemes", "inputs", "export", *OPTION_KEYS, "next")

NODE_KEYS: Mapping[NodeKind, tuple[str, ...]] = {
    NodeKind.ACTIVITY: ("id", "name", *_ACTIVITY_KEYS),
    NodeKind.SUBFLOW: ("id", "name", *_SUBFLOW_KEYS),
    NodeKind.MAP: ("id", "name", "map", *dict.fromkeys((*_ACTIVITY_KEYS, *_SUBFLOW_KEYS))),
    NodeKind.EXCLUSIVE: ("id", "name", "exclusive", "first_match", "loop_limit"),
    NodeKind.PARALLEL: ("id", "name", "parallel"),
    NodeKind.CONDITIONAL_PARALLEL: ("id", "name", "conditional_parallel"),
    NodeKind.CONVERGE: ("id", "name", "converge", "next"),
}
"""The keys that each kind of node may have."""

BRANCH_KEYS = ("default", "when", "boolrule", "next", "name")
"""The keys of a branch."""


@dataclass(frozen=True, slots=True)
class _Target:
    """A node that another one leads to, to be looked up once all ids are known."""

    part: Part
    node_id: str


class NodesReader:
    """Reads all nodes, then looks up where they lead.

    Parameters
    ----------
    plugins
        Say which inputs are verbatim; None for a reading that knows no plugins.
    """

    def __init__(self, plugins: Plugins | None = None) -> None:
        self._plugins = plugins
        self._targets: list[_Target] = []

    def read(self, part: Part) -> tuple[DocumentNode, ...]:
        """Return the nodes in order; what cannot be read at all is left out."""
        parts = part.items("a list of nodes")
        if isinstance(part.value, list) and not parts:
            part.wrong("missing_key", "Expected at least one node, but there is none")
        nodes: dict[str, DocumentNode] = {}
        for item in parts:
            node = self._node(item)
            if node is None:
                continue
            if node.node_id in nodes or node.node_id in (START_ID, END_ID):
                what = "is implied" if node.node_id in (START_ID, END_ID) else "is there twice"
                item.child("id", node.node_id).of_node(node.node_id).wrong(
                    "duplicate_node", f"Expected ids that differ, but {node.node_id} {what}"
                )
            nodes.setdefault(node.node_id, node)
        known = self._ids(parts)
        for target in self._targets:
            self._check_target(target, known)
        return _with_next(nodes.values())

    def _ids(self, parts: Iterable[Part]) -> set[str]:
        """Return all ids, also of nodes that could not be read otherwise."""
        values = (part.value.get("id") for part in parts if isinstance(part.value, dict))
        return {value for value in values if isinstance(value, str)} | {END_ID}

    def _check_target(self, target: _Target, known: set[str]) -> None:
        if target.node_id == START_ID:
            target.part.wrong("unknown_target", "Expected a node after the start, but it is start")
        elif target.node_id and target.node_id not in known:
            target.part.wrong(
                "unknown_target",
                f"Expected a node to go to, but there is no {target.node_id}"
                f"{suggest(target.node_id, known, told=len(target.part.report.problems))}",
            )

    def _node(self, part: Part) -> DocumentNode | None:
        entries = part.entries("a node")
        if not entries:
            if isinstance(part.value, dict):
                part.missing_key("id", "a node")
            return None
        node_id = self._id(part, entries)
        part = part.of_node(node_id or None)
        kinds = [key for key in KIND_KEYS if key in entries]
        if len(kinds) != 1:
            found = " and ".join(kinds) or "none"
            part.wrong("node_kind", f"Expected one of {', '.join(KIND_KEYS)}, but found {found}")
            return None
        body = KIND_KEYS[kinds[0]]
        keys = NODE_KEYS[body]
        if "map" in entries and body in WORK_KINDS:
            keys = (*keys, "map")
        fields = _without_options(part, body, kinds[0]).fields(keys, f"a node with {kinds[0]}")
        return self._of_kind(body, node_id, fields) if node_id else None

    def _id(self, part: Part, entries: Mapping[str, Part]) -> str:
        if "id" not in entries:
            part.missing_key("id", "a node")
            return ""
        return entries["id"].word(NODE_ID, "an id of letters, digits, _ and -")

    def _of_kind(self, kind: NodeKind, node_id: str, fields: Mapping[str, Part]) -> DocumentNode:
        node = DocumentNode(
            node_id=node_id,
            kind=kind,
            name=fields["name"].text("a name") if "name" in fields else "",
            exports=_exports(fields.get("export")),
            next_id=self._next(fields.get("next")),
        )
        if kind in WORK_KINDS:
            node = self._work(node, fields)
            check_combinations(node, fields)
            return node
        if kind is NodeKind.CONVERGE:
            if not fields["converge"].flag("true"):
                fields["converge"].wrong("invalid_value", "Expected true, but it is not")
            return node
        limit = fields.get("loop_limit")
        return replace(
            node,
            branches=self._branches(kind, fields[kind.value]),
            takes_first="first_match" in fields and fields["first_match"].flag(),
            loop_limit=limit.integer("a number of rounds", least=1)
            if limit
            else DEFAULT_LOOP_LIMIT,
        )

    def _work(self, node: DocumentNode, fields: Mapping[str, Part]) -> DocumentNode:
        options, render = read_options(fields, self._plugins)
        node = replace(node, options=options, render=render)
        if "map" in fields:
            node = replace(node, kind=NodeKind.MAP, map=read_map(fields["map"]))
        if "subflow" in fields:
            return replace(node, subflow=read_subflow(fields))
        activity, rendered = read_activity(fields, self._plugins)
        if rendered:
            render = {PLUGIN_KEY: rendered, **render}
        return replace(node, activity=activity, render=render)

    def _next(self, part: Part | None) -> str:
        if part is None:
            return ""
        node_id = part.word(NODE_ID, "the id of a node")
        self._targets.append(_Target(part, node_id))
        return node_id

    def _branches(self, kind: NodeKind, part: Part) -> tuple[Branch, ...]:
        items = part.items("a list of branches")
        if isinstance(part.value, list) and not items:
            part.wrong("missing_key", "Expected at least one branch, but there is none")
        read = self._parallel_branch if kind is NodeKind.PARALLEL else self._conditional_branch
        branches = tuple(read(item) for item in items)
        defaults = [item for item, branch in zip(items, branches, strict=True) if branch.is_default]
        for item in defaults[1:]:
            item.wrong("several_defaults", "Expected one default branch, but this is another")
        return branches

    def _parallel_branch(self, part: Part) -> Branch:
        if isinstance(part.value, str):
            return Branch(target=self._next(part))
        fields = part.fields(("next", "name"), "a parallel branch")
        return Branch(target=self._branch_target(part, fields), name=_name(fields))

    def _conditional_branch(self, part: Part) -> Branch:
        fields = part.fields(BRANCH_KEYS, "a branch")
        is_default = "default" in fields and fields["default"].flag()
        said = [key for key in ("when", "boolrule") if key in fields] + ["default"] * is_default
        if isinstance(part.value, dict) and len(said) != 1:
            code = "unexpected_condition" if said else "missing_condition"
            found = f"it has {' and '.join(said)}" if said else "it has none"
            part.wrong(code, f"Expected a branch to have when, boolrule or default, but {found}")
        return Branch(
            target=self._branch_target(part, fields),
            condition=read_condition(fields["when"]) if "when" in fields else None,
            boolrule=read_boolrule(fields["boolrule"]) if "boolrule" in fields else None,
            is_default=is_default,
            name=_name(fields),
        )

    def _branch_target(self, part: Part, fields: Mapping[str, Part]) -> str:
        if "next" not in fields and isinstance(part.value, dict):
            part.missing_key("next", "a branch")
        return self._next(fields.get("next"))


def _with_next(nodes: Iterable[DocumentNode]) -> tuple[DocumentNode, ...]:
    """Return the nodes with the next one set where it was left out."""
    listed = list(nodes)
    following = [*(node.node_id for node in listed), END_ID][1:]
    return tuple(
        replace(node, next_id=None if node.branches else node.next_id or next_id)
        for node, next_id in zip(listed, following, strict=True)
    )


def _name(fields: Mapping[str, Part]) -> str:
    return fields["name"].text("a name") if "name" in fields else ""


def _exports(part: Part | None) -> dict[str, str]:
    if part is None:
        return {}
    entries = part.entries("a mapping of variable names to output names")
    for name, item in entries.items():
        if not VARIABLE_NAME.fullmatch(name):
            item.wrong_key("invalid_value", f"Expected the name of a variable, but {name} is none")
    return {name: item.text("the name of an output") for name, item in entries.items()}


def _without_options(part: Part, kind: NodeKind, key: str) -> Part:
    """Return a node's part without options where the node runs nothing; each is reported."""
    if kind in WORK_KINDS or not isinstance(part.value, dict):
        return part
    for name in (*OPTION_KEYS, "map"):
        if name in part.value:
            part.child(name, None).wrong_key(
                "unknown_key",
                f"Expected {name} at a node with plugin or subflow, but a node with {key}"
                " runs nothing",
            )
    kept = {name: value for name, value in part.value.items() if name not in (*OPTION_KEYS, "map")}
    return replace(part, value=kept)
