"""``bk_sops_placeholder``: keeps an imported node whose component nobody has mapped yet."""

from typing import ClassVar, Literal

from pydantic import Field, JsonValue
from typing_extensions import override

from flowyard.contracts.plugin import (
    Failed,
    InstantPlugin,
    PluginInputs,
    PluginOutputs,
    StepContext,
)


class BkSopsPlaceholderInputs(PluginInputs):
    """What the node was in bk-sops."""

    code: str = Field(
        default="",
        max_length=200,
        description="Code of the component.",
        examples=["job_fast_execute_script"],
    )
    version: str = Field(
        default="", max_length=200, description="Version of the component.", examples=["v1.0"]
    )
    data: dict[str, JsonValue] = Field(
        default_factory=dict, description="Its inputs, kept as they were."
    )


class BkSopsPlaceholderOutputs(PluginOutputs):
    """Nothing."""


class BkSopsPlaceholder(InstantPlugin[BkSopsPlaceholderInputs, BkSopsPlaceholderOutputs]):
    """Stands for a component of bk-sops that has no plugin here, and fails when it is reached.

    An import puts it where its table of components has nothing, so that the node
    is drawn, kept and exported again. Replace it before the flow runs.
    """

    name = "bk_sops_placeholder"
    title = "Imported node without a plugin"
    idempotency: ClassVar[Literal["always", "never", "by_inputs"]] = "always"
    inputs_model = BkSopsPlaceholderInputs
    outputs_model = BkSopsPlaceholderOutputs

    @override
    def answer(self, context: StepContext, inputs: BkSopsPlaceholderInputs) -> Failed:
        """Fail with code ``unmapped_plugin``."""
        component = " ".join(word for word in (inputs.code, inputs.version) if word)
        return Failed(
            code="unmapped_plugin",
            message=f"Expected a plugin in place of the component {component or 'without a code'}"
            " of bk-sops, but none was chosen.",
        )
