"""Flows of bk-sops as native documents."""

from collections.abc import Iterable, Mapping

import orjson

from flowyard.document import check_document
from flowyard.engine.graph import JsonValue
from flowyard.interchange.activities import ActivityWriter, Surroundings
from flowyard.interchange.conditions import written as written_condition
from flowyard.interchange.diagnostics import Findings, InterchangeError
from flowyard.interchange.flow import (
    CONDITIONAL_KINDS,
    Flow,
    FlowBranch,
    FlowNode,
    FlowNodeKind,
)
from flowyard.interchange.input_forms import JsonObject
from flowyard.interchange.naming import node_ids
from flowyard.interchange.native_variables import VariablesWriter, derived_names
from flowyard.interchange.positions import layout
from flowyard.interchange.references import References

FIRST_STRATEGY = (2, "2", "FIRST")
"""How a gateway says that of several branches that match the first one is taken."""

_KIND_KEYS: Mapping[FlowNodeKind, str] = {
    FlowNodeKind.EXCLUSIVE: "exclusive",
    FlowNodeKind.CONDITIONAL_PARALLEL: "conditional_parallel",
}
_RUNNING_KINDS = (FlowNodeKind.SERVICE, FlowNodeKind.SUBPROCESS)
_TEXT_TYPES = ("string", "text", "date", "time")
_PROBLEMS_SAID_BEFORE = frozenset({"unknown_target"})


