from flowyard.contracts.plugin import Done
from flowyard_plugin_gateway.plugins.noop import Noop, NoopInputs, NoopOutputs
from tests.unit.plugin_gateway.support import context


async def test_noop_is_done_at_once_and_claims_like_a_plugin_with_effects() -> None:
    assert await Noop().execute(context(), NoopInputs()) == Done(NoopOutputs())
    assert not Noop().is_idempotent(NoopInputs())
