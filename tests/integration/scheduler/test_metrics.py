"""What schedulers tell of their partitions, whoever held them before."""

import pytest

from flowyard.contracts.topics import INSTANCE_EVENT
from flowyard.testing.graphs import chain
from flowyard_scheduler import census
from flowyard_scheduler.main import SchedulerService
from flowyard_scheduler.settings import Settings
from tests.support.api import eventually
from tests.support.scene import PARTITIONS, Scene, answering, waiting

FEW = 6


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have rows be counted every tenth of a second instead of every 15 s."""
    monkeypatch.setattr(census, "FIRST_SECONDS", 0.05)
    monkeypatch.setattr(census, "COUNT_SECONDS", 0.1)
    monkeypatch.setattr(census, "REST", 1)


def owned(service: SchedulerService) -> set[int]:
    """Return the partitions that a scheduler shows as its own."""
    return {
        partition
        for partition in range(PARTITIONS)
        if service.metrics.value(
            "flowyard_scheduler_partition_owned", topic=INSTANCE_EVENT, partition=str(partition)
        )
    }


def waits(service: SchedulerService) -> float:
    return service.metrics.value("flowyard_scheduler_waiting_nodes", reason="approval")


def lives(service: SchedulerService) -> float:
    return service.metrics.value("flowyard_scheduler_instances", status="running")


async def test_each_partition_is_owned_once_and_one_that_goes_is_shown_no_longer(
    scene: Scene, settings: Settings
) -> None:
    everything = set(range(PARTITIONS))

    async with SchedulerService(settings=settings, broker=scene.broker) as first:
        await eventually(lambda: owned(first) == everything)
        async with SchedulerService(settings=settings, broker=scene.broker) as second:
            await eventually(lambda: bool(owned(second)) and owned(first) != everything)
            shares = owned(first), owned(second)
        await eventually(lambda: owned(first) == everything)

    assert shares[0] | shares[1] == everything
    assert not shares[0] & shares[1]
    gone = "flowyard_scheduler_partition_owned{"
    assert gone not in second.metrics.render().decode()


async def test_what_waits_is_counted_right_by_owners_that_hold_none_of_it(
    scene: Scene, settings: Settings
) -> None:
    template = await scene.publish_template(chain(1))
    async with (
        SchedulerService(settings=settings, broker=scene.broker) as before,
        answering(scene, lambda step: waiting(step, "approval")),
    ):
        for _ in range(FEW):
            await scene.create(template)
        await eventually(lambda: waits(before) == FEW)

    async with (
        SchedulerService(settings=settings, broker=scene.broker) as first,
        SchedulerService(settings=settings, broker=scene.broker) as second,
    ):
        await eventually(lambda: waits(first) + waits(second) == FEW)
        await eventually(lambda: lives(first) + lives(second) == FEW)
        held = [one.metrics.value("flowyard_scheduler_held_instances") for one in (first, second)]

    assert held == [0, 0]
