import subprocess
import sys

import pytest

from flowyard_cli.errors import MissingExtraError, UsageError
from flowyard_cli.services import SERVICES, load_service

WITHOUT_TYPER = """
import sys
sys.modules["typer"] = None
sys.argv = ["flowyard", *sys.argv[1:]]
from flowyard_cli.main import main
main()
"""


def run_without_typer(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603
        [sys.executable, "-c", WITHOUT_TYPER, *arguments],
        capture_output=True,
        text=True,
        env={},
        check=False,
    )


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for service in ("", "API_", "SCHEDULER_", "PLUGIN_GATEWAY_"):
        monkeypatch.delenv(f"FLOWYARD_{service}DATABASE_URL", raising=False)


@pytest.mark.parametrize("name", ["api", "scheduler", "plugin-gateway"])
def test_a_missing_setting_is_told_by_its_variables(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_service(name)

    variable = f"{SERVICES[name].env_prefix}DATABASE_URL or FLOWYARD_DATABASE_URL"
    assert f"  {variable}: Field required" in str(caught.value)


def test_a_wrong_setting_is_told_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWYARD_WORKER_SLOTS", "many")

    with pytest.raises(UsageError, match="FLOWYARD_WORKER_SLOTS"):
        load_service("worker")


def test_a_missing_package_is_told_with_the_extra_that_brings_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "flowyard_plugin_gateway.main", None)

    with pytest.raises(MissingExtraError, match=r"pip install 'flowyard\[gateway\]'"):
        load_service("plugin-gateway")


def test_an_image_of_one_service_needs_no_command_line_packages() -> None:
    done = run_without_typer("scheduler")

    assert done.returncode == 2
    assert "FLOWYARD_DATABASE_URL" in done.stderr


def test_other_commands_tell_what_they_need() -> None:
    done = run_without_typer("run", "hello")

    assert done.returncode == 2
    assert "flowyard[cli]" in done.stderr
