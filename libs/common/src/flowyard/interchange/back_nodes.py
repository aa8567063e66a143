"""Our nodes as nodes of bk-sops."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from flowyard.engine.graph import (
    DEFAULT_ATTEMPT_TIMEOUT_SECONDS,
    DEFAULT_LOOP_LIMIT,
    DEFAULT_QUEUE,
    Activity,
    DeadlineAction,
    Graph,
    JsonValue,
    Node,
    NodeKind,
    NodeOptions,
    Subflow,
    SubflowMode,
)
from flowyard.interchange.back_references import BackReferences
from flowyard.interchange.components import EVERYTHING, PLACEHOLDER, ComponentRule, ComponentTable
from flowyard.interchange.diagnostics import Findings
from flowyard.interchange.flow import FieldValue, FlowBranch, FlowNode, FlowNodeKind

_KINDS: Mapping[NodeKind, FlowNodeKind] = {
    NodeKind.START: FlowNodeKind.START,
    NodeKind.END: FlowNodeKind.END,
    NodeKind.ACTIVITY: FlowNodeKind.SERVICE,
    NodeKind.SUBFLOW: FlowNodeKind.SUBPROCESS,
    NodeKind.EXCLUSIVE: FlowNodeKind.EXCLUSIVE,
    NodeKind.PARALLEL: FlowNodeKind.PARALLEL,
    NodeKind.CONDITIONAL_PARALLEL: FlowNodeKind.CONDITIONAL_PARALLEL,
    NodeKind.CONVERGE: FlowNodeKind.CONVERGE,
}
_ACTIONS = {DeadlineAction.FAIL: "forced_fail", DeadlineAction.SKIP: "forced_fail_and_skip"}
_LOST_OPTIONS = ("run_when", "priority", "concurrency", "compensation")


@dataclass(slots=True)
class _Component:
    code: str
    version: str
    rule: ComponentRule
    data: dict[str, FieldValue] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)


class BackNodes:
    """Writes the nodes of one graph."""

    def __init__(
        self, graph: Graph, references: BackReferences, components: ComponentTable
    ) -> None:
        self._graph = graph
        self._references = references
        self._components = components
        self.outputs: dict[str, list[tuple[str, str]]] = {}
        """Nodes and outputs that variables take their values from, by the variables' names."""

    def node(self, node: Node, findings: Findings) -> FlowNode:
        """Return one node; its outputs are noted in :attr:`outputs`."""
        edges = self._graph.outgoing[node.node_id]
        component = self._component(node, findings)
        kind = _KINDS.get(node.kind, FlowNodeKind.SERVICE)
        if node.kind is NodeKind.MAP:
            findings.error("map_not_there", "bk-sops has no map: what it runs per item runs once")
            kind = FlowNodeKind.SUBPROCESS if node.subflow else FlowNodeKind.SERVICE
        options = self._options(node, findings) if kind in _RUNNING else self._strategy(node)
        if node.subflow is not None:
            options |= self._subflow_options(node.subflow, findings)
        self._note_outputs(node, component, findings)
        return FlowNode(
            node_id=node.node_id,
            kind=kind,
            path=(),
            name=node.name,
            component=component.code if component else "",
            version=component.version if component else "",
            data=component.data if component else self._given(node, findings),
            template_id=node.subflow.template if node.subflow else "",
            options=options,
            targets=tuple(edge.target for edge in edges),
            branches=tuple(self._branches(node, findings)),
            converge_id=node.converge_id or "",
        )

    def _branches(self, node: Node, findings: Findings) -> Iterator[FlowBranch]:
        if node.kind not in (NodeKind.EXCLUSIVE, NodeKind.CONDITIONAL_PARALLEL):
            return
        if node.loop_limit != DEFAULT_LOOP_LIMIT:
            findings.about("loop_limit").warning("option_lost", "bk-sops has no loop_limit")
        for edge in self._graph.outgoing[node.node_id]:
            condition: str | None = None
            if edge.boolrule is not None:
                condition = self._references.condition(edge.boolrule, findings)
            elif edge.condition is not None:
                condition = f"{self._references.expression(edge.condition, findings)} == True"
                findings.warning(
                    "condition_wrapped", f"{edge.condition} is written {condition} there"
                )
            yield FlowBranch(target=edge.target, condition=condition, name=edge.name)

    def _strategy(self, node: Node) -> dict[str, JsonValue]:
        return {"extra_info": {"strategy": 2}} if node.takes_first else {}

    def _component(self, node: Node, findings: Findings) -> _Component | None:
        activity = node.activity
        if activity is None:
            return None
        self._report_lost(activity, findings)
        if f"{activity.plugin}@{activity.version}" == PLACEHOLDER:
            return self._placeholder(activity, findings)
        found = [
            self._read(code, rule, activity)
            for code, rule in self._components.items()
            if rule.plugin == f"{activity.plugin}@{activity.version}"
        ]
        if not found:
            findings.about("plugin").error(
                "no_component",
                f"Expected a component for {activity.plugin}, but there is none",
                "Extend the table of components; until then bk-sops does not know the code.",
            )
            rule = ComponentRule(plugin="", outputs=None)
            found = [_Component(activity.plugin, activity.version, rule)]
            found[0].data = self._fields(activity.inputs, findings)
            return found[0]
        best = min(found, key=lambda one: len(one.lost))
        best.data = self._fields({key: one.value for key, one in best.data.items()}, findings)
        for name in best.lost:
            findings.about("inputs", name).warning(
                "input_lost", f"{best.code} has nothing for the input {name}; it is lost"
            )
        return best

    def _placeholder(self, activity: Activity, findings: Findings) -> _Component:
        data = activity.inputs.get("data")
        found = _Component(
            str(activity.inputs.get("code", "")),
            str(activity.inputs.get("version", "legacy")),
            ComponentRule(plugin=PLACEHOLDER, outputs=None),
        )
        found.data = self._fields(data if isinstance(data, dict) else {}, findings)
        return found

    def _fields(self, values: Mapping[str, JsonValue], findings: Findings) -> dict[str, FieldValue]:
        found: dict[str, FieldValue] = {}
        for name, value in values.items():
            theirs, is_rendered = self._references.value(value, findings.about("inputs", name))
            found[name] = FieldValue(theirs, is_rendered=is_rendered)
        return found

    def _read(self, code: str, rule: ComponentRule, activity: Activity) -> _Component:
        """Return a component with our values under its fields."""
        name, _, version = code.partition("@")
        found = _Component(name, version or "legacy", rule)
        for key, value in activity.inputs.items():
            one = rule.inputs.get(key)
            if one is None:
                if key not in rule.fixed or rule.fixed[key] != value:
                    found.lost.append(key)
            elif one.field == EVERYTHING and isinstance(value, dict):
                found.data |= {field: FieldValue(item) for field, item in value.items()}
            else:
                found.data[one.field] = FieldValue(_converted_back(value, one.kind))
        return found

    def _report_lost(self, activity: Activity, findings: Findings) -> None:
        lost = {
            "queue": activity.queue != DEFAULT_QUEUE,
            "timeout": activity.timeout_seconds != DEFAULT_ATTEMPT_TIMEOUT_SECONDS,
            "secret_outputs": bool(activity.secret_outputs),
        }
        for key, is_lost in lost.items():
            if is_lost:
                findings.about(key).warning("option_lost", f"bk-sops has no {key} of a node")

    def _given(self, node: Node, findings: Findings) -> dict[str, FieldValue]:
        return {} if node.subflow is None else self._fields(node.subflow.inputs, findings)

    def _subflow_options(self, subflow: Subflow, findings: Findings) -> dict[str, JsonValue]:
        if subflow.mode is not SubflowMode.INLINE and not subflow.is_latest:
            findings.about("mode").warning(
                "mode_lost", "The subflow runs within its parent there, not in its own instance"
            )
        if "/" in subflow.template:
            findings.about("subflow").error(
                "foreign_template", f"Expected a template of the project, but {subflow.template}"
            )
        if subflow.version is not None:
            findings.about("subflow").warning("version_lost", "YAML v1 cannot pin a version")
        found: dict[str, JsonValue] = {"always_use_latest": True} if subflow.is_latest else {}
        return found | ({"scheme_id_list": list(subflow.schemes)} if subflow.schemes else {})

    def _note_outputs(self, node: Node, component: _Component | None, findings: Findings) -> None:
        outputs = component.rule.outputs if component else None
        theirs = {ours: name for name, ours in (outputs or {}).items()}
        for variable, output in node.exports.items():
            if outputs is not None and output not in theirs and not output.startswith("_"):
                findings.about("export", variable).warning(
                    "unknown_output", f"The component has no output for {output}"
                )
            source = (node.node_id, theirs.get(output, output))
            self.outputs.setdefault(variable, []).append(source)

    def _options(self, node: Node, findings: Findings) -> dict[str, JsonValue]:
        options = node.options
        for name in _LOST_OPTIONS:
            if getattr(options, name) is not None:
                findings.about(name).error(
                    "option_not_there", f"bk-sops has no {name}; it is lost", "Model it with nodes."
                )
        found: dict[str, JsonValue] = {} if options.is_optional else {"optional": False}
        found |= {"error_ignorable": True} if options.ignores_failure else {}
        found |= {} if options.is_retryable else {"retryable": False}
        found |= {} if options.is_skippable else {"skippable": False}
        if options.run_as is not None:
            found["executor_proxy"], _ = self._references.value(
                options.run_as, findings.about("run_as")
            )
        return found | _retry(options, findings) | _timeout(options, findings)


