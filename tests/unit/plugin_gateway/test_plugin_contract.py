"""What every plugin gets from the contract alone."""

from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field
from typing_extensions import override

from flowyard.contracts.plugin import (
    VERBATIM_KEY,
    Done,
    LogLevel,
    Plugin,
    PluginInputs,
    PluginOutputs,
    StepContext,
    Verbatim,
)
from flowyard_plugin_gateway.registry import describe
from tests.unit.plugin_gateway.support import context


class Host(PluginInputs):
    name: str


class ScriptInputs(PluginInputs):
    script: Verbatim[str] = Field(min_length=1, description="Shell.", examples=["echo ${HOME}"])
    also: Verbatim[str | None] = None
    files: Verbatim[dict[str, str]] = Field(default_factory=dict)
    host: Annotated[Verbatim[Host], Field(description="Where.")]
    plain: str = ""


class Script(Plugin[ScriptInputs, PluginOutputs]):
    """Does nothing."""

    name = "script"
    title = "Script"
    inputs_model = ScriptInputs
    outputs_model = PluginOutputs

    @override
    async def execute(self, context: StepContext, inputs: ScriptInputs) -> Done[PluginOutputs]:
        return Done(PluginOutputs())


class Lines:
    def __init__(self) -> None:
        self.kept: list[tuple[str, str]] = []

    def write(self, level: LogLevel, text: str) -> None:
        self.kept.append((level, text))


def properties() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = describe(Script()).inputs_schema["properties"]
    return found


def test_verbatim_fields_say_so_in_the_schema() -> None:
    assert {name for name, part in properties().items() if part.get(VERBATIM_KEY) is True} == {
        "script",
        "also",
        "files",
        "host",
    }


def test_verbatim_changes_nothing_else_in_the_schema() -> None:
    assert properties()["script"] == {
        "title": "Script",
        "type": "string",
        "minLength": 1,
        "description": "Shell.",
        "examples": ["echo ${HOME}"],
        VERBATIM_KEY: True,
    }


def test_verbatim_stays_with_its_field() -> None:
    schema = describe(Script()).inputs_schema

    assert VERBATIM_KEY not in schema["$defs"]["Host"]


def test_a_log_line_carries_its_level_and_facts() -> None:
    lines = Lines()
    step = replace(context(), logger=lines)

    step.log("Copied", files=3, target="/srv")
    step.log("Slow", level="warning")

    assert lines.kept == [("info", "Copied files=3 target=/srv"), ("warning", "Slow")]


def test_a_step_that_nobody_listens_to_may_log() -> None:
    context().log("Copied")


async def test_a_plugin_that_started_nothing_has_nothing_to_cancel() -> None:
    inputs = ScriptInputs.model_validate({"script": "true", "host": {"name": "a"}})

    await Script().cancel(context(), inputs)
