"""Flows of other systems: read into native definitions, and written back.

Rules: nothing is changed or lost without a diagnostic; whatever a file holds, only
:class:`InterchangeError` comes out of reading it.

Theory of operation: a file becomes plain values (``sources``), then flows that know nothing of
ours (``flow``, filled by ``web_tree``, ``yaml_v1`` and ``a2flow``), then native documents
(``native``). Ids that machines made get readable ones by the order of the nodes, so that two
formats of one flow give the same document.
"""

from flowyard.interchange.components import ComponentTable, read_components
from flowyard.interchange.diagnostics import Diagnostic, Findings, InterchangeError, Severity
from flowyard.interchange.exporting import export_yaml_v1
from flowyard.interchange.importing import (
    Import,
    ImportedTemplate,
    import_bk_sops,
    import_files,
)
from flowyard.interchange.reading import SourceFile, read_flows
from flowyard.interchange.yaml_v1_writer import to_yaml_v1

__all__ = [
    "ComponentTable",
    "Diagnostic",
    "Findings",
    "Import",
    "ImportedTemplate",
    "InterchangeError",
    "Severity",
    "SourceFile",
    "export_yaml_v1",
    "import_bk_sops",
    "import_files",
    "read_components",
    "read_flows",
    "to_yaml_v1",
]
