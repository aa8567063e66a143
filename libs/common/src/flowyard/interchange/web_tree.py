"""Trees of bk-sops's editor and of the bamboo engine, which differ only in where values stand.

The editor keeps variables in ``constants`` and a plugin's inputs in ``component.data``; the
engine keeps them in ``data.inputs`` and ``component.inputs``. In both ``flows`` is the truth
about where nodes lead; ``line`` and ``location`` only draw it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from flowyard.engine.graph import JsonValue
from flowyard.interchange.diagnostics import Findings
from flowyard.interchange.flow import (
    CONDITIONAL_KINDS,
    KINDS,
    FieldValue,
    Flow,
    FlowBranch,
    FlowNode,
    FlowNodeKind,
    FlowVariable,
)
from flowyard.interchange.options import read_options
from flowyard.interchange.order import reading_order
from flowyard.interchange.part import Part, variable_name
from flowyard.interchange.positions import read_positions
from flowyard.interchange.variables import read_engine_variables, read_variables

MAX_NESTING = 20
"""Deepest nesting of subflows that are written inside of their parents."""


def is_tree(value: JsonValue) -> bool:
    """Tell whether a value looks like a tree."""
    return isinstance(value, dict) and "activities" in value and "start_event" in value


def read_tree(part: Part, *, flow_id: str, name: str = "", depth: int = 0) -> list[Flow]:
    """Return a tree's flow, after those of the subflows that are written inside of it."""
    reader = _TreeReader(part, flow_id, depth)
    nodes = reader.nodes()
    variables = read_variables(part.get("constants"))
    engine = part.get("data")
    if "inputs" in engine:
        early = {variable_name(key) for key in engine.get("pre_render_keys").texts()}
        variables |= read_engine_variables(engine.get("inputs"), early)
        variables |= reader.engine_outputs(set(variables))
    outputs = part.get("outputs") if "outputs" in part else engine.get("outputs")
    flow = Flow(
        flow_id=flow_id,
        path=part.findings.path,
        name=name or part.get("name").text(),
        description=part.get("description", "desc").text(),
        nodes=nodes,
        variables=variables,
        outputs=tuple(variable_name(key) for key in _keys(outputs)),
        positions=read_positions(part.get("location").value),
    )
    return [*reader.children, flow]


def _keys(part: Part) -> tuple[str, ...]:
    """Return the keys of a list or an object: engine trees have either."""
    return tuple(part.value) if isinstance(part.value, dict) else part.texts()


