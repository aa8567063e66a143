"""More addresses than there are gateways: what a worker on Kubernetes is given.

It knows every plugin gateway that there may be by its own name, and some of them are not there
yet, or not any more (docs/decisions/0020-gateways-on-kubernetes.md).
"""

from tests.integration.worker.standin import StandInGateway
from tests.integration.worker.yard import Yard, ready_step
from tests.support.ports import free_port


def _nobody() -> str:
    return f"http://127.0.0.1:{free_port()}"


async def test_addresses_without_a_gateway_cost_no_step_and_the_others_share_the_work(
    yard: Yard,
) -> None:
    other = await yard.gateway_beside()
    await yard.publish(*[ready_step() for _ in range(40)])

    await yard.start(
        batch_steps=1,
        plugin_gateway_urls=(_nobody(), yard.gateway.url, _nobody(), other.url, _nobody()),
    )

    results = await yard.results(40)
    assert {result.outcome for result in results} == {"succeeded"}
    assert len(yard.gateway.steps) + len(other.steps) == 40
    assert min(len(yard.gateway.steps), len(other.steps)) >= 10


async def test_a_gateway_that_starts_later_is_given_its_part(yard: Yard) -> None:
    async with StandInGateway() as gone:
        port = gone.port
    await yard.start(
        batch_steps=1, plugin_gateway_urls=(yard.gateway.url, f"http://127.0.0.1:{port}")
    )
    await yard.publish(*[ready_step() for _ in range(4)])
    await yard.results(4)
    assert len(yard.gateway.steps) == 4

    async with StandInGateway(port=port) as added:
        done = 4
        while not added.steps:
            await yard.publish(ready_step(), ready_step())
            done += 2
            await yard.results(done)


async def test_a_worker_is_ready_while_one_of_its_gateways_is(yard: Yard) -> None:
    worker = await yard.start(plugin_gateway_urls=(_nobody(), yard.gateway.url, _nobody()))

    assert (await worker.readiness())["plugin_gateway"]
