"""Gateways that do not know, drain, die, babble or keep silent."""

from tests.integration.worker.standin import StandInGateway
from tests.integration.worker.yard import Yard, ready_step
from tests.support.ports import free_port


async def test_a_plugin_unknown_to_one_gateway_is_run_by_another(yard: Yard) -> None:
    other = await yard.gateway_beside()
    yard.gateway.unknown.add("rare")
    steps = [ready_step("rare") for _ in range(4)]
    worker = await yard.start(batch_steps=1, plugin_gateway_urls=(yard.gateway.url, other.url))

    await yard.publish(*steps)

    assert {result.outcome for result in await yard.results(4)} == {"succeeded"}
    assert len(other.steps) == 4
    assert worker.metrics.value("flowyard_worker_steps_not_run_total", code="unknown_plugin") > 0


async def test_a_plugin_unknown_to_every_gateway_fails_the_step(yard: Yard) -> None:
    other = await yard.gateway_beside()
    yard.gateway.unknown.add("rare")
    other.unknown.add("rare")
    step = ready_step("rare")
    await yard.start(plugin_gateway_urls=(yard.gateway.url, other.url))

    await yard.publish(step)

    result = await yard.result_of(step)
    assert (result.outcome, result.code) == ("failed", "unknown_plugin")
    assert len(yard.gateway.steps) == len(other.steps) == 1


async def test_a_plugin_unknown_to_all_that_live_fails_although_a_listed_gateway_is_gone(
    yard: Yard,
) -> None:
    yard.gateway.unknown.add("rare")
    step = ready_step("rare")
    nobody = f"http://127.0.0.1:{free_port()}"
    await yard.start(
        plugin_gateway_urls=(yard.gateway.url, nobody), backoff_limit_seconds=0.2, absent_seconds=1
    )

    await yard.publish(step)

    result = await yard.result_of(step)
    assert (result.outcome, result.code) == ("failed", "unknown_plugin")


async def test_a_draining_gateway_gives_its_steps_to_another(yard: Yard) -> None:
    other = await yard.gateway_beside()
    yard.gateway.is_draining = True
    steps = [ready_step() for _ in range(4)]
    await yard.start(batch_steps=1, plugin_gateway_urls=(yard.gateway.url, other.url))

    await yard.publish(*steps)

    await yard.results(4)
    assert len(other.steps) == 4


async def test_the_only_gateway_is_asked_again_after_a_rest(yard: Yard) -> None:
    yard.gateway.is_draining = True
    step = ready_step()
    await yard.start()
    await yard.publish(step)
    await yard.gateway.has_seen(2)

    yard.gateway.is_draining = False

    assert (await yard.result_of(step)).outcome == "succeeded"


async def test_steps_wait_for_a_gateway_that_is_not_there_yet(yard: Yard) -> None:
    async with StandInGateway() as gone:
        port = gone.port
    step = ready_step()
    worker = await yard.start(plugin_gateway_urls=(f"http://127.0.0.1:{port}",))
    await yard.publish(step)
    assert not (await worker.readiness())["plugin_gateway"]

    async with StandInGateway(port=port):
        assert (await yard.result_of(step)).outcome == "succeeded"
        assert (await worker.readiness())["plugin_gateway"]


async def test_steps_of_a_gateway_that_dies_are_offered_again(yard: Yard) -> None:
    die, slow = ready_step("die"), ready_step("slow")
    await yard.publish(slow, die)
    await yard.start()
    await yard.gateway.has_seen(4)

    yard.gateway.release.set()

    await yard.results(2)
    assert yard.gateway.steps == [slow, die, slow, die]


async def test_a_garbage_line_costs_no_other_step_its_result(yard: Yard) -> None:
    garbage, done = ready_step("garbage"), ready_step()
    await yard.publish(garbage, done)

    await yard.start()

    assert (await yard.result_of(garbage)).outcome == "succeeded"
    assert yard.gateway.steps == [garbage, done, garbage]


async def test_a_step_about_which_the_gateway_stays_silent_fails_as_unknown(yard: Yard) -> None:
    step = ready_step("silent")
    await yard.start()

    await yard.publish(step)

    result = await yard.result_of(step)
    assert (result.outcome, result.code) == ("failed", "outcome_unknown")


async def test_a_step_that_a_gateway_cannot_read_fails_alone(yard: Yard) -> None:
    yard.gateway.refuses_to_read = "odd"
    odd, others = ready_step("odd"), [ready_step() for _ in range(6)]
    await yard.publish(*others[:3], odd, *others[3:])

    await yard.start()

    results = {result.ref: result for result in await yard.results(7)}
    assert results.pop(odd.ref).code == "step_refused"
    assert {result.outcome for result in results.values()} == {"succeeded"}


async def test_a_gateway_that_never_answers_is_given_up(yard: Yard) -> None:
    slow = ready_step("slow", timeout_seconds=0.01)
    await yard.publish(slow)
    await yard.start(answer_margin_seconds=0.5)
    await yard.gateway.has_seen(2)

    yard.gateway.release.set()

    assert (await yard.result_of(slow)).outcome == "succeeded"
