from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner, Result

from flowyard_cli.app import app
from tests.unit.interchange.trees import line, service


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["import", "bk-sops", *map(str, arguments)])


@pytest.fixture
def good(tmp_path: Path) -> Path:
    file = tmp_path / "good.json"
    file.write_bytes(orjson.dumps(line(a=service(optional=False)) | {"id": "good"}))
    return file


@pytest.fixture
def unmapped(tmp_path: Path) -> Path:
    file = tmp_path / "unmapped.json"
    file.write_bytes(orjson.dumps(line(a=service("other", optional=False)) | {"id": "unmapped"}))
    return file


def test_a_file_without_errors_is_told_by_its_templates(good: Path) -> None:
    result = invoke(good)

    assert result.exit_code == 0
    assert result.stdout == f"{good}: template good, 1 nodes\n"


def test_an_error_is_told_with_its_node_and_ends_with_one(good: Path, unmapped: Path) -> None:
    result = invoke(good, unmapped)

    assert result.exit_code == 1
    assert f"{unmapped}: error unmapped_plugin [a] " in result.stdout


def test_json_holds_templates_and_diagnostics(unmapped: Path) -> None:
    result = invoke(unmapped, "--output", "json")

    report = orjson.loads(result.stdout)
    assert report["templates"][0]["document"]["key"] == "unmapped"
    assert report["diagnostics"][0] | {"reason": "", "repair": ""} == {
        "file": str(unmapped),
        "severity": "error",
        "code": "unmapped_plugin",
        "reason": "",
        "repair": "",
        "template": "unmapped",
        "node_id": "a",
        "path": ["activities", "a", "component"],
    }


def test_a_prefix_begins_all_keys(good: Path) -> None:
    result = invoke(good, "--prefix", "sops-")

    assert f"{good}: template sops-good, 1 nodes\n" == result.stdout


def test_a_folder_and_a_server_are_not_written_to_at_once(good: Path, tmp_path: Path) -> None:
    result = invoke(good, "--write", tmp_path / "written", "--apply")

    assert result.exit_code == 2
    assert not (tmp_path / "written").exists()


def test_definitions_are_written_and_never_overwritten(good: Path, tmp_path: Path) -> None:
    folder = tmp_path / "written"

    first, second = invoke(good, "--write", folder), invoke(good, "--write", folder)

    assert first.exit_code == 0
    assert (folder / "good.yaml").read_text().startswith("flowyard: 1\nkey: good\n")
    assert second.exit_code == 2


def test_a_table_of_components_maps_what_flowyard_does_not(unmapped: Path, tmp_path: Path) -> None:
    table = tmp_path / "components.yaml"
    table.write_text("other: {plugin: noop@1.0, ignored: [bk_timing]}\n")

    assert invoke(unmapped, "--components", table).exit_code == 0


def test_a_table_of_another_form_is_a_mistake_of_use(good: Path, tmp_path: Path) -> None:
    table = tmp_path / "components.yaml"
    table.write_text("other: {plugin: noop}\n")

    assert invoke(good, "--components", table).exit_code == 2


def test_a_file_that_cannot_be_read_is_an_error_beside_the_others(
    good: Path, tmp_path: Path
) -> None:
    file = tmp_path / "broken.json"
    file.write_text("{")

    result = invoke(good, file)

    assert result.exit_code == 1
    assert f"{good}: template good" in result.stdout
    assert f"{file}: error unreadable_import" in result.stdout
