"""``noop_idempotent``: does nothing, without a claim."""

from typing import ClassVar, Literal

from typing_extensions import override

from flowyard.contracts.plugin import Done, InstantPlugin, StepContext
from flowyard_plugin_gateway.plugins.noop import NOTHING, NoopInputs, NoopOutputs


class NoopIdempotent(InstantPlugin[NoopInputs, NoopOutputs]):
    """Does nothing, and may do so any number of times: it needs no claim."""

    name = "noop_idempotent"
    title = "Do nothing, without a claim"
    idempotency: ClassVar[Literal["always", "never", "by_inputs"]] = "always"
    inputs_model = NoopInputs
    outputs_model = NoopOutputs

    @override
    def answer(self, context: StepContext, inputs: NoopInputs) -> Done[NoopOutputs]:
        """Return at once."""
        return NOTHING
