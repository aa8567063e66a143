"""Reading the nodes of a document."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from flowyard.document.conditions import read_condition
from flowyard.document.model import END_ID, START_ID, Branch, DocumentNode
from flowyard.document.part import Part, suggest
from flowyard.engine.expressions import check
from flowyard.engine.graph import (
    DEFAULT_ATTEMPT_TIMEOUT_SECONDS,
    DEFAULT_LOOP_LIMIT,
    DEFAULT_QUEUE,
    Activity,
    JsonValue,
    NodeKind,
    Subflow,
)

NODE_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,99}")
"""What a node may be called."""

VARIABLE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")
"""What a variable may be called: a name in expressions."""

TEMPLATE_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
"""What a template may be called."""

QUEUE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,49}")
"""What a queue may be called: part of a topic's name."""

PLUGIN_REFERENCE = re.compile(
    r"([A-Za-z0-9][A-Za-z0-9_.-]{0,99})@([A-Za-z0-9][A-Za-z0-9_.+-]{0,49})"
)
"""A plugin at an exact version."""

SUBFLOW_REFERENCE = re.compile(rf"({TEMPLATE_KEY.pattern})(?:@([1-9][0-9]{{0,8}}))?")
"""A template, perhaps at an exact version."""

KIND_KEYS: Mapping[str, NodeKind] = {
    "plugin": NodeKind.ACTIVITY,
    "subflow": NodeKind.SUBFLOW,
    "exclusive": NodeKind.EXCLUSIVE,
    "parallel": NodeKind.PARALLEL,
    "conditional_parallel": NodeKind.CONDITIONAL_PARALLEL,
    "converge": NodeKind.CONVERGE,
}
"""The key that says what a node is."""

NODE_KEYS: Mapping[NodeKind, tuple[str, ...]] = {
    NodeKind.ACTIVITY: (
        *("id", "name", "plugin", "inputs", "export", "queue", "timeout", "secret_outputs"),
        "next",
    ),
    NodeKind.SUBFLOW: ("id", "name", "subflow", "inputs", "export", "next"),
    NodeKind.EXCLUSIVE: ("id", "name", "exclusive", "loop_limit"),
    NodeKind.PARALLEL: ("id", "name", "parallel"),
    NodeKind.CONDITIONAL_PARALLEL: ("id", "name", "conditional_parallel"),
    NodeKind.CONVERGE: ("id", "name", "converge", "next"),
}
"""The keys of each kind of node, in the order in which they are written."""

BRANCH_KEYS = ("default", "when", "next", "name")
"""The keys of a branch."""


@dataclass(frozen=True, slots=True)
class _Target:
    """A node that another one leads to, to be looked up once all ids are known."""

    part: Part
    node_id: str


class NodesReader:
    """Reads all nodes, then looks up where they lead."""

    def __init__(self) -> None:
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
                f"{suggest(target.node_id, known)}",
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
        kind = KIND_KEYS[kinds[0]]
        fields = part.fields(NODE_KEYS[kind], f"a node with {kinds[0]}")
        return self._of_kind(kind, node_id, fields) if node_id else None

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
        match kind:
            case NodeKind.ACTIVITY:
                return replace(node, activity=_activity(fields))
            case NodeKind.SUBFLOW:
                return replace(node, subflow=_subflow(fields))
            case NodeKind.CONVERGE:
                if not fields["converge"].flag("true"):
                    fields["converge"].wrong("invalid_value", "Expected true, but it is not")
                return node
            case _:
                limit = fields.get("loop_limit")
                return replace(
                    node,
                    branches=self._branches(kind, fields[kind.value]),
                    loop_limit=limit.integer("a number of rounds", least=1)
                    if limit
                    else DEFAULT_LOOP_LIMIT,
                )

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
        if isinstance(part.value, dict) and is_default == ("when" in fields):
            code = "unexpected_condition" if is_default else "missing_condition"
            found = "it has both" if is_default else "it has neither"
            part.wrong(code, f"Expected a branch to have when or default, but {found}")
        return Branch(
            target=self._branch_target(part, fields),
            condition=read_condition(fields["when"]) if "when" in fields else None,
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


def _activity(fields: Mapping[str, Part]) -> Activity:
    reference = PLUGIN_REFERENCE.fullmatch(
        fields["plugin"].word(PLUGIN_REFERENCE, "a plugin with its version, as in noop@1.0")
    )
    secret = (
        fields["secret_outputs"].items("a list of outputs") if "secret_outputs" in fields else []
    )
    timeout = (
        fields["timeout"].seconds("a length of time, as in 30 or 5m")
        if "timeout" in fields
        else None
    )
    return Activity(
        plugin=reference[1] if reference else "",
        version=reference[2] if reference else "",
        inputs=expressions(fields["inputs"]) if "inputs" in fields else {},
        queue=fields["queue"].word(QUEUE_NAME, "the name of a queue")
        if "queue" in fields
        else DEFAULT_QUEUE,
        timeout_seconds=timeout or DEFAULT_ATTEMPT_TIMEOUT_SECONDS,
        secret_outputs=frozenset(item.text("the name of an output") for item in secret),
    )


def _subflow(fields: Mapping[str, Part]) -> Subflow:
    reference = SUBFLOW_REFERENCE.fullmatch(
        fields["subflow"].word(SUBFLOW_REFERENCE, "the key of a template, as in other or other@3")
    )
    return Subflow(
        template=reference[1] if reference else "",
        version=int(reference[2]) if reference and reference[2] else None,
        inputs=expressions(fields["inputs"]) if "inputs" in fields else {},
    )


def expressions(part: Part) -> dict[str, JsonValue]:
    """Return a mapping of values whose expressions are checked in place."""
    values = dict(part.values())
    for problem in check(values):
        path = (*part.path, *problem.path)
        part.report.add(
            "expression_syntax",
            problem.reason,
            path,
            node_id=part.node_id,
            place=part.report.places.within(path, problem.offset + problem.position),
        )
    return values
