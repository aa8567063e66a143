from flowyard.contracts.plugin import Done
from flowyard_plugin_gateway.plugins.noop import NoopInputs, NoopOutputs
from flowyard_plugin_gateway.plugins.noop_idempotent import NoopIdempotent
from tests.unit.plugin_gateway.support import context


async def test_noop_idempotent_is_done_at_once_and_needs_no_claim() -> None:
    assert await NoopIdempotent().execute(context(), NoopInputs()) == Done(NoopOutputs())
    assert NoopIdempotent().is_idempotent(NoopInputs())
