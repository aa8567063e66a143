"""``fail``: ends its path as failed, on purpose."""

from typing import ClassVar, Literal

from pydantic import Field
from typing_extensions import override

from flowyard.contracts.plugin import (
    Failed,
    InstantPlugin,
    PluginInputs,
    PluginOutputs,
    StepContext,
)


class FailInputs(PluginInputs):
    """What the failure says."""

    code: str = Field(
        default="failed_on_purpose",
        pattern=r"^[a-z][a-z0-9_]{0,63}$",
        description="Stable name of the cause; retry policies may list it.",
    )
    message: str = Field(
        default="The flow reached a node that fails on purpose.",
        min_length=1,
        max_length=2000,
        description="What a person reads.",
        examples=["The release of ${version} was not verified."],
    )


class FailOutputs(PluginOutputs):
    """Nothing."""


class Fail(InstantPlugin[FailInputs, FailOutputs]):
    """Fails with a code and a message, where a flow has found out that it cannot go on."""

    name = "fail"
    title = "Fail"
    idempotency: ClassVar[Literal["always", "never", "by_inputs"]] = "always"
    inputs_model = FailInputs
    outputs_model = FailOutputs

    @override
    def answer(self, context: StepContext, inputs: FailInputs) -> Failed:
        """Return the failure."""
        return Failed(code=inputs.code, message=inputs.message)
