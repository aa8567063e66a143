import json
from pathlib import Path

import pytest
import yaml

from flowyard.document import check_document
from flowyard.interchange import Findings, import_bk_sops, read_flows, to_yaml_v1
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

    assert [one.document for one in first.templates] == [one.document for one in second.templates]


@pytest.mark.parametrize("name", ["export_original_data.json", "export_yaml_data.yaml"])
def test_both_exports_are_written_as_the_recorded_yaml(folder: Path, name: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    recorded = yaml.safe_load_all((folder / "export_yaml_data.yaml").read_text(encoding="utf-8"))

    findings = Findings()
    written = to_yaml_v1(read_flows(text, findings), findings)

    assert list(yaml.safe_load_all(written)) == list(recorded)


def test_every_recorded_tree_compiles_or_is_diagnosed(folder: Path) -> None:
    cases = json.loads((folder / "bksops_trees.json").read_bytes())

    for number, case in enumerate(cases):
        result = import_bk_sops(json.dumps(case["tree"]))
        problems = [
            problem
            for template in result.templates
            for problem in check_document(json.dumps(template.document), plugins=None)
        ]
        assert result.templates, number
        assert result.has_errors or not problems, number
        assert result.has_errors or case["verdict"] == "ok", number
