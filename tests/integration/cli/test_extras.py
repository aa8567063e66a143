"""The command line where packages are missing, each time in an interpreter of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

WITHOUT_PACKAGE = """
import sys
sys.modules[sys.argv[1]] = None
sys.argv = ["flowyard", *sys.argv[2:]]
from flowyard_cli.main import main
main()
"""


def run_without(
    package: str, *arguments: str, folder: Path, given: str = ""
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603
        [sys.executable, "-c", WITHOUT_PACKAGE, package, *arguments],
        input=given,
        capture_output=True,
        text=True,
        cwd=folder,
        env={},
        check=False,
    )


def test_an_image_of_one_service_needs_no_command_line_packages(tmp_path: Path) -> None:
    done = run_without("typer", "scheduler", folder=tmp_path)

    assert done.returncode == 2
    assert "FLOWYARD_DATABASE_URL" in done.stderr


def test_other_commands_tell_what_they_need(tmp_path: Path) -> None:
    done = run_without("typer", "run", "hello", folder=tmp_path)

    assert done.returncode == 2
    assert "flowyard[cli]" in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        ["token", "create", "--actor", "ops"],
        ["token", "list"],
        ["secret", "list"],
        ["secret", "delete", "DEPLOY"],
    ],
    ids=" ".join,
)
def test_only_sealing_needs_cryptography(command: list[str], tmp_path: Path) -> None:
    done = run_without("cryptography", *command, folder=tmp_path)

    assert done.returncode == 2
    assert "FLOWYARD_DATABASE_URL" in done.stderr


def test_what_sealing_needs_is_told(tmp_path: Path) -> None:
    done = run_without(
        "cryptography", "secret", "set", "DEPLOY", "--value-stdin", folder=tmp_path, given="x"
    )

    assert done.returncode == 2
    assert "flowyard[gateway]" in done.stderr


def test_what_the_database_needs_is_told(tmp_path: Path) -> None:
    done = run_without("sqlalchemy", "token", "list", folder=tmp_path)

    assert done.returncode == 2
    assert "flowyard[storage]" in done.stderr
