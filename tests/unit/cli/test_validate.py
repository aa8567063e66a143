from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner, Result

from flowyard_cli.app import app

GOOD = "flowyard: 1\nkey: good\ntitle: Good\nnodes:\n  - {id: a, plugin: noop@1.0}\n"
BAD = "flowyard: 1\nkey: bad\ntitle: Bad\nnodes:\n  - {id: a, plugin: noop@1.0, nxt: b}\n"


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def good(tmp_path: Path) -> Path:
    file = tmp_path / "good.yaml"
    file.write_text(GOOD)
    return file


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    file = tmp_path / "bad.yaml"
    file.write_text(BAD)
    return file


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("SERVER", "TOKEN", "DATA"):
        monkeypatch.delenv(f"FLOWYARD_{name}", raising=False)


def test_a_good_file_is_ok(good: Path) -> None:
    result = invoke("validate", "--offline", good)

    assert result.exit_code == 0
    assert result.stdout == f"{good}: ok\n"


def test_a_problem_is_told_with_file_line_column_code_and_node(good: Path, bad: Path) -> None:
    result = invoke("validate", "--offline", bad, good)

    assert result.exit_code == 1
    first, second = result.stdout.splitlines()
    assert first.startswith(f"{bad}:5:31 unknown_key ")
    assert first.endswith(" [a]")
    assert second == f"{good}: ok"


def test_problems_can_be_had_as_json(bad: Path) -> None:
    result = invoke("validate", "--offline", "--output", "json", bad)

    assert result.exit_code == 1
    told = orjson.loads(result.stdout)
    assert told["plugins_checked"] is False
    assert told["problems"][0]["code"] == "unknown_key"
    assert told["problems"][0]["node_id"] == "a"
    assert (told["problems"][0]["line"], told["problems"][0]["column"]) == (5, 31)


def test_without_a_server_the_structure_is_checked_all_the_same(good: Path) -> None:
    result = invoke("validate", good)

    assert result.exit_code == 0
    assert "Plugins were not checked" in result.stderr


def test_a_file_that_cannot_be_read_is_a_usage_error(tmp_path: Path) -> None:
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe\x00")

    for file in (tmp_path / "missing.yaml", tmp_path, binary):
        result = invoke("validate", "--offline", file)

        assert result.exit_code == 2
        assert str(file) in result.stderr


def test_a_broken_file_is_refused_before_any_server_is_asked(bad: Path) -> None:
    for command in ("apply", "run"):
        result = invoke(command, bad)

        assert result.exit_code == 2
        assert "unknown_key" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "hello", "--link", "paper=http://x.example"],
        ["run", "hello", "--label", "nothing"],
        ["bench", "--embedded", "--server", "http://x.example"],
        ["bench", "--pid", "api=x"],
        ["secret", "set", "1x", "--value-stdin"],
        ["token", "create", "--actor", " "],
        ["plugins", "show", "noop"],
        ["run"],
        ["dance"],
    ],
)
def test_a_wrong_command_line_ends_with_two_and_no_traceback(arguments: list[str]) -> None:
    result = invoke(*arguments)

    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert result.stderr


def test_every_command_explains_itself() -> None:
    result = invoke("--help")

    assert result.exit_code == 0
    for command in ("validate", "apply", "run", "dev", "migrate", "bench", "plugin-gateway"):
        assert command in result.stdout
