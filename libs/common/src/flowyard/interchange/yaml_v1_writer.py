"""Flows as YAML v1: what a person reads, and bk-sops imports."""

from collections.abc import Iterable, Iterator, Mapping

from flowyard.document import to_yaml
from flowyard.engine.graph import JsonValue
from flowyard.interchange.diagnostics import Findings
from flowyard.interchange.flow import (
    CONDITIONAL_KINDS,
    FieldValue,
    Flow,
    FlowNode,
    FlowNodeKind,
    FlowVariable,
)
from flowyard.interchange.naming import is_made_by_machine
from flowyard.interchange.part import variable_name

_NAMES_THERE: Mapping[str, str] = {
    "error_ignorable": "ignore_error",
    "retryable": "can_retry",
    "skippable": "can_skip",
}
_NOT_THERE = ("always_use_latest", "scheme_id_list", "template_source", "extra_info")
_SPLITTING = (*CONDITIONAL_KINDS, FlowNodeKind.PARALLEL)

JsonObject = dict[str, JsonValue]
"""Values by name."""


def to_yaml_v1(flows: Iterable[Flow], findings: Findings) -> str:
    """Return flows as one text with a document for each, and say what the format cannot hold.

    Parameters
    ----------
    flows
        Each after the subflows that it runs, as they are read.
    findings
        Where to say what is lost.
    """
    listed = list(flows)
    ids = {
        flow.flow_id: f"template{number}" if is_made_by_machine(flow.flow_id) else flow.flow_id
        for number, flow in enumerate(listed, start=1)
    }
    writers = (
        _FlowWriter(flow, number, ids, findings.of(flow.flow_id, *flow.path))
        for number, flow in enumerate(listed, start=1)
    )
    return "---\n".join(to_yaml(writer.document()) for writer in writers)


