"""``noop``: does nothing, but is claimed like a plugin that does something."""

from typing_extensions import override

from flowyard.contracts.plugin import (
    Done,
    InstantPlugin,
    PluginInputs,
    PluginOutputs,
    StepContext,
)


class NoopInputs(PluginInputs):
    """Nothing."""


class NoopOutputs(PluginOutputs):
    """Nothing."""


NOTHING = Done(NoopOutputs())
"""The one answer; it is immutable."""


class Noop(InstantPlugin[NoopInputs, NoopOutputs]):
    """Does nothing, at the price of a plugin that must not run twice.

    Its step is claimed and its outcome stored, so it shows what a flow costs
    without the work of its nodes.
    """

    name = "noop"
    title = "Do nothing"
    inputs_model = NoopInputs
    outputs_model = NoopOutputs

    @override
    def answer(self, context: StepContext, inputs: NoopInputs) -> Done[NoopOutputs]:
        """Return at once."""
        return NOTHING
