"""Activities and subflows: what runs in place of a component, and which options are lost."""

from collections.abc import Iterator, Mapping

from flowyard.interchange.components import (
    CONVERSIONS,
    PLACEHOLDER,
    ComponentRule,
    ComponentTable,
)
from flowyard.interchange.diagnostics import Findings
from flowyard.interchange.flow import AUTOMATIC_OUTPUTS, Flow, FlowNode, FlowNodeKind
from flowyard.interchange.naming import template_keys, variable_names
from flowyard.interchange.native_variables import JsonObject
from flowyard.interchange.references import References

LOST_OPTIONS: Mapping[str, str] = {
    "error_ignorable": "that its failure is ignored",
    "auto_retry": "that it is retried by itself",
    "timeout_config": "what happens when it takes too long",
    "retryable": "that it may not be retried",
    "skippable": "that it may not be skipped",
    "executor_proxy": "whom it runs as",
    "stage_name": "the name of its stage",
    "labels": "its labels",
    "loop": "that it runs in a loop",
    "always_use_latest": "that the latest version of the subflow is always used",
    "scheme_id_list": "which execution schemes of the subflow are used",
}
"""What a definition cannot hold yet, in words."""


class ActivityWriter:
    """Writes what a node runs.

    Parameters
    ----------
    flow
        Whose nodes are written.
    names
        Our names of its variables.
    references
        Translates expressions.
    keys
        Keys of templates by the ids of their flows.
    names_within
        Our names of each flow's variables, by its id.
    components
        What takes the place of plugins.
    """

    def __init__(
        self,
        flow: Flow,
        names: Mapping[str, str],
        references: References,
        *,
        keys: Mapping[str, str],
        names_within: Mapping[str, Mapping[str, str]],
        components: ComponentTable,
    ) -> None:
        self._flow = flow
        self._names = names
        self._references = references
        self._keys = keys
        self._names_within = names_within
        self._components = components

    def write(self, node: FlowNode, findings: Findings) -> JsonObject:
        """Return the keys of a node that say what it runs."""
        self._report_options(node, findings)
        if node.kind is FlowNodeKind.SUBPROCESS:
            return self._subflow(node, findings)
        rule = self._components.get(f"{node.component}@{node.version}")
        rule = rule or self._components.get(node.component)
        if rule is None:
            return self._placeholder(node, findings)
        written: JsonObject = {"plugin": rule.plugin}
        written |= _filled("inputs", self._inputs(node, rule, findings))
        return written | _filled("export", self._exports(node, rule.outputs, findings))

    def _report_options(self, node: FlowNode, findings: Findings) -> None:
        for option in node.options:
            if option in LOST_OPTIONS:
                findings.about(option).warning(
                    "option_lost", f"Lost: {LOST_OPTIONS[option]} ({option})"
                )

    def _placeholder(self, node: FlowNode, findings: Findings) -> JsonObject:
        code = node.component or "(none)"
        findings.about("component").error(
            "unmapped_plugin",
            f"Expected a component that is mapped to a plugin, but {code} {node.version} is none",
            "Extend the table of components, or choose a plugin; until then the node fails.",
        )
        data: JsonObject = {
            name: self._references.value(item.value, findings.about("component", "data", name))
            for name, item in node.data.items()
        }
        inputs: JsonObject = {"code": node.component, "version": node.version, "data": data}
        exports = self._exports(node, None, findings)
        written: JsonObject = {"plugin": PLACEHOLDER, "inputs": inputs}
        return written | _filled("export", exports)

    def _inputs(self, node: FlowNode, rule: ComponentRule, findings: Findings) -> JsonObject:
        used = {one.field for one in rule.inputs.values()} | rule.ignored
        inputs: JsonObject = dict(rule.fixed)
        for name, one in rule.inputs.items():
            if one.field not in node.data or node.data[one.field].value in ("", None):
                continue
            place = findings.about("component", "data", one.field)
            value = self._references.value(node.data[one.field].value, place)
            inputs[name] = CONVERSIONS[one.kind](value, place)
        for name, item in node.data.items():
            if name not in used and item.value not in ("", None, [], {}, False):
                findings.about("component", "data", name).warning(
                    "input_lost", f"{rule.plugin} has nothing for the input {name}; it is lost"
                )
        return inputs

    def _subflow(self, node: FlowNode, findings: Findings) -> JsonObject:
        key = self._keys.get(node.template_id)
        if key is None:
            key = _foreign_key(node.template_id)
            findings.about("template_id").error(
                "unknown_template",
                f"Expected the subflow {node.template_id or '(none)'} in the file, but it is not",
                f"Import it too, or name a template in place of {key}.",
            )
        outputs = [output for _, output in self._written_by(node)]
        names = variable_names([*node.data, *outputs])
        names |= self._names_within.get(node.template_id, {})
        inputs: JsonObject = {
            names[name]: self._references.value(item.value, findings.about("constants", name))
            for name, item in node.data.items()
        }
        exports = self._exports(node, names, findings)
        written: JsonObject = {"subflow": key}
        return written | _filled("inputs", inputs) | _filled("export", exports)

    def _exports(
        self, node: FlowNode, outputs: Mapping[str, str] | None, findings: Findings
    ) -> JsonObject:
        """Return what variables the node writes; None for outputs keeps their names."""
        found: JsonObject = {}
        for variable, output in self._written_by(node):
            if node.kind is FlowNodeKind.SERVICE and output in AUTOMATIC_OUTPUTS:
                findings.error(
                    "automatic_output",
                    f"Expected an output that plugins have here, but {output} is none",
                    "Take what depends on it out, or count in a variable.",
                )
            elif outputs is not None and output not in outputs:
                findings.error(
                    "unknown_output",
                    f"Expected an output that the plugin has, but {output} is not mapped",
                    "Extend the table of components, or export another output.",
                )
            found[self._names[variable]] = (outputs or {}).get(output, output)
        return found

    def _written_by(self, node: FlowNode) -> Iterator[tuple[str, str]]:
        for variable in self._flow.variables.values():
            if variable.is_output:
                for node_id, output in variable.sources:
                    if node_id == node.node_id:
                        yield variable.name, output


def _foreign_key(template_id: str) -> str:
    alone = Flow(flow_id=template_id or "unknown", path=(), nodes={})
    return template_keys([alone])[alone.flow_id]


def _filled(key: str, values: JsonObject) -> JsonObject:
    return {key: values} if values else {}
