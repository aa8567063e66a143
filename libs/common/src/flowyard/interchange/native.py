"""Flows of bk-sops as native documents."""

from collections.abc import Mapping

import orjson

from flowyard.document import check_document
from flowyard.engine.graph import JsonValue
from flowyard.interchange.activities import ActivityWriter
from flowyard.interchange.components import ComponentTable
from flowyard.interchange.conditions import translated
from flowyard.interchange.diagnostics import Findings, InterchangeError
from flowyard.interchange.flow import (
    CONDITIONAL_KINDS,
    Flow,
    FlowBranch,
    FlowNode,
    FlowNodeKind,
)
from flowyard.interchange.late import late_expressions
from flowyard.interchange.naming import node_ids
from flowyard.interchange.native_variables import JsonObject, VariablesWriter
from flowyard.interchange.references import References

_KIND_KEYS: Mapping[FlowNodeKind, str] = {
    FlowNodeKind.EXCLUSIVE: "exclusive",
    FlowNodeKind.CONDITIONAL_PARALLEL: "conditional_parallel",
}
_RUNNING_KINDS = (FlowNodeKind.SERVICE, FlowNodeKind.SUBPROCESS)
_PROBLEMS_SAID_BEFORE = frozenset({"unknown_target"})


class DocumentWriter:
    """Writes one flow as a native document.

    Parameters
    ----------
    flow
        What is written.
    keys
        Keys of templates, by the ids of their flows.
    names
        Our names of each flow's variables, by its id.
    components
        What takes the place of plugins.
    findings
        Where to say what is lost or changed.
    """

    def __init__(
        self,
        flow: Flow,
        keys: Mapping[str, str],
        names: Mapping[str, Mapping[str, str]],
        components: ComponentTable,
        findings: Findings,
    ) -> None:
        self._flow = flow
        self._keys = keys
        self._findings = findings.of(flow.flow_id, *flow.path)
        self._ids = node_ids(flow)
        self._names = names[flow.flow_id]
        self._late = late_expressions(flow, self._names)
        self._references = References(self._names, self._late)
        self._activities = ActivityWriter(
            flow,
            self._names,
            self._references,
            keys=keys,
            names_within=names,
            components=components,
        )

    def document(self) -> JsonObject:
        """Return the document; what is wrong with it is among the diagnostics."""
        variables = VariablesWriter(
            self._flow, self._names, self._references, self._late, self._findings
        )
        variables.write()
        document: JsonObject = {"flowyard": 1, "key": self._keys[self._flow.flow_id]}
        sections: JsonObject = {
            "title": self._flow.name,
            "description": self._flow.description,
            "inputs": variables.inputs,
            "constants": variables.constants,
            "computed": variables.computed,
            "nodes": self._nodes(),
            "outputs": self._outputs(),
        }
        document |= {key: value for key, value in sections.items() if value or key == "nodes"}
        self._check(document)
        return document

    def _nodes(self) -> list[JsonValue]:
        listed = [
            node
            for node in self._flow.nodes.values()
            if node.kind not in (FlowNodeKind.START, FlowNodeKind.END)
        ]
        self._report_first(listed)
        self._report_optional(listed)
        following = [*(node.node_id for node in listed), self._end_id()][1:]
        return [self._node(node, next_id) for node, next_id in zip(listed, following, strict=True)]

    def _end_id(self) -> str:
        return next(
            (key for key, node in self._flow.nodes.items() if node.kind is FlowNodeKind.END), ""
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

    def _report_optional(self, listed: list[FlowNode]) -> None:
        count = sum(
            node.kind in _RUNNING_KINDS and node.options.get("optional", True) is True
            for node in listed
        )
        if count:
            self._findings.warning(
                "optional_lost", f"Lost: that {count} nodes may be left out at the start (optional)"
            )

    def _node(self, node: FlowNode, following: str) -> JsonValue:
        findings = self._findings.at(node.path, node.node_id)
        written: JsonObject = {"id": self._ids[node.node_id]}
        if node.name:
            written["name"] = node.name
        if node.kind in CONDITIONAL_KINDS:
            self._report_strategy(node, findings)
            written[_KIND_KEYS[node.kind]] = [
                self._branch(branch, findings) for branch in node.branches
            ]
            return written
        if node.kind is FlowNodeKind.PARALLEL:
            written["parallel"] = [self._id_of(target) for target in node.targets]
            return written
        if node.kind is FlowNodeKind.CONVERGE:
            written["converge"] = True
        else:
            written |= self._activities.write(node, findings)
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
        target = node.targets[0] if node.targets else self._end_id()
        if target != following:
            written["next"] = self._id_of(target)

    def _id_of(self, node_id: str) -> str:
        return self._ids.get(node_id, "end")

    def _branch(self, branch: FlowBranch, findings: Findings) -> JsonValue:
        written: JsonObject = {}
        if branch.condition is None:
            written["default"] = True
        else:
            written["when"] = translated(branch.condition, self._references, findings)
        written["next"] = self._id_of(branch.target)
        if branch.name:
            written["name"] = branch.name
        return written

    def _report_strategy(self, node: FlowNode, findings: Findings) -> None:
        extra = node.options.get("extra_info")
        if not isinstance(extra, dict):
            return
        if extra.get("strategy") in (2, "2", "FIRST"):
            findings.about("extra_info").error(
                "first_match_lost",
                "Expected at most one condition to hold, but the first of several is taken",
                "Make the conditions exclude each other.",
            )
        if str(extra.get("parse_lang") or "boolrule") != "boolrule":
            findings.about("extra_info").error(
                "condition_language", f"Conditions in {extra['parse_lang']} are read as boolrule"
            )

    def _outputs(self) -> JsonObject:
        found: JsonObject = {}
        for name in self._flow.outputs:
            if name in self._names:
                found[self._names[name]] = f"${{{self._late.get(name, self._names[name])}}}"
            else:
                self._findings.about("outputs").error(
                    "unknown_output", f"Expected a variable to yield, but there is no {name}"
                )
        return found

    def _check(self, document: JsonObject) -> None:
        source = {ours: theirs for theirs, ours in self._ids.items()}
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