class _TreeReader:
    def __init__(self, part: Part, flow_id: str, depth: int) -> None:
        self._part = part
        self._flow_id = flow_id
        self._depth = depth
        self._targets = {
            edge_id: edge.get("target").text() for edge_id, edge in part.get("flows").entries()
        }
        self._leaving: dict[str, list[str]] = {}
        for edge_id, edge in part.get("flows").entries():
            self._leaving.setdefault(edge.get("source").text(), []).append(edge_id)
        self._exported: dict[str, list[tuple[str, str]]] = {}
        self.children: list[Flow] = []

    def nodes(self) -> dict[str, FlowNode]:
        """Return all nodes, in reading order."""
        found = {node.node_id: node for node in self._all() if node.node_id}
        for node in found.values():
            for target in node.targets:
                if target not in found:
                    self._part.findings.at(node.path, node.node_id).error(
                        "unknown_target",
                        f"Expected a node to lead to, but there is no {target or 'such one'}",
                        "Draw the connection anew.",
                    )
        starts = [node.node_id for node in found.values() if node.kind is FlowNodeKind.START]
        if not starts:
            self._part.findings.error("missing_start", "Expected a start event with an id")
        order = reading_order({key: node.targets for key, node in found.items()}, starts)
        return {node_id: found[node_id] for node_id in order}

    def engine_outputs(self, known: set[str]) -> dict[str, FlowVariable]:
        """Return the variables that nodes of an engine tree write without a declaration."""
        return {
            name: FlowVariable(
                name=name,
                path=self._part.findings.path,
                source_type="component_outputs",
                is_shown=False,
                sources=tuple(sources),
            )
            for name, sources in self._exported.items()
            if name not in known
        }

    def _all(self) -> Iterator[FlowNode]:
        start, end = self._part.get("start_event"), self._part.get("end_event")
        yield self._node(start.get("id").text(), start, FlowNodeKind.START)
        for node_id, part in self._part.get("activities").entries():
            yield self._node(node_id, part.of_node(node_id), FlowNodeKind.SERVICE)
        for node_id, part in self._part.get("gateways").entries():
            yield self._node(node_id, part.of_node(node_id), None)
        yield self._node(end.get("id").text(), end, FlowNodeKind.END)

    def _node(self, node_id: str, part: Part, otherwise: FlowNodeKind | None) -> FlowNode:
        kind = self._kind(part, otherwise)
        node = FlowNode(
            node_id=node_id,
            kind=kind,
            path=part.findings.path,
            name=part.get("name").text(),
            options=read_options(part),
            targets=self._outgoing(node_id, part),
            converge_id=part.get("converge_gateway_id").text(),
        )
        if kind is FlowNodeKind.END and part.get("type").text() not in KINDS:
            return replace(node, component=part.get("type").text())
        if kind is FlowNodeKind.SERVICE:
            return self._service(node, part.get("component"))
        if kind is FlowNodeKind.SUBPROCESS:
            return self._subprocess(node, part)
        if kind in CONDITIONAL_KINDS:
            branches = tuple(self._branches(part))
            return replace(node, branches=branches, targets=tuple(one.target for one in branches))
        return node

    def _kind(self, part: Part, otherwise: FlowNodeKind | None) -> FlowNodeKind:
        text = part.get("type").text()
        if text in KINDS:
            return KINDS[text]
        if text and otherwise is FlowNodeKind.END:
            return FlowNodeKind.END
        is_event = otherwise in (FlowNodeKind.START, FlowNodeKind.END)
        if text or not is_event:
            part.findings.error(
                "unknown_node_type",
                f"Expected a type of node that is known, but it is {text or 'missing'}",
                "Give the node its type.",
            )
        return otherwise or FlowNodeKind.CONVERGE

    def _outgoing(self, node_id: str, part: Part) -> tuple[str, ...]:
        edges = part.get("outgoing").texts() or tuple(self._leaving.get(node_id, ()))
        return tuple(self._target(edge_id, part.get("outgoing").findings) for edge_id in edges)

    def _target(self, edge_id: str, findings: Findings) -> str:
        if edge_id not in self._targets:
            findings.error(
                "unknown_flow",
                f"Expected {edge_id} to be an entry of flows, but there is none",
                "Draw the connection anew.",
            )
        return self._targets.get(edge_id, "")

    def _branches(self, part: Part) -> Iterator[FlowBranch]:
        default = part.get("default_condition")
        default_id = default.get("flow_id").text()
        told = {default_id}
        for edge_id, condition in part.get("conditions").entries():
            told.add(edge_id)
            yield FlowBranch(
                target=self._target(edge_id, condition.findings),
                condition=condition.get("evaluate").text(),
                name=condition.get("name").text(),
            )
        for edge_id in part.get("outgoing").texts():
            if edge_id not in told:
                part.findings.error(
                    "missing_condition",
                    f"Expected a condition for the way {edge_id}, but there is none",
                    "Give the branch a condition or make it the default.",
                )
                yield FlowBranch(target=self._target(edge_id, part.findings), condition="")
        if default_id:
            target = self._target(default_id, default.findings)
            yield FlowBranch(target=target, name=default.get("name").text())

    def _service(self, node: FlowNode, component: Part) -> FlowNode:
        fields = component.get("data", "inputs")
        for output, key in component.get("global_outputs").entries():
            name = variable_name(key.text())
            self._exported.setdefault(name, []).append((node.node_id, output))
        return replace(
            node,
            component=component.get("code").text(),
            version=component.get("version").text("legacy"),
            data={name: _field(field) for name, field in fields.entries()},
        )

    def _subprocess(self, node: FlowNode, part: Part) -> FlowNode:
        given = part.get("constants") if "constants" in part else part.get("params")
        options = dict(node.options)
        for name in ("always_use_latest", "scheme_id_list", "template_source"):
            value = part.get(name).value
            if value not in (None, False, "", [], "project"):
                options[name] = value
        template_id = part.get("template_id").text()
        inner = part.get("pipeline")
        if is_tree(inner.value) and self._depth < MAX_NESTING:
            template_id = f"{self._flow_id}-{node.node_id}"
            self.children += read_tree(
                Part(inner.value, inner.findings.of(template_id, *inner.findings.path)),
                flow_id=template_id,
                name=node.name,
                depth=self._depth + 1,
            )
        return replace(
            node,
            template_id=template_id,
            version=part.get("version").text(),
            options=options,
            data=dict(_given(given)),
        )


def _field(part: Part) -> FieldValue:
    if not isinstance(part.value, dict) or "value" not in part.value:
        return FieldValue(part.value)
    return FieldValue(
        part.value["value"],
        is_hooked=part.get("hook").flag(default=False),
        is_rendered=part.get("type").value != "plain"
        and part.get("need_render").flag(default=True),
    )


def _given(part: Part) -> Iterator[tuple[str, FieldValue]]:
    for key, item in part.entries():
        value: Mapping[str, JsonValue] = item.value if isinstance(item.value, dict) else {}
        is_asked = value.get("show_type", "show") == "show"
        if is_asked and value.get("source_type") != "component_outputs":
            yield (
                variable_name(key),
                FieldValue(
                    _chosen(value.get("value", "")), is_rendered=value.get("type") != "plain"
                ),
            )


def _chosen(value: JsonValue) -> JsonValue:
    """Return a value; of a form, what it takes where nobody chooses."""
    is_form = isinstance(value, dict) and bool(value.keys() & {"items_text", "columns"})
    return value.get("default", "") if is_form and isinstance(value, dict) else value