class DocumentWriter:
    """Writes one flow as a native document.

    Parameters
    ----------
    flow
        What is written.
    around
        What is known of the other flows.
    findings
        Where to say what is lost or changed.
    """

    def __init__(self, flow: Flow, around: Surroundings, findings: Findings) -> None:
        self._flow = flow
        self._around = around
        self._findings = findings.of(flow.flow_id, *flow.path)
        self._running_ends = [node for node in flow.nodes.values() if self._is_running_end(node)]
        self.node_ids = node_ids(flow, {node.node_id for node in self._running_ends})
        """Our ids of nodes by theirs, start and end included."""
        self._names = around.names[flow.flow_id]
        self._derived = derived_names(flow, self._names)
        self._references = References(self._names, self._derived)

    def _is_running_end(self, node: FlowNode) -> bool:
        is_end = node.kind is FlowNodeKind.END and bool(node.component)
        return is_end and self._around.rule(node.component, "") is not None

    def document(self) -> JsonObject:
        """Return the document; what is wrong with it is among the diagnostics."""
        variables = VariablesWriter(
            self._flow,
            self._names,
            self._derived,
            self._references,
            always_given=self._around.always_given.get(self._flow.flow_id, frozenset()),
            findings=self._findings,
        )
        variables.write()
        document: JsonObject = {"flowyard": 1, "key": self._around.keys[self._flow.flow_id]}
        sections: JsonObject = {
            "title": self._flow.name,
            "description": self._flow.description,
            "inputs": variables.inputs,
            "constants": variables.constants,
            "computed": variables.computed,
            "lazy": variables.lazy,
            "nodes": self._nodes(self._texts(variables)),
            "outputs": self._outputs(),
            "schemes": self._schemes(),
            "layout": layout(self._flow.positions, self.node_ids),
        }
        document |= {key: value for key, value in sections.items() if value or key == "nodes"}
        self._check(document)
        return document

    def _texts(self, variables: VariablesWriter) -> frozenset[str]:
        """Return our names of variables that are text for sure."""
        written = {self._names[one.name] for one in self._flow.variables.values() if one.is_output}
        asked = {
            name
            for name, spec in variables.inputs.items()
            if isinstance(spec, dict) and spec["type"] in _TEXT_TYPES
        }
        fixed = {name for name, value in variables.constants.items() if isinstance(value, str)}
        return frozenset((asked | fixed) - written)

    def _nodes(self, texts: frozenset[str]) -> list[JsonValue]:
        activities = ActivityWriter(self._flow, self._references, self._around, texts)
        listed = [
            node
            for node in self._flow.nodes.values()
            if node.kind not in (FlowNodeKind.START, FlowNodeKind.END)
        ]
        self._report_first([*listed, *self._running_ends])
        self._report_ends()
        ends = [*self._running_ends, *self._plain_ends()]
        following = [*(node.node_id for node in listed), *(end.node_id for end in ends), ""][1:]
        # A flow without nodes leads from its start to its end.
        pairs = zip(listed, following, strict=False)
        found = [self._node(node, next_id, activities) for node, next_id in pairs]
        return [*found, *(self._end(node, activities) for node in self._running_ends)]

    def _plain_ends(self) -> Iterable[FlowNode]:
        return (
            node
            for node in self._flow.nodes.values()
            if node.kind is FlowNodeKind.END and node not in self._running_ends
        )

    def _end(self, node: FlowNode, activities: ActivityWriter) -> JsonValue:
        findings = self._findings.at(node.path, node.node_id)
        written: JsonObject = {"id": self.node_ids[node.node_id]}
        if node.name:
            written["name"] = node.name
        rule = self._around.rule(node.component, "")
        return written if rule is None else written | activities.write_end(node, rule, findings)

    def _report_ends(self) -> None:
        for node in self._plain_ends():
            if node.component:
                self._findings.at(node.path, node.node_id).warning(
                    "end_event_plugin",
                    f"What the end event {node.component} runs is left out: it is not mapped",
                    "Extend the table of components by the type of the event.",
                )

    def _report_first(self, listed: list[FlowNode]) -> None:
        starts = [node for node in self._flow.nodes.values() if node.kind is FlowNodeKind.START]
        first = listed[0].node_id if listed else ""
        for start in starts:
            if start.targets != (first,):
                self._findings.at(start.path, start.node_id).error(
                    "start_not_connected",
                    "Expected the start to lead to one node that runs, but it does not",
                )

    def _node(self, node: FlowNode, following: str, activities: ActivityWriter) -> JsonValue:
        findings = self._findings.at(node.path, node.node_id)
        written: JsonObject = {"id": self.node_ids[node.node_id]}
        if node.name:
            written["name"] = node.name
        if node.kind in CONDITIONAL_KINDS:
            written[_KIND_KEYS[node.kind]] = [
                self._branch(branch, findings) for branch in node.branches
            ]
            return written | self._strategy(node, findings)
        if node.kind is FlowNodeKind.PARALLEL:
            written["parallel"] = [self._id_of(target) for target in node.targets]
            return written
        if node.kind is FlowNodeKind.CONVERGE:
            written["converge"] = True
        else:
            written |= activities.write(node, findings)
        self._put_next(written, node, following, findings)
        return written

    def _put_next(
        self, written: JsonObject, node: FlowNode, following: str, findings: Findings
    ) -> None:
        if len(node.targets) != 1:
            findings.error(
                "ways_out",
                f"Expected one way out, but there are {len(node.targets)}; the first is taken",
                "Put a gateway behind the node.",
            )
        target = node.targets[0] if node.targets else ""
        if self._id_of(target) != self._id_of(following):
            written["next"] = self._id_of(target)

    def _id_of(self, node_id: str) -> str:
        return self.node_ids.get(node_id, "end")

    def _branch(self, branch: FlowBranch, findings: Findings) -> JsonValue:
        written: JsonObject = {}
        if branch.condition is None:
            written["default"] = True
        else:
            written |= written_condition(branch.condition, self._references, findings)
        written["next"] = self._id_of(branch.target)
        if branch.name:
            written["name"] = branch.name
        return written

    def _strategy(self, node: FlowNode, findings: Findings) -> JsonObject:
        extra = node.options.get("extra_info")
        if not isinstance(extra, dict):
            return {}
        if str(extra.get("parse_lang") or "boolrule") != "boolrule":
            findings.about("extra_info").error(
                "condition_language", f"Conditions in {extra['parse_lang']} are read as boolrule"
            )
        is_first = extra.get("strategy") in FIRST_STRATEGY
        return {"first_match": True} if is_first and node.kind is FlowNodeKind.EXCLUSIVE else {}

    def _outputs(self) -> JsonObject:
        found: JsonObject = {}
        for name in self._flow.outputs:
            if name in self._names:
                found[self._names[name]] = f"${{{self._derived.get(name, self._names[name])}}}"
            else:
                self._findings.about("outputs").error(
                    "unknown_output", f"Expected a variable to yield, but there is no {name}"
                )
        return found

    def _schemes(self) -> JsonObject:
        optional = {
            node.node_id
            for node in self._flow.nodes.values()
            if node.kind in _RUNNING_KINDS and node.options.get("optional", True) is True
        }
        names = self._around.schemes.get(self._flow.flow_id, {})
        found: JsonObject = {}
        for scheme in self._flow.schemes if optional else ():
            keeps = [self.node_ids[one] for one in scheme.keeps if one in optional]
            spec: JsonObject = {"keeps": list[JsonValue](sorted(keeps))}
            spec |= {"default": True} if scheme.is_default else {}
            is_renamed = names[scheme.scheme_id] != scheme.name
            spec |= {"description": scheme.name} if is_renamed else {}
            found[names[scheme.scheme_id]] = spec
        return found

    def _check(self, document: JsonObject) -> None:
        source = {ours: theirs for theirs, ours in self.node_ids.items()}
        try:
            text = orjson.dumps(document).decode()
        except (TypeError, ValueError) as error:
            raise InterchangeError(f"Expected texts that can be written, but {error}") from error
        for problem in check_document(text, plugins=None):
            if problem.code not in _PROBLEMS_SAID_BEFORE:
                theirs = source.get(problem.node_id or "")
                node = self._flow.nodes.get(theirs or "")
                place = node.path if node is not None else self._flow.path
                self._findings.at(place, theirs).error(
                    problem.code, problem.message, "Change it here or in the file."
                )
