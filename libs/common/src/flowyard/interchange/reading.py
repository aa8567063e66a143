"""Files of bk-sops in any of their formats, told apart by what is in them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from flowyard.engine.graph import JsonValue
from flowyard.interchange.a2flow import is_a2flow, read_a2flow
from flowyard.interchange.components import ComponentTable, built_in_components
from flowyard.interchange.diagnostics import Diagnostic, Findings, InterchangeError, Severity
from flowyard.interchange.flow import Flow, FlowNodeKind
from flowyard.interchange.naming import template_keys, variable_names
from flowyard.interchange.native import DocumentWriter
from flowyard.interchange.order import reading_order
from flowyard.interchange.part import Part
from flowyard.interchange.sources import load
from flowyard.interchange.web_tree import is_tree, read_tree
from flowyard.interchange.yaml_v1 import is_yaml_v1, read_yaml_flow


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedTemplate:
    """One template that an import yields."""

    key: str
    flow_id: str
    """Its id in the file."""
    title: str
    document: dict[str, JsonValue]
    """A native definition; whether it can be published is told by the diagnostics."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """What a file yields."""

    templates: tuple[ImportedTemplate, ...]
    """Subflows stand before the templates that run them."""
    diagnostics: tuple[Diagnostic, ...]

    @property
    def has_errors(self) -> bool:
        """Tell whether a person has to change something."""
        return any(one.severity is Severity.ERROR for one in self.diagnostics)


def import_bk_sops(text: str, *, components: ComponentTable | None = None) -> Import:
    """Return the templates of a file, and everything that a person should know about them.

    Parameters
    ----------
    text
        A tree of the editor or the engine, YAML v1, a ``.dat`` export or a2flow v2.
    components
        Rules that stand before those that come with Flowyard.

    Raises
    ------
    InterchangeError
        Raised if the file is of none of these formats, or too large.
    """
    findings = Findings()
    flows = read_flows(text, findings)
    keys = template_keys(flows)
    names = {flow.flow_id: variable_names(flow.variables) for flow in flows}
    table = {**built_in_components(), **(components or {})}
    templates = tuple(
        ImportedTemplate(
            key=keys[flow.flow_id],
            flow_id=flow.flow_id,
            title=flow.name,
            document=DocumentWriter(flow, keys, names, table, findings).document(),
        )
        for flow in flows
    )
    return Import(templates=templates, diagnostics=tuple(findings.found))


def read_flows(text: str, findings: Findings) -> tuple[Flow, ...]:
    """Return the flows of a file, each after the subflows that it runs.

    Raises
    ------
    InterchangeError
        Raised if the file is of no known format, or too large.
    """
    flows: dict[str, Flow] = {}
    for flow in _all_flows(load(text, findings), findings):
        if flow.flow_id in flows:
            findings.of(flow.flow_id, *flow.path).error(
                "duplicate_template", f"Expected ids that differ, but {flow.flow_id} is there twice"
            )
        else:
            flows[flow.flow_id] = flow
    if not flows:
        raise InterchangeError(
            "Expected a tree, YAML v1, a .dat export or a2flow v2 of bk-sops, but found none"
        )
    return tuple(_sorted(flows, findings))


def _all_flows(documents: list[JsonValue], findings: Findings) -> Iterator[Flow]:
    is_single = len(documents) == 1
    for index, value in enumerate(documents):
        place = findings if is_single else findings.about(index)
        part = Part(value, place)
        name = "flow" if is_single else f"flow-{index + 1}"
        if is_yaml_v1(value):
            yield read_yaml_flow(part, position=index + 1)
        elif is_tree(value):
            yield from _tree(part, name)
        elif is_a2flow(value):
            flow_id = part.get("id").text(name)
            yield read_a2flow(Part(value, findings.of(flow_id, *place.path)), flow_id=flow_id)
        elif isinstance(value, dict):
            yield from _wrapped(part, name)
        else:
            place.error("unknown_format", "Expected a flow of bk-sops, but this is none")


def _tree(part: Part, flow_id: str, name: str = "") -> list[Flow]:
    flow_id = part.get("id").text(flow_id)
    located = Part(part.value, part.findings.of(flow_id, *part.findings.path))
    return read_tree(located, flow_id=flow_id, name=name)


def _wrapped(part: Part, name: str) -> Iterator[Flow]:
    """Yield what an export holds: under ``template_data`` in a ``.dat``."""
    if "template_data" in part:
        part = part.get("template_data")
    for key in ("pipeline_tree", "tree"):
        if is_tree(part.get(key).value):
            yield from _tree(part.get(key), name, part.get("name").text())
            return
    exported = part.get("pipeline_template_data").get("template")
    for template_id, item in exported.entries():
        tree = item.get("tree")
        if not is_tree(tree.value):
            tree.findings.error("missing_tree", f"Expected the tree of {template_id}")
            continue
        located = Part(tree.value, tree.findings.of(template_id, *tree.findings.path))
        yield from read_tree(located, flow_id=template_id, name=item.get("name").text())


def _sorted(flows: Mapping[str, Flow], findings: Findings) -> Iterable[Flow]:
    """Return flows so that subflows stand first, and say which run each other in a circle."""
    children = {flow_id: _children(flow, flows) for flow_id, flow in flows.items()}
    order = reading_order(children, children)[::-1]
    place = {flow_id: position for position, flow_id in enumerate(order)}
    for flow_id in order:
        for child in children[flow_id]:
            if place[child] >= place[flow_id]:
                findings.of(flow_id, *flows[flow_id].path).error(
                    "subflow_circle", f"Expected no circle, but {child} runs {flow_id} in the end"
                )
    return [flows[flow_id] for flow_id in order]


def _children(flow: Flow, flows: Mapping[str, Flow]) -> list[str]:
    used = [
        node.template_id for node in flow.nodes.values() if node.kind is FlowNodeKind.SUBPROCESS
    ]
    return [template_id for template_id in dict.fromkeys(used) if template_id in flows]