class _FlowWriter:
    def __init__(
        self, flow: Flow, number: int, template_ids: Mapping[str, str], findings: Findings
    ) -> None:
        self._flow = flow
        self._template_ids = template_ids
        self._findings = findings
        self._ids = {
            node_id: f"t{number}_node{position}" if is_made_by_machine(node_id) else node_id
            for position, node_id in enumerate(flow.nodes, start=1)
        }
        self._hooked: set[str] = set()

    def document(self) -> JsonObject:
        """Return one document."""
        meta: JsonObject = {
            "name": self._flow.name,
            "id": self._template_ids[self._flow.flow_id],
        }
        meta |= _filled("description", self._flow.description)
        spec: JsonObject = {"nodes": list(self._nodes())}
        spec |= _filled("constants", self._constants("custom"))
        spec |= _filled("outputs", [f"${{{name}}}" for name in self._flow.outputs])
        spec |= _filled("dummy_component_inputs", self._constants("component_inputs"))
        return {"schema_version": "v1", "meta": meta, "spec": spec}

    def _constants(self, source_type: str) -> JsonObject:
        return {
            f"${{{variable.name}}}": _variable(variable)
            for variable in self._flow.variables.values()
            if not variable.is_output
            and variable.name not in self._hooked
            and (variable.source_type == "component_inputs") == (source_type == "component_inputs")
        }

    def _nodes(self) -> Iterator[JsonValue]:
        nodes = list(self._flow.nodes.values())
        following = [*(node.node_id for node in nodes), ""][1:]
        for node, next_id in zip(nodes, following, strict=True):
            yield self._node(node, next_id)

    def _node(self, node: FlowNode, following: str) -> JsonObject:
        findings = self._findings.at(node.path, node.node_id)
        written: JsonObject = {"id": self._ids[node.node_id], "type": node.kind.value}
        written |= _filled("name", node.name)
        if node.kind is FlowNodeKind.SERVICE:
            data = {name: self._field(item) for name, item in node.data.items()}
            written["component"] = {"code": node.component, "data": data, "version": node.version}
        elif node.kind is FlowNodeKind.SUBPROCESS:
            template_id = self._template_ids.get(node.template_id, node.template_id)
            written["template_id"] = template_id
            data = {f"${{{name}}}": self._field(item) for name, item in node.data.items()}
            written |= _filled("data", data)
            if node.version:
                findings.warning("version_lost", "YAML v1 cannot pin the version of a subflow")
        elif node.kind in CONDITIONAL_KINDS:
            written |= self._conditions(node, findings)
        if node.converge_id:
            written["converge_gateway_id"] = self._id_of(node.converge_id)
        written |= _filled("output", self._output(node, findings))
        written |= self._options(node, findings)
        is_implied = node.targets in ((following,), ())
        if node.kind is FlowNodeKind.START or node.kind in _SPLITTING or not is_implied:
            written |= _filled("next", [self._id_of(target) for target in node.targets])
        return written

    def _id_of(self, node_id: str) -> str:
        return self._ids.get(node_id, node_id)

    def _options(self, node: FlowNode, findings: Findings) -> JsonObject:
        for name in _NOT_THERE:
            if name in node.options:
                findings.warning("option_lost", f"YAML v1 cannot hold {name}")
        return {
            _NAMES_THERE.get(name, name): value
            for name, value in node.options.items()
            if name not in _NOT_THERE
        }

    def _conditions(self, node: FlowNode, findings: Findings) -> JsonObject:
        conditions: JsonObject = {}
        default: JsonObject = {}
        for branch in node.branches:
            target = self._id_of(branch.target)
            if target in conditions or target in default:
                findings.error(
                    "branches_to_one_node",
                    f"YAML v1 cannot hold two branches to {target}; the last one is kept",
                    "Put a node of its own on each branch.",
                )
            name = _filled("name", branch.name)
            if branch.condition is None:
                default[target] = name
            else:
                conditions[target] = {"evaluate": branch.condition, **name}
        return {"conditions": conditions} | _filled("default_condition", default)

    def _field(self, item: FieldValue) -> JsonValue:
        name = variable_name(item.value) if isinstance(item.value, str) else ""
        variable = self._flow.variables.get(name)
        if not item.is_rendered:
            return {"value": item.value, "need_render": False}
        if not item.is_hooked or variable is None or variable.is_output:
            return {"value": item.value}
        if variable.source_type != "component_inputs":
            return {"value": item.value}
        self._hooked.add(name)
        return {"key": f"${{{name}}}", **_variable(variable)}

    def _output(self, node: FlowNode, findings: Findings) -> JsonObject:
        found: JsonObject = {}
        for variable in self._flow.variables.values():
            for node_id, output in variable.sources if variable.is_output else ():
                if node_id != node.node_id:
                    continue
                name = self._output_name(node, output)
                if name in found:
                    findings.error(
                        "output_of_two_variables",
                        f"YAML v1 cannot hold two variables of {output}; {variable.name} is lost",
                        "Use one variable for both.",
                    )
                    continue
                found[name] = {"key": f"${{{variable.name}}}", **_variable(variable)}
        return found

    def _output_name(self, node: FlowNode, output: str) -> str:
        return f"${{{output}}}" if node.kind is FlowNodeKind.SUBPROCESS else output


def _variable(variable: FlowVariable) -> JsonObject:
    written: JsonObject = _filled("name", variable.title)
    written |= {} if variable.value == "" else {"value": variable.value}
    written |= _filled("type", variable.custom_type)
    written |= _filled("desc", variable.description)
    is_plain_tag = variable.source_type == "custom"
    written |= _filled("source_tag", "" if is_plain_tag else variable.source_tag)
    written |= _filled("validation", variable.validation)
    written |= {} if variable.version == "legacy" else _filled("version", variable.version)
    flags = {
        "hide": not variable.is_shown,
        "pre_render_mako": variable.is_early,
        "is_meta": variable.is_meta,
    }
    written |= {key: True for key, is_set in flags.items() if is_set}
    return written | ({} if variable.is_rendered else {"need_render": False})


def _filled(key: str, value: JsonValue) -> JsonObject:
    return {key: value} if value not in (None, "", [], {}) else {}
