"""What `flowyard plugin new` writes, and what it refuses to."""

from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner, Result

from flowyard_cli.app import app
from flowyard_cli.plugin_package import PATHS, plugin_package
from flowyard_plugin_gateway.registry import _NAME, ENTRY_POINT_GROUP


def new(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["plugin", "new", *map(str, arguments)])


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_package_is_written_beside_where_it_was_asked_for(tmp_path: Path) -> None:
    result = new("restart_host")

    folder = tmp_path / "flowyard-plugin-restart-host"
    written = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert result.exit_code == 0
    assert written == {
        "README.md",
        "pyproject.toml",
        "src/flowyard_plugin_restart_host/__init__.py",
        "src/flowyard_plugin_restart_host/plugin.py",
        "src/flowyard_plugin_restart_host/py.typed",
        "tests/test_plugin.py",
    }


def test_the_folder_can_be_chosen(tmp_path: Path) -> None:
    result = new("restart", "--directory", tmp_path / "deep" / "down", "--output", "json")

    told = orjson.loads(result.stdout)
    assert told["directory"] == str(tmp_path / "deep" / "down")
    assert all((tmp_path / "deep" / "down" / file).is_file() for file in told["files"])


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine")

    result = new("restart", "--directory", tmp_path)

    assert result.exit_code == 2
    assert "Expected" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]
    assert (tmp_path / "README.md").read_text() == "mine"


@pytest.mark.parametrize(
    "name", ["Restart", "1st", "re-start", "", "_a", "a__b", "a_", "class", "a" * 65, "../up", "é"]
)
def test_a_name_that_no_plugin_can_have_is_refused(tmp_path: Path, name: str) -> None:
    result = new(name)

    assert result.exit_code != 0
    assert "Expected a name" in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a", "restart_host", "x2_y3", "a" * 64])
def test_the_plugin_gateway_takes_every_name_that_is_written(name: str) -> None:
    text = plugin_package(name)[Path("pyproject.toml")]

    assert _NAME.fullmatch(name)
    assert f'[project.entry-points."{ENTRY_POINT_GROUP}"]\n{name} = ' in text


def test_every_place_in_the_templates_is_filled_in() -> None:
    for path, text in plugin_package("restart_host").items():
        left = text.replace("${nodes.greet.greeting}", "")
        assert "$" not in left, path
    assert len(plugin_package("restart_host")) == len(PATHS)
