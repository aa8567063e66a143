import sys

import pytest

from flowyard_cli.errors import MissingExtraError, UsageError
from flowyard_cli.services import SERVICES, load_service


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
