"""Files of bk-sops as templates, with everything that a person should know about them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from flowyard.engine.graph import JsonValue
from flowyard.interchange.activities import Surroundings
from flowyard.interchange.components import ComponentTable, built_in_components
from flowyard.interchange.diagnostics import Diagnostic, Findings, Severity
from flowyard.interchange.flow import Flow, FlowNodeKind
from flowyard.interchange.naming import template_keys, variable_names
from flowyard.interchange.native import DocumentWriter
from flowyard.interchange.reading import ReadFlow, SourceFile, read_files, read_flows
from flowyard.interchange.schemes import scheme_names


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedTemplate:
    """One template that an import yields."""

    key: str
    flow_id: str
    """Its id in the file."""
    file: str
    """Name of the file."""
    title: str
    document: dict[str, JsonValue]
    """A native definition; whether it can be published is told by the diagnostics."""
    node_ids: dict[str, str]
    """Our ids of nodes by theirs, start and end included."""
    variable_names: dict[str, str]
    """Our names of variables by theirs, which stand without ``${}``."""
    subflow_keys: tuple[str, ...]
    """Keys of the templates that it runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """What files yield."""

    templates: tuple[ImportedTemplate, ...]
    """Subflows stand before the templates that run them."""
    diagnostics: tuple[Diagnostic, ...]

    @property
    def has_errors(self) -> bool:
        """Tell whether a person has to change something."""
        return any(one.severity is Severity.ERROR for one in self.diagnostics)

    def errors_of(self, template: ImportedTemplate) -> tuple[Diagnostic, ...]:
        """Return what a person has to change in one template."""
        return tuple(
            one
            for one in self.diagnostics
            if one.severity is Severity.ERROR
            and one.template == template.flow_id
            and one.file == template.file
        )


def import_bk_sops(
    text: str, *, components: ComponentTable | None = None, key_prefix: str = ""
) -> Import:
    """Return the templates of one text, and everything that a person should know about them.

    Parameters
    ----------
    text
        A tree of the editor or the engine, YAML v1, a ``.dat`` export or a2flow v2.
    components
        Rules that stand before those that come with Flowyard.
    key_prefix
        Begins the keys of all templates.

    Raises
    ------
    InterchangeError
        Raised if the text is of none of these formats, or too large.
    """
    findings = Findings()
    flows = tuple(ReadFlow(file="", flow=flow) for flow in read_flows(text, findings))
    return _imported(flows, findings, components or {}, key_prefix, frozenset())


def import_files(
    files: Sequence[SourceFile],
    *,
    components: ComponentTable | None = None,
    key_prefix: str = "",
    present_keys: Collection[str] = frozenset(),
) -> Import:
    """Return the templates of several files, which may run each other's.

    A file that cannot be read is an error among the diagnostics, and no reason to stop.

    Parameters
    ----------
    files
        Texts as for :func:`import_bk_sops`.
    components, key_prefix
        As for :func:`import_bk_sops`.
    present_keys
        Keys of templates that the files may run, because the project has them already.
    """
    findings = Findings()
    flows = read_files(files, findings)
    return _imported(flows, findings, components or {}, key_prefix, present_keys)


def _imported(
    flows: Sequence[ReadFlow],
    findings: Findings,
    components: ComponentTable,
    key_prefix: str,
    present_keys: Collection[str],
) -> Import:
    listed = [one.flow for one in flows]
    around = Surroundings(
        keys=template_keys(listed, key_prefix),
        names={flow.flow_id: _names(flow) for flow in listed},
        schemes={flow.flow_id: scheme_names(flow) for flow in listed},
        components={**built_in_components(), **components},
        key_prefix=key_prefix,
        present_keys=present_keys,
        always_given=_always_given(listed),
    )
    templates = tuple(_template(one, around, findings) for one in flows)
    return Import(templates=templates, diagnostics=tuple(findings.found))


def _template(one: ReadFlow, around: Surroundings, findings: Findings) -> ImportedTemplate:
    flow = one.flow
    writer = DocumentWriter(flow, around, findings.in_file(one.file))
    document = writer.document()
    around.documents[flow.flow_id] = document
    return ImportedTemplate(
        key=around.keys[flow.flow_id],
        flow_id=flow.flow_id,
        file=one.file,
        title=flow.name,
        document=document,
        node_ids=writer.node_ids,
        variable_names=dict(around.names[flow.flow_id]),
        subflow_keys=tuple(dict.fromkeys(_subflow_keys(flow, around))),
    )


def _subflow_keys(flow: Flow, around: Surroundings) -> Iterable[str]:
    for node in flow.nodes.values():
        if node.kind is FlowNodeKind.SUBPROCESS and node.template_id in around.keys:
            yield around.keys[node.template_id]


def _names(flow: Flow) -> dict[str, str]:
    return variable_names(
        variable.name for variable in flow.variables.values() if variable.is_declared
    )


def _always_given(flows: Iterable[Flow]) -> dict[str, frozenset[str]]:
    """Return what every flow that runs another one gives it, by the other's id."""
    found: dict[str, frozenset[str]] = {}
    for flow in flows:
        for node in flow.nodes.values():
            if node.kind is FlowNodeKind.SUBPROCESS:
                given = frozenset(node.data)
                found[node.template_id] = found.get(node.template_id, given) & given
    return found
