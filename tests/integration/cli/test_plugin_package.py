"""The package that `flowyard plugin new` writes, as its author finds it: it works at once."""

import subprocess
import sys
import tomllib
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from flowyard_cli.app import app

OFFERED = """
import sys
from importlib.metadata import EntryPoint

from flowyard_plugin_gateway.registry import ENTRY_POINT_GROUP, PluginRegistry

found = EntryPoint(name=sys.argv[1], value=sys.argv[2], group=ENTRY_POINT_GROUP)
registry = PluginRegistry.discover([], [found])
print([info.model_dump_json() for info in registry.infos()][0], registry.broken == ())
"""


@pytest.fixture(scope="module", params=["greet", "restart_host_of_a_region_now"])
def package(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("authored") / "package"
    done = CliRunner().invoke(app, ["plugin", "new", request.param, "--directory", str(folder)])
    assert done.exit_code == 0, done.output
    return folder


def run(package: Path, *arguments: str) -> str:
    done = subprocess.run(  # noqa: S603 - this interpreter, on files that were just written
        [sys.executable, *arguments],
        cwd=package,
        env={"PYTHONPATH": "src", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_its_own_tests_pass(package: Path) -> None:
    assert "4 passed" in run(package, "-m", "pytest", "-q", "-p", "no:cacheprovider")


@pytest.mark.parametrize("arguments", [["check", "--no-cache"], ["format", "--check"]])
def test_it_is_as_ruff_wants_it(package: Path, arguments: list[str]) -> None:
    run(package, "-m", "ruff", *arguments)


def test_it_is_fully_typed(package: Path, tmp_path: Path) -> None:
    assert "no issues found in 3 source files" in run(
        package, "-m", "mypy", "--cache-dir", str(tmp_path)
    )


def test_the_plugin_gateway_offers_what_its_entry_point_names(package: Path) -> None:
    project = tomllib.loads((package / "pyproject.toml").read_text())["project"]
    [(name, value)] = project["entry-points"]["flowyard.plugins"].items()

    info, _, is_whole = run(package, "-c", OFFERED, name, value).strip().rpartition(" ")

    offered = orjson.loads(info)
    assert (offered["name"], offered["version"], is_whole) == (name, "1.0", "True")
    assert set(offered["inputs_schema"]["properties"]) == {"person", "after"}
