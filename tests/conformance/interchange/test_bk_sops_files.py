import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from flowyard.document import Problem, check_document, read_document
from flowyard.interchange import (
    Findings,
    Import,
    Severity,
    export_yaml_v1,
    import_bk_sops,
    read_components,
    read_flows,
    to_yaml_v1,
)
from tests.conformance.recorded.components import component_table
from tests.conformance.recorded.names import names_of
from tests.conformance.recorded.recordings import read_recordings
from tests.support.environment import cases_folder


@pytest.fixture
def folder() -> Path:
    found = cases_folder()
    if found is None:
        pytest.skip("FLOWYARD_CASES names no folder of recorded cases")
    return found


def test_one_export_gives_the_same_templates_as_yaml_and_as_json(folder: Path) -> None:
    as_json = (folder / "export_original_data.json").read_text(encoding="utf-8")
    as_yaml = (folder / "export_yaml_data.yaml").read_text(encoding="utf-8")

    first, second = import_bk_sops(as_json), import_bk_sops(as_yaml)

    assert _undrawn(first) == _undrawn(second)
    assert all("layout" in one.document for one in first.templates)


@pytest.mark.parametrize("name", ["export_original_data.json", "export_yaml_data.yaml"])
def test_both_exports_are_written_as_the_recorded_yaml(folder: Path, name: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    recorded = yaml.safe_load_all((folder / "export_yaml_data.yaml").read_text(encoding="utf-8"))

    findings = Findings()
    written = to_yaml_v1(read_flows(text, findings), findings)

    assert list(yaml.safe_load_all(written)) == list(recorded)


def _undrawn(result: Import) -> list[dict[str, Any]]:
    """Return the documents without where their nodes stand: YAML v1 does not say it."""
    return [
        {key: value for key, value in one.document.items() if key != "layout"}
        for one in result.templates
    ]


def _recorded(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / "bksops_trees.json").read_bytes())
    return found


def _problems(result: Import) -> list[Problem]:
    return [
        problem
        for template in result.templates
        for problem in check_document(json.dumps(template.document), plugins=None)
    ]


def test_every_recorded_tree_compiles_or_is_diagnosed(folder: Path) -> None:
    for number, case in enumerate(_recorded(folder)):
        result = import_bk_sops(json.dumps(case["tree"]))
        assert result.templates, number
        assert result.has_errors or not _problems(result), number


def test_what_bk_sops_accepts_has_no_errors_but_components_that_are_not_mapped(
    folder: Path,
) -> None:
    accepted = [case for case in _recorded(folder) if case["verdict"] == "ok"]

    assert accepted
    for case in accepted:
        result = import_bk_sops(json.dumps(case["tree"]))
        errors = {one.code for one in result.diagnostics if one.severity is Severity.ERROR}
        assert errors <= {"unmapped_plugin"}, case["source"]
        assert not _problems(result), case["source"]


def test_what_bk_sops_cannot_read_is_an_error_with_its_place(folder: Path) -> None:
    refused = [case for case in _recorded(folder) if case["verdict"] != "ok"]

    assert refused
    for case in refused:
        result = import_bk_sops(json.dumps(case["tree"]))
        errors = [one for one in result.diagnostics if one.severity is Severity.ERROR]
        assert {one.code for one in errors} - {"unmapped_plugin"}, case["source"]
        assert all(one.reason and (one.node_id or one.path or one.template) for one in errors)


def test_every_recorded_tree_comes_back_from_an_export_as_it_was(folder: Path) -> None:
    for case in _recorded(folder):
        first = import_bk_sops(json.dumps(case["tree"]))
        if _problems(first) or case["verdict"] != "ok":
            continue
        findings = Findings()
        documents = [read_document(json.dumps(one.document)) for one in first.templates]
        again = import_bk_sops(export_yaml_v1(documents, findings))

        assert _undrawn(again) == _undrawn(first), case["source"]
        assert not findings.found, case["source"]


def _engine_trees(folder: Path) -> list[tuple[str, Any]]:
    return [
        (one.name, step["args"][0])
        for one in read_recordings(folder / "bamboo_e2e.json")
        for step in one.steps
        if step["op"] == "run_pipeline"
    ]


def test_every_tree_that_bamboo_ran_imports_without_errors(folder: Path) -> None:
    table = read_components(component_table())

    for name, value in _engine_trees(folder):
        result = import_bk_sops(json.dumps(value), components=table)
        assert not result.has_errors, (name, result.diagnostics)


def test_a_run_of_bamboo_names_all_its_nodes(folder: Path) -> None:
    table = read_components(component_table())

    for name, value in _engine_trees(folder):
        result = import_bk_sops(json.dumps(value), components=table)
        known = {one.flow_id: one.node_ids for one in result.templates}
        assert names_of(value, known).root == value["id"], name
