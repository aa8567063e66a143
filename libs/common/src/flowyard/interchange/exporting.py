"""Native definitions as flows of bk-sops, to be written in one of its formats."""

from collections.abc import Iterable, Mapping

from flowyard.document import UNCHECKED, compile_document
from flowyard.document.model import Document
from flowyard.engine.graph import FailurePolicy, Graph, JsonValue
from flowyard.interchange.back_nodes import BackNodes
from flowyard.interchange.back_references import BackReferences
from flowyard.interchange.back_variables import BackVariables, derived_variables
from flowyard.interchange.components import ComponentTable, built_in_components
from flowyard.interchange.diagnostics import Findings
from flowyard.interchange.flow import Flow, FlowVariable
from flowyard.interchange.yaml_v1_writer import to_yaml_v1


def export_yaml_v1(
    documents: Iterable[Document],
    findings: Findings,
    *,
    components: ComponentTable | None = None,
) -> str:
    """Return definitions as YAML v1, and say what that cannot hold.

    Parameters
    ----------
    documents
        Sound ones, each after the subflows that it runs.
    findings
        Where to say what is lost.
    components
        Rules that stand before those that come with Flowyard.

    Raises
    ------
    DocumentError
        Raised if a definition is not sound.
    """
    table = {**(components or {}), **_without(built_in_components(), components or {})}
    flows = [_flow(document, table, findings.of(document.key)) for document in documents]
    return to_yaml_v1(flows, findings)


def _without(table: ComponentTable, known: ComponentTable) -> ComponentTable:
    return {code: rule for code, rule in table.items() if code not in known}


def _flow(document: Document, components: ComponentTable, findings: Findings) -> Flow:
    graph = compile_document(document, plugins=UNCHECKED)
    derived = derived_variables(graph)
    references = BackReferences(_names(graph), derived)
    variables = {
        one.name: one for one in BackVariables(graph, derived, references, findings).variables()
    }
    nodes = BackNodes(graph, references, components)
    written = {
        node_id: nodes.node(node, findings.at(("nodes", node_id), node_id))
        for node_id, node in graph.nodes.items()
    }
    variables |= {name: _output(name, sources, graph) for name, sources in nodes.outputs.items()}
    _report_lost(graph, findings)
    return Flow(
        flow_id=document.key,
        path=(),
        name=document.title,
        description=document.description,
        nodes=written,
        variables=variables,
        outputs=tuple(_outputs(graph.outputs, variables, derived, findings)),
    )


def _names(graph: Graph) -> set[str]:
    declared = {spec.name for spec in graph.inputs} | graph.constants.keys()
    exported = {name for node in graph.nodes.values() for name in node.exports}
    return {*declared, *exported, *graph.computed, *graph.lazy}


def _output(name: str, sources: list[tuple[str, str]], graph: Graph) -> FlowVariable:
    return FlowVariable(
        name=name,
        path=(),
        value=graph.constants.get(name, ""),
        source_type="component_outputs",
        is_shown=False,
        sources=tuple(sources),
    )


def _outputs(
    outputs: Mapping[str, JsonValue],
    variables: Mapping[str, FlowVariable],
    derived: Mapping[str, str],
    findings: Findings,
) -> Iterable[str]:
    for name, value in outputs.items():
        text = value if isinstance(value, str) else ""
        read = text.removeprefix("${").removesuffix("}")
        source = derived.get(read, read)
        if source == name and name in variables:
            yield name
        else:
            findings.about("outputs", name).error(
                "output_lost",
                f"Expected an output that is a variable of its name, but {name} is none",
                f"Make a variable {name} of it.",
            )


def _report_lost(graph: Graph, findings: Findings) -> None:
    if graph.schemes:
        findings.about("schemes").warning("schemes_lost", "YAML v1 cannot hold execution schemes")
    if graph.on_failure is not FailurePolicy.STOP:
        findings.about("on_failure").warning("option_lost", "bk-sops undoes nothing on a failure")
