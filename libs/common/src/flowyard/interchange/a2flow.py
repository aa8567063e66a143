"""a2flow v2, BKFlow's short format for people and programs: start, end and converges implied."""

from collections.abc import Iterator
from itertools import zip_longest

from flowyard.engine.graph import JsonValue
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

START_ID = "start"
END_ID = "end"


def is_a2flow(value: JsonValue) -> bool:
    """Tell whether a value looks like a2flow."""
    return isinstance(value, dict) and isinstance(value.get("nodes"), list) and "version" in value


def read_a2flow(part: Part, *, flow_id: str) -> Flow:
    """Return the flow."""
    version = part.get("version")
    if version.text() not in ("2.0", "2"):
        version.findings.error(
            "unsupported_version", f"Expected version 2.0, but it is {version.text() or 'missing'}"
        )
    nodes = _nodes(part)
    variables = [_variable(item) for item in part.get("variables").items()]
    return Flow(
        flow_id=flow_id,
        path=part.findings.path,
        name=part.get("name").text(),
        description=part.get("desc", "description").text(),
        nodes=nodes,
        variables={variable.name: variable for variable in variables},
        outputs=tuple(variable_name(key) for key in part.get("outputs").texts()),
    )


def _nodes(part: Part) -> dict[str, FlowNode]:
    items = [item for item in part.get("nodes").items() if item.get("id").text()]
    ids = [item.get("id").text() for item in items]
    found = {END_ID: FlowNode(node_id=END_ID, kind=FlowNodeKind.END, path=())}
    if START_ID not in ids:
        first = (ids[0],) if ids else (END_ID,)
        found[START_ID] = FlowNode(
            node_id=START_ID, kind=FlowNodeKind.START, path=(), targets=first
        )
    for item, node_id, following in zip(items, ids, [*ids, END_ID][1:], strict=True):
        located = item.of_node(node_id)
        if node_id in found and node_id != END_ID:
            located.findings.error(
                "duplicate_node", f"Expected ids that differ, but {node_id} is there twice"
            )
        found[node_id] = _node(located, node_id, following)
    for node in found.values():
        for target in node.targets:
            if target not in found:
                part.findings.at(node.path, node.node_id).error(
                    "unknown_target",
                    f"Expected a node to lead to, but there is no {target or 'such one'}",
                )
    starts = [node.node_id for node in found.values() if node.kind is FlowNodeKind.START]
    order = reading_order({key: node.targets for key, node in found.items()}, starts)
    return {node_id: found[node_id] for node_id in order}


def _node(part: Part, node_id: str, following: str) -> FlowNode:
    text = part.get("type").text(FlowNodeKind.SERVICE.value)
    if text not in KINDS:
        part.get("type").findings.error(
            "unknown_node_type", f"Expected a type of node that is known, but it is {text}"
        )
    kind = KINDS.get(text, FlowNodeKind.SERVICE)
    branches = tuple(_branches(part)) if kind in CONDITIONAL_KINDS else ()
    targets = tuple(one.target for one in branches) or part.get("next").texts() or (following,)
    component = part.get("component")
    return FlowNode(
        node_id=node_id,
        kind=kind,
        path=part.findings.path,
        name=part.get("name").text(),
        component=part.get("code").text(component.get("code").text()),
        version=part.get("version", "plugin_version").text("legacy"),
        data={variable_name(name): _field(item) for name, item in part.get("data").entries()},
        template_id=part.get("template_id").text(),
        options=read_options(part),
        targets=() if kind is FlowNodeKind.END else targets,
        branches=branches,
        converge_id=part.get("converge_gateway_id").text(),
    )


def _branches(part: Part) -> Iterator[FlowBranch]:
    default = part.get("default_next").text()
    ways = [target for target in part.get("next").texts() if target != default]
    conditions = list(part.get("conditions").items())
    has_own_ways = any("next" in item for item in conditions)
    if not has_own_ways and len(ways) != len(conditions):
        part.get("conditions").findings.error(
            "conditions_mismatch",
            f"Expected a condition for each of {len(ways)} ways, but there are {len(conditions)}",
        )
    pairs = ((None, one) for one in conditions) if has_own_ways else zip_longest(ways, conditions)
    for target, condition in pairs:
        if condition is None:
            yield FlowBranch(target=target or "", condition="")
        elif isinstance(condition.value, str):
            yield FlowBranch(target=target or "", condition=condition.value)
        else:
            yield FlowBranch(
                target=target or condition.get("next").text(),
                condition=condition.get("evaluate", "expression", "expr").text(),
                name=condition.get("name").text(),
            )
    if default:
        yield FlowBranch(target=default)


def _field(part: Part) -> FieldValue:
    if isinstance(part.value, dict) and "value" in part.value:
        return FieldValue(part.value["value"], is_hooked=part.get("hook").flag(default=False))
    return FieldValue(part.value)


def _variable(part: Part) -> FlowVariable:
    sources = tuple(
        (node_id, variable_name(name))
        for node_id, names in part.get("source_info").entries()
        for name in names.texts()
    )
    return FlowVariable(
        name=variable_name(part.get("key").text()),
        path=part.findings.path,
        title=part.get("name").text(),
        value=part.get("value").value if "value" in part else "",
        description=part.get("desc", "description").text(),
        source_type=part.get("source_type").text("custom"),
        custom_type=part.get("custom_type", "type").text(),
        is_shown=part.get("show_type").text("show") == "show",
        validation=part.get("validation").text(),
        sources=sources,
    )
