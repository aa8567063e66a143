"""The plugins of a simulation, and who counts what they do outside."""

import asyncio
import uuid
from collections import Counter
from collections.abc import Callable
from contextvars import ContextVar
from datetime import timedelta
from typing import Literal, NamedTuple

from typing_extensions import override

from flowyard.contracts.plugin import Done, Failed, Plugin, PluginInputs, PluginOutputs, StepContext
from flowyard.contracts.plugin import Wait as PluginWait
from flowyard_plugin_gateway.registry import PluginRegistry
from tests.support.simulation.seeding import seeded

Kind = Literal["do", "timer", "poll", "callback", "approval"]


class Effect(NamedTuple):
    """One beginning of one step, as the outside sees it."""

    instance_id: uuid.UUID
    node_id: str
    number: int
    step: int


class Inputs(PluginInputs):
    """What a node is to do."""

    kind: Kind = "do"
    value: int = 0
    seconds: float = 0.0
    """How long it works."""
    fails_until: int = 0
    """Attempts up to this number fail."""
    logs: bool = False


class Outputs(PluginOutputs):
    """What it has made."""

    value: int


class Witness:
    """Sees every step that begins, and is asked for callbacks.

    Parameters
    ----------
    call_back
        Has an outside system call an attempt back, some time.
    """

    def __init__(self, seed: int, call_back: Callable[[Effect], None]) -> None:
        self.random = seeded(f"witness {seed}")
        self.call_back = call_back
        self.effects: Counter[Effect] = Counter()
        """Steps that may not be repeated, by how often they began."""
        self.begun: set[tuple[uuid.UUID, str, int]] = set()
        """Attempts of which any step began."""


WITNESS: ContextVar[Witness] = ContextVar("witness")
"""Whose simulation the running code is part of."""


class Work(Plugin[Inputs, Outputs]):
    """Does what its inputs say; may not be repeated."""

    name = "work"
    title = "Work"
    inputs_model = Inputs
    outputs_model = Outputs

    @override
    async def execute(
        self, context: StepContext, inputs: Inputs
    ) -> Done[Outputs] | PluginWait | Failed:
        witness = WITNESS.get()
        effect = Effect(context.instance_id, context.node_id, context.number, context.step)
        is_poll = context.resume is not None and context.resume.kind == "timer"
        witness.begun.add(effect[:3])
        if not is_poll and self.idempotency == "never":
            witness.effects[effect] += 1
        if inputs.logs:
            context.log("working", step=context.step)
        if inputs.kind == "callback" and context.resume is None:
            # Before the wait is returned: the callback may well be early.
            witness.call_back(effect)
        if inputs.seconds:
            await asyncio.sleep(inputs.seconds * witness.random.random())
        return _answer(context, inputs, witness)


class Repeatable(Work):
    """The same, and harmless when repeated."""

    name = "repeatable"
    idempotency = "always"


def _answer(
    context: StepContext, inputs: Inputs, witness: Witness
) -> Done[Outputs] | PluginWait | Failed:
    waits = {"timer": 1, "poll": 2, "callback": 1, "approval": 1}.get(inputs.kind, 0)
    if context.step < waits:
        after = timedelta(seconds=witness.random.uniform(0, 4))
        match inputs.kind:
            case "callback":
                return PluginWait(reason="callback", state={"at": context.step})
            case "approval":
                return PluginWait(reason="approval")
            case _:
                return PluginWait(after=after, state={"at": context.step})
    if context.number <= inputs.fails_until:
        return Failed(code="not_yet", message="It fails at first.")
    return Done(Outputs(value=inputs.value))


REGISTRY = PluginRegistry([Work(), Repeatable()])
"""What all gateways of all simulations host."""