_RUNNING = (FlowNodeKind.SERVICE, FlowNodeKind.SUBPROCESS)


def _retry(options: NodeOptions, findings: Findings) -> dict[str, JsonValue]:
    retry = options.retry
    if retry is None:
        return {}
    if retry.factor != 1.0 or retry.limit_seconds is not None or retry.jitter or retry.codes:
        findings.about("retry").warning(
            "option_lost", "bk-sops retries at even intervals, whatever has failed"
        )
    interval = retry.interval_seconds
    pause: JsonValue = int(interval) if interval.is_integer() else interval
    return {"auto_retry": {"enable": True, "interval": pause, "times": retry.times}}


def _timeout(options: NodeOptions, findings: Findings) -> dict[str, JsonValue]:
    deadline = options.deadline
    if deadline is None:
        return {}
    action = _ACTIONS.get(deadline.action)
    if action is None:
        findings.about("deadline").warning("option_lost", "bk-sops tells nobody of a deadline")
        return {}
    seconds = deadline.seconds
    after: JsonValue = int(seconds) if seconds.is_integer() else seconds
    return {"timeout_config": {"enable": True, "seconds": after, "action": action}}


def _converted_back(value: JsonValue, kind: str) -> JsonValue:
    match kind, value:
        case "headers", dict():
            return [{"name": name, "value": item} for name, item in value.items()]
        case "message", dict():
            return value.get("message")
        case "words", list() if all(isinstance(word, str) for word in value):
            return value[0] if len(value) == 1 else ",".join(map(str, value))
        case _:
            return value
