"""What tests of imports ask of a file."""

from typing import Any

import orjson

from flowyard.interchange import Import, Severity, import_bk_sops


def imported(value: Any, **options: Any) -> Import:
    return import_bk_sops(orjson.dumps(value).decode(), **options)


def document(value: Any) -> dict[str, Any]:
    (template,) = imported(value).templates
    return template.document


def nodes_of(result: Import, index: int = 0) -> list[dict[str, Any]]:
    nodes: Any = result.templates[index].document["nodes"]
    found: list[dict[str, Any]] = nodes
    return found


def codes(result: Import, severity: Severity = Severity.ERROR) -> list[str]:
    return [one.code for one in result.diagnostics if one.severity is severity]
