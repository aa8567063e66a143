"""Activities and subflows: what runs in place of a component, and how."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from flowyard.engine.graph import JsonValue
from flowyard.interchange.components import (
    CONVERSIONS,
    EVERYTHING,
    PLACEHOLDER,
    ComponentRule,
    ComponentTable,
)
from flowyard.interchange.diagnostics import Findings
from flowyard.interchange.flow import AUTOMATIC_OUTPUTS, FieldValue, Flow, FlowNode, FlowNodeKind
from flowyard.interchange.input_forms import JsonObject
from flowyard.interchange.naming import template_keys, variable_names
from flowyard.interchange.node_options import written_options
from flowyard.interchange.passing import passed
from flowyard.interchange.references import References, literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the flows of an import know of each other, and of where they go."""

    keys: Mapping[str, str]
    """Keys of templates by the ids of their flows."""
    names: Mapping[str, Mapping[str, str]]
    """Our names of each flow's variables, by its id."""
    schemes: Mapping[str, Mapping[str, str]]
    """Our names of each flow's execution schemes by their ids, by its id."""
    components: ComponentTable
    key_prefix: str = ""
    present_keys: Collection[str] = frozenset()
    """Keys of templates that the project has already."""
    always_given: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Variables that every flow which runs another one gives it, by the other's id."""
    documents: dict[str, JsonObject] = field(default_factory=dict)
    """What is written so far, by the ids of flows."""

    def rule(self, code: str, version: str) -> ComponentRule | None:
        """Return what becomes of a component; None for one that is not mapped."""
        return self.components.get(f"{code}@{version}") or self.components.get(code)


