"""Files of bk-sops in any of their formats, told apart by what is in them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from flowyard.engine.graph import JsonValue
from flowyard.interchange.a2flow import is_a2flow, read_a2flow
from flowyard.interchange.diagnostics import Findings, InterchangeError
from flowyard.interchange.flow import Flow, FlowNodeKind, FlowScheme
from flowyard.interchange.order import reading_order
from flowyard.interchange.part import Part
from flowyard.interchange.schemes import read_schemes
from flowyard.interchange.sources import load
from flowyard.interchange.web_tree import is_tree, read_tree
from flowyard.interchange.yaml_v1 import is_yaml_v1, read_yaml_flow

DEFAULT_ID = "flow"
"""Id of a flow whose file names none, and has no name itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One file to read."""

    name: str
    """What diagnostics call it; a flow without an id is called after it."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFlow:
    """A flow, and the file that it comes from."""

    file: str
    flow: Flow


def read_flows(text: str, findings: Findings) -> tuple[Flow, ...]:
    """Return the flows of one text, each after the subflows that it runs.

    Raises
    ------
    InterchangeError
        Raised if it is of no known format, or too large.
    """
    flows = _unique(_flows_of(SourceFile(name="", text=text), findings), findings)
    return tuple(one.flow for one in _sorted({one.flow.flow_id: one for one in flows}, findings))


def read_files(files: Sequence[SourceFile], findings: Findings) -> tuple[ReadFlow, ...]:
    """Return the flows of several files, each after the subflows that it runs.

    A file that cannot be read is an error of its own; the others are read all the same. Where
    files use one id for different flows, each file's subflows are its own.
    """
    flows: dict[str, ReadFlow] = {}
    for file in files:
        place = findings.in_file(file.name)
        try:
            found = _unique(_flows_of(file, place), place)
        except InterchangeError as error:
            place.error(error.code, str(error), "Export it again, or convert it.")
            continue
        for one in _told_apart(found, flows, place):
            flows[one.flow.flow_id] = one
    return tuple(_sorted(flows, findings))


def _flows_of(file: SourceFile, findings: Findings) -> list[ReadFlow]:
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", file.name.replace("\\", "/").rpartition("/")[2])
    found = list(_all_flows(load(file.text, findings), stem or DEFAULT_ID, findings))
    if not found:
        raise InterchangeError(
            "Expected a tree, YAML v1, a .dat export or a2flow v2 of bk-sops, but found none"
        )
    return [ReadFlow(file=file.name, flow=flow) for flow in found]


def _unique(flows: Iterable[ReadFlow], findings: Findings) -> list[ReadFlow]:
    found: dict[str, ReadFlow] = {}
    for one in flows:
        flow = one.flow
        if flow.flow_id in found:
            findings.of(flow.flow_id, *flow.path).error(
                "duplicate_template", f"Expected ids that differ, but {flow.flow_id} is there twice"
            )
        else:
            found[flow.flow_id] = one
    return list(found.values())


def _told_apart(
    flows: Sequence[ReadFlow], known: Mapping[str, ReadFlow], findings: Findings
) -> Iterator[ReadFlow]:
    """Yield the flows of a file with ids that no other file has."""
    ids = {one.flow.flow_id: one.flow.flow_id for one in flows}
    for flow_id in [*ids]:
        number, candidate = 1, flow_id
        while candidate in known or (candidate != flow_id and candidate in ids):
            number += 1
            candidate = f"{flow_id}-{number}"
        if candidate != flow_id:
            findings.of(flow_id).warning(
                "flow_renamed", f"{flow_id} is called {candidate}: another file has a {flow_id}"
            )
        ids[flow_id] = candidate
    for one in flows:
        nodes = {
            node_id: replace(node, template_id=ids.get(node.template_id, node.template_id))
            for node_id, node in one.flow.nodes.items()
        }
        yield replace(one, flow=replace(one.flow, flow_id=ids[one.flow.flow_id], nodes=nodes))


def _all_flows(documents: list[JsonValue], name: str, findings: Findings) -> Iterator[Flow]:
    is_single = len(documents) == 1
    for index, value in enumerate(documents):
        place = findings if is_single else findings.about(index)
        part = Part(value, place)
        own = name if is_single else f"{name}-{index + 1}"
        if is_yaml_v1(value):
            yield read_yaml_flow(part, position=index + 1)
        elif is_tree(value):
            yield from _tree(part, own)
        elif is_a2flow(value):
            flow_id = part.get("id").text(own)
            yield read_a2flow(Part(value, findings.of(flow_id, *place.path)), flow_id=flow_id)
        elif isinstance(value, dict):
            yield from _wrapped(part, own)
        else:
            place.error("unknown_format", "Expected a flow of bk-sops, but this is none")


def _tree(
    part: Part, flow_id: str, name: str = "", schemes: tuple[FlowScheme, ...] = ()
) -> list[Flow]:
    flow_id = part.get("id").text(flow_id)
    located = Part(part.value, part.findings.of(flow_id, *part.findings.path))
    *children, flow = read_tree(located, flow_id=flow_id, name=name)
    found = schemes or tuple(read_schemes(located.get("schemes")))
    return [*children, replace(flow, schemes=found)]


def _wrapped(part: Part, name: str) -> Iterator[Flow]:
    """Yield what an export holds: under ``template_data`` in a ``.dat``."""
    if "template_data" in part:
        part = part.get("template_data")
    for key in ("pipeline_tree", "tree"):
        if is_tree(part.get(key).value):
            schemes = tuple(read_schemes(part.get("schemes")))
            yield from _tree(part.get(key), name, part.get("name").text(), schemes)
            return
    exported = part.get("pipeline_template_data").get("template")
    for template_id, item in exported.entries():
        tree = item.get("tree")
        if not is_tree(tree.value):
            tree.findings.error("missing_tree", f"Expected the tree of {template_id}")
            continue
        located = Part(tree.value, tree.findings.of(template_id, *tree.findings.path))
        *children, flow = read_tree(located, flow_id=template_id, name=item.get("name").text())
        yield from (*children, replace(flow, schemes=tuple(read_schemes(item.get("schemes")))))


def _sorted(flows: Mapping[str, ReadFlow], findings: Findings) -> Iterable[ReadFlow]:
    """Return flows so that subflows stand first, and say which run each other in a circle."""
    children = {flow_id: _children(one.flow, flows) for flow_id, one in flows.items()}
    order = reading_order(children, children)[::-1]
    place = {flow_id: position for position, flow_id in enumerate(order)}
    for flow_id in order:
        for child in children[flow_id]:
            if place[child] >= place[flow_id]:
                one = flows[flow_id]
                findings.in_file(one.file).of(flow_id, *one.flow.path).error(
                    "subflow_circle", f"Expected no circle, but {child} runs {flow_id} in the end"
                )
    return [flows[flow_id] for flow_id in order]


def _children(flow: Flow, flows: Mapping[str, ReadFlow]) -> list[str]:
    used = [
        node.template_id for node in flow.nodes.values() if node.kind is FlowNodeKind.SUBPROCESS
    ]
    return [template_id for template_id in dict.fromkeys(used) if template_id in flows]
