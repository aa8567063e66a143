"""YAML v1, bk-sops's format for people: one document per flow."""

from collections.abc import Iterator
from dataclasses import replace

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

DEFAULT_CONDITION = "default"
"""What some files give as the condition of the branch that is taken otherwise."""


def is_yaml_v1(value: JsonValue) -> bool:
    """Tell whether a document looks like YAML v1."""
    return isinstance(value, dict) and "spec" in value


def read_yaml_flow(part: Part, *, position: int) -> Flow:
    """Return one document's flow."""
    meta, spec = part.get("meta"), part.get("spec")
    flow_id = meta.get("id").text(f"template{position}")
    located = Part(spec.value, part.findings.of(flow_id, *part.findings.path, "spec"))
    version = part.get("schema_version")
    if version.text() != "v1":
        version.findings.error(
            "unsupported_version", f"Expected version v1, but it is {version.text() or 'missing'}"
        )
    reader = _SpecReader(located)
    nodes = reader.nodes()
    return Flow(
        flow_id=flow_id,
        path=part.findings.path,
        name=meta.get("name").text(),
        description=meta.get("description").text(),
        nodes=nodes,
        variables=reader.variables,
        outputs=tuple(variable_name(key) for key in located.get("outputs").texts()),
    )


class _SpecReader:
    def __init__(self, part: Part) -> None:
        self._part = part
        self.variables: dict[str, FlowVariable] = {}
        for section in ("constants", "dummy_component_inputs"):
            for key, item in part.get(section).entries():
                self._put(_variable(variable_name(key), item, "custom"))

    def nodes(self) -> dict[str, FlowNode]:
        """Return all nodes, in reading order; variables are complete afterwards."""
        parts = [
            item.of_node(item.get("id").text())
            for item in self._part.get("nodes").items()
            if self._is_node(item)
        ]
        ids = [part.get("id").text() for part in parts]
        found: dict[str, FlowNode] = {}
        for part, node_id, following in zip(parts, ids, [*ids, ""][1:], strict=True):
            if node_id in found:
                part.findings.error(
                    "duplicate_node", f"Expected ids that differ, but {node_id} is there twice"
                )
            found.setdefault(node_id, self._node(part, node_id, following))
        self._check_targets(found)
        starts = [node.node_id for node in found.values() if node.kind is FlowNodeKind.START]
        if not starts:
            self._part.findings.error("missing_start", "Expected an EmptyStartEvent")
        order = reading_order({key: node.targets for key, node in found.items()}, starts)
        return {node_id: found[node_id] for node_id in order}

    def _is_node(self, part: Part) -> bool:
        is_node = bool(part.get("id").text())
        if not is_node:
            part.findings.error("missing_id", "Expected a node with an id")
        return is_node

    def _check_targets(self, nodes: dict[str, FlowNode]) -> None:
        for node in nodes.values():
            for target in node.targets:
                if target not in nodes:
                    self._part.findings.at(node.path, node.node_id).error(
                        "unknown_target",
                        f"Expected a node to lead to, but there is no {target or 'such one'}",
                        "Name an id of this document.",
                    )

    def _node(self, part: Part, node_id: str, following: str) -> FlowNode:
        text = part.get("type").text()
        if text not in KINDS:
            part.get("type").findings.error(
                "unknown_node_type",
                f"Expected a type of node that is known, but it is {text or 'missing'}",
                "Give the node its type.",
            )
        kind = KINDS.get(text, FlowNodeKind.SERVICE)
        targets = part.get("next").texts() or ((following,) if following else ())
        node = FlowNode(
            node_id=node_id,
            kind=kind,
            path=part.findings.path,
            name=part.get("name").text(),
            options=read_options(part),
            targets=() if kind is FlowNodeKind.END else targets,
            converge_id=part.get("converge_gateway_id").text(),
        )
        self._read_outputs(part, node_id)
        if kind is FlowNodeKind.SERVICE:
            component = part.get("component")
            return replace(
                node,
                component=component.get("code").text(),
                version=component.get("version").text("legacy"),
                data=self._data(component.get("data"), node_id),
            )
        if kind is FlowNodeKind.SUBPROCESS:
            return replace(
                node,
                template_id=part.get("template_id").text(),
                data=self._data(part.get("data"), node_id),
            )
        if kind in CONDITIONAL_KINDS:
            branches = tuple(self._branches(part))
            return replace(node, branches=branches, targets=tuple(one.target for one in branches))
        return node

    def _branches(self, part: Part) -> Iterator[FlowBranch]:
        told: set[str] = set()
        for key, item in _conditions(part.get("conditions")):
            told.add(key)
            text = item.get("evaluate").text()
            is_default = text.strip() == DEFAULT_CONDITION
            if is_default:
                item.findings.note("default_condition", f"{text} is read as the default branch")
            yield FlowBranch(
                target=key, condition=None if is_default else text, name=item.get("name").text()
            )
        for key, item in part.get("default_condition").entries():
            told.add(key)
            yield FlowBranch(target=key, name=item.get("name").text())
        for target in part.get("next").texts():
            if target not in told:
                part.get("next").findings.error(
                    "missing_condition",
                    f"Expected a condition for the way to {target}, but there is none",
                    "Give the branch a condition or make it the default.",
                )
                yield FlowBranch(target=target, condition="")

    def _data(self, part: Part, node_id: str) -> dict[str, FieldValue]:
        found: dict[str, FieldValue] = {}
        for key, item in part.entries():
            name = variable_name(key)
            if not isinstance(item.value, dict):
                found[name] = FieldValue(item.value)
            elif "key" in item:
                hooked = variable_name(item.get("key").text())
                self._put(_variable(hooked, item, "component_inputs", (node_id, name)))
                found[name] = FieldValue(f"${{{hooked}}}", is_hooked=True)
            else:
                is_rendered = item.get("need_render").flag(default=True)
                found[name] = FieldValue(item.get("value").value, is_rendered=is_rendered)
        return found

    def _read_outputs(self, part: Part, node_id: str) -> None:
        for output, item in part.get("output").entries():
            name = variable_name(item.get("key").text(output))
            source = (node_id, variable_name(output))
            self._put(_variable(name, item, "component_outputs", source))

    def _put(self, variable: FlowVariable) -> None:
        """Keep a variable; several nodes may share it."""
        known = self.variables.get(variable.name)
        if known is not None:
            variable = replace(known, sources=(*known.sources, *variable.sources))
        self.variables[variable.name] = variable


def _conditions(part: Part) -> Iterator[tuple[str, Part]]:
    """Yield conditions by target; some files write a list in which each has its ``next``."""
    if not isinstance(part.value, list):
        yield from part.entries()
        return
    part.findings.note("list_of_conditions", "A list of conditions is read by the next of each")
    for item in part.items():
        yield item.get("next").text(), item


def _variable(
    name: str, part: Part, source_type: str, source: tuple[str, str] | None = None
) -> FlowVariable:
    is_hidden = part.get("hide").flag(default=False)
    return FlowVariable(
        name=name,
        path=part.findings.path,
        title=part.get("name").text(),
        value=part.get("value").value if "value" in part else "",
        description=part.get("desc", "description").text(),
        source_type=source_type,
        custom_type=part.get("type", "custom_type").text(),
        source_tag=part.get("source_tag").text(),
        is_shown=not is_hidden,
        validation=part.get("validation").text(),
        is_meta=part.get("is_meta").flag(default=False),
        meta=part.get("meta").value,
        is_early=part.get("pre_render_mako").flag(default=False),
        is_rendered=part.get("need_render").flag(default=True),
        version=part.get("version").text("legacy"),
        sources=() if source is None else (source,),
    )