class ActivityWriter:
    """Writes what the nodes of one flow run.

    Parameters
    ----------
    flow
        Whose nodes are written.
    references
        Translates expressions.
    texts
        Our names of variables that are text for sure.
    """

    def __init__(
        self, flow: Flow, references: References, around: Surroundings, texts: frozenset[str]
    ) -> None:
        self._flow = flow
        self._names = around.names[flow.flow_id]
        self._references = references
        self._around = around
        self._texts = texts

    def write(self, node: FlowNode, findings: Findings) -> JsonObject:
        """Return the keys of a node that say what it runs, and how."""
        if node.kind is FlowNodeKind.SUBPROCESS:
            written = self._subflow(node, findings)
        else:
            rule = self._around.rule(node.component, node.version)
            written = (
                self._placeholder(node, findings)
                if rule is None
                else self._activity(node, rule, findings)
            )
        return written | written_options(node, self._references, findings)

    def write_end(self, node: FlowNode, rule: ComponentRule, findings: Findings) -> JsonObject:
        """Return what an end runs before the flow ends."""
        return self._activity(node, rule, findings)

    def _activity(self, node: FlowNode, rule: ComponentRule, findings: Findings) -> JsonObject:
        written: JsonObject = {"plugin": rule.plugin}
        written |= _filled("inputs", self._inputs(node, rule, findings))
        exports = self._exports(node, rule.outputs, findings)
        return written | _filled("export", exports)

    def _placeholder(self, node: FlowNode, findings: Findings) -> JsonObject:
        code = node.component or "(none)"
        findings.about("component").error(
            "unmapped_plugin",
            f"Expected a component that is mapped to a plugin, but {code} {node.version} is none",
            "Extend the table of components, or choose a plugin; until then the node fails.",
        )
        data: JsonObject = {
            name: self._value(item, findings.about("component", "data", name))
            for name, item in node.data.items()
        }
        inputs: JsonObject = {"code": node.component, "version": node.version, "data": data}
        exports = self._exports(node, None, findings)
        written: JsonObject = {"plugin": PLACEHOLDER, "inputs": inputs}
        return written | _filled("export", exports)

    def _value(self, item: FieldValue, findings: Findings) -> JsonValue:
        if item.is_rendered:
            return self._references.value(item.value, findings)
        return literal(item.value, findings)

    def _inputs(self, node: FlowNode, rule: ComponentRule, findings: Findings) -> JsonObject:
        used = {one.field for one in rule.inputs.values()} | rule.ignored
        left = [name for name in node.data if name not in used]
        inputs: JsonObject = {}
        for name, one in rule.inputs.items():
            if one.field == EVERYTHING:
                inputs[name] = self._everything(node, left, findings)
                left = []
                continue
            if one.field not in node.data or node.data[one.field].value in ("", None):
                continue
            place = findings.about("component", "data", one.field)
            item = node.data[one.field]
            value = item.value if one.kind == "verbatim" else self._value(item, place)
            inputs[name] = CONVERSIONS[one.kind](value, place)
        for name in left:
            if node.data[name].value not in ("", None, [], {}, False):
                findings.about("component", "data", name).warning(
                    "input_lost", f"{rule.plugin} has nothing for the input {name}; it is lost"
                )
        return {**rule.fixed, **inputs}

    def _everything(self, node: FlowNode, fields: list[str], findings: Findings) -> JsonObject:
        return {
            name: self._value(node.data[name], findings.about("component", "data", name))
            for name in fields
        }

    def _subflow(self, node: FlowNode, findings: Findings) -> JsonObject:
        key = self._key(node, findings)
        is_latest = node.options.get("always_use_latest") is True
        if is_latest:
            findings.about("always_use_latest").note(
                "runs_by_itself", "With its latest version, it runs in an instance of its own"
            )
        if node.options.get("template_source") == "common":
            findings.about("template_source").warning(
                "common_template",
                f"Expected a template of the project, but {key} is a common one there",
                f"Import it into its own project and share it, then name PROJECT/{key} here.",
            )
        written: JsonObject = {"subflow": f"{key}@latest" if is_latest else key}
        written |= {} if is_latest else {"mode": "inline"}
        written |= _filled("schemes", self._schemes(node, findings))
        outputs = [output for _, output in self._written_by(node)]
        names = variable_names([*node.data, *outputs])
        names |= self._around.names.get(node.template_id, {})
        written |= _filled("inputs", self._given(node, names, findings))
        return written | _filled("export", self._exports(node, names, findings))

    def _key(self, node: FlowNode, findings: Findings) -> str:
        key = self._around.keys.get(node.template_id)
        if key is not None:
            return key
        key = _foreign_key(node.template_id, self._around.key_prefix)
        place = findings.about("template_id")
        if key in self._around.present_keys:
            place.note("subflow_of_the_project", f"{key} is the template that the project has")
        else:
            place.error(
                "unknown_template",
                f"Expected the subflow {node.template_id or '(none)'} in the file, but it is not",
                f"Import it too, or name a template in place of {key}.",
            )
        return key

    def _schemes(self, node: FlowNode, findings: Findings) -> list[JsonValue]:
        wanted = node.options.get("scheme_id_list")
        known = self._around.schemes.get(node.template_id, {})
        found: list[JsonValue] = []
        for scheme_id in wanted if isinstance(wanted, list) else []:
            if str(scheme_id) in known:
                found.append(known[str(scheme_id)])
            else:
                findings.about("scheme_id_list").warning(
                    "unknown_scheme",
                    f"Expected scheme {scheme_id} in the file, but it is not; without one the"
                    " whole subflow runs",
                    "Add the scheme to the subflow's definition, and its name to schemes here.",
                )
        return found

    def _given(self, node: FlowNode, names: Mapping[str, str], findings: Findings) -> JsonObject:
        child = self._around.documents.get(node.template_id)
        specs = None if child is None else child.get("inputs", {})
        found: JsonObject = {}
        for name, item in node.data.items():
            place = findings.about("constants", name)
            value = self._value(item, place)
            if not isinstance(specs, dict):
                found[names[name]] = value
                continue
            spec = specs.get(names[name])
            if not isinstance(spec, dict) or spec.get("show") is False:
                place.warning("input_dropped", f"The subflow does not ask for {name}; it is lost")
                continue
            value = passed(value, spec, self._texts, place)
            if value is not None or spec["type"] == "json":
                found[names[name]] = value
        return found

    def _exports(
        self, node: FlowNode, outputs: Mapping[str, str] | None, findings: Findings
    ) -> JsonObject:
        """Return what variables the node writes; None for outputs keeps their names."""
        found: JsonObject = {}
        for variable, output in self._written_by(node):
            if output in AUTOMATIC_OUTPUTS:
                found[self._names[variable]] = self._automatic(output, findings)
                continue
            if outputs is not None and output not in outputs:
                findings.error(
                    "unknown_output",
                    f"Expected an output that the plugin has, but {output} is not mapped",
                    "Extend the table of components, or export another output.",
                )
            found[self._names[variable]] = (outputs or {}).get(output, output)
        return found

    def _automatic(self, output: str, findings: Findings) -> str:
        if output == "_inner_loop":
            findings.note("expression_rewritten", "_inner_loop is _loop here, in subflows as well")
            return "_loop"
        return output

    def _written_by(self, node: FlowNode) -> Iterator[tuple[str, str]]:
        for variable in self._flow.variables.values():
            if variable.is_output:
                for node_id, output in variable.sources:
                    if node_id == node.node_id:
                        yield variable.name, output


def _foreign_key(template_id: str, prefix: str) -> str:
    alone = Flow(flow_id=template_id or "unknown", path=(), nodes={})
    return template_keys([alone], prefix)[alone.flow_id]


def _filled(key: str, values: JsonObject | list[JsonValue]) -> JsonObject:
    return {key: values} if values else {}
