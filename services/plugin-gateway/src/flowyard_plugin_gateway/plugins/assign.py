"""``assign``: gives names to values."""

from typing import ClassVar, Literal

from pydantic import ConfigDict, Field, JsonValue
from typing_extensions import override

from flowyard.contracts.plugin import (
    Done,
    InstantPlugin,
    PluginInputs,
    PluginOutputs,
    StepContext,
)


class AssignInputs(PluginInputs):
    """What to give names to."""

    values: dict[str, JsonValue] = Field(
        default_factory=dict,
        description="Each entry becomes an output of the node: `${nodes.<id>.<name>}`.",
        examples=[{"image": "registry/app:${version}", "replicas": 3}],
    )


class AssignOutputs(PluginOutputs):
    """The values, each under its name."""

    model_config = ConfigDict(extra="allow", frozen=True)

    __pydantic_extra__: dict[str, JsonValue]


class Assign(InstantPlugin[AssignInputs, AssignOutputs]):
    """Gives names to values, usually computed by expressions, for the nodes that follow."""

    name = "assign"
    title = "Set values"
    idempotency: ClassVar[Literal["always", "never", "by_inputs"]] = "always"
    inputs_model = AssignInputs
    outputs_model = AssignOutputs

    @override
    def answer(self, context: StepContext, inputs: AssignInputs) -> Done[AssignOutputs]:
        """Return the values as outputs."""
        return Done(AssignOutputs.model_validate(inputs.values))
