from importlib.metadata import EntryPoint

import pytest
from typing_extensions import override

from flowyard.contracts.plugin import Done, Plugin, PluginInputs, PluginOutputs, StepContext
from flowyard_plugin_gateway.plugins.noop import Noop
from flowyard_plugin_gateway.registry import (
    ENTRY_POINT_GROUP,
    MalformedPluginError,
    PluginRegistry,
)

HERE = "tests.unit.plugin_gateway.test_registry"


class Greeting(Plugin[PluginInputs, PluginOutputs]):
    """Says hello."""

    name = "greeting"
    version = "2.1"
    title = "Greeting"
    inputs_model = PluginInputs
    outputs_model = PluginOutputs

    @override
    async def execute(self, context: StepContext, inputs: PluginInputs) -> Done[PluginOutputs]:
        return Done(PluginOutputs())


class Impostor(Greeting):
    name = "noop"
    version = "1.0"


class Misnamed(Greeting):
    name = "Not a name"


class Unmodelled(Greeting):
    name = "unmodelled"
    inputs_model = dict  # type: ignore[assignment]


class Stoppable(Greeting):
    name = "stoppable"

    @override
    async def cancel(self, context: StepContext, inputs: PluginInputs) -> None:
        """Stop it."""


def broken() -> Greeting:
    raise RuntimeError("no license")


def entry_point(value: str) -> EntryPoint:
    return EntryPoint(name="found", value=value, group=ENTRY_POINT_GROUP)


def test_plugins_of_other_distributions_are_found_by_their_entry_points() -> None:
    registry = PluginRegistry.discover([Noop()], [entry_point(f"{HERE}:Greeting")])

    assert isinstance(registry.get("greeting", "2.1"), Greeting)
    assert registry.get("greeting", "2.0") is None
    assert [info.name for info in registry.infos()] == ["greeting", "noop"]
    assert registry.infos()[0].description == "Says hello."


@pytest.mark.parametrize(
    "value",
    [
        f"{HERE}:broken",
        f"{HERE}:absent",
        "no.such.module:Plugin",
        f"{HERE}:Impostor",
        f"{HERE}:Misnamed",
        f"{HERE}:Unmodelled",
        "builtins:dict",
    ],
)
def test_rule_12_an_entry_point_that_is_broken_is_reported_and_the_others_are_there(
    value: str,
) -> None:
    registry = PluginRegistry.discover(
        [Noop()], [entry_point(value), entry_point(f"{HERE}:Greeting")]
    )

    assert [plugin.name for plugin in registry] == ["greeting", "noop"]
    assert type(registry.get("noop", "1.0")) is Noop
    assert [one.entry_point for one in registry.broken] == [f"found = {value}"]


def test_two_plugins_of_one_name_and_version_are_refused() -> None:
    with pytest.raises(MalformedPluginError):
        PluginRegistry([Noop(), Noop()])


def test_a_plugin_that_stops_what_goes_on_elsewhere_says_so() -> None:
    infos = PluginRegistry([Greeting(), Stoppable()]).infos()

    assert [(info.name, info.is_cancellable) for info in infos] == [
        ("greeting", False),
        ("stoppable", True),
    ]
