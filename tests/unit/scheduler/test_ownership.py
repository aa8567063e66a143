from datetime import timedelta

from flowyard.clock import SystemClock
from flowyard.contracts.topics import INSTANCE_EVENT
from flowyard.ids import new_id
from flowyard.messaging.ports import TopicPartition
from flowyard.storage.advance_store import StepKey
from flowyard.storage.postgres_clock import PostgresClock
from flowyard_scheduler.dispatch import Dispatcher
from flowyard_scheduler.holding import Holding
from flowyard_scheduler.memory import Memory
from flowyard_scheduler.ownership import Ownership
from flowyard_scheduler.stuck import StuckNodes
from flowyard_scheduler.timers import Timers


def ownership(dispatcher: Dispatcher) -> Ownership:
    return Ownership(
        count=4,
        window=8,
        memory=Memory(
            holding=Holding(100),
            dispatcher=dispatcher,
            timers=Timers(),
            stuck=StuckNodes(timedelta(seconds=5)),
            clock=PostgresClock(SystemClock()),
        ),
    )


def places(*numbers: int) -> frozenset[TopicPartition]:
    return frozenset(TopicPartition(INSTANCE_EVENT, number) for number in numbers)


async def test_a_partition_that_was_added_gives_its_window_back_when_it_goes() -> None:
    dispatcher = Dispatcher(8)
    owner = ownership(dispatcher)
    await owner.on_assigned(places(0, 6))
    owner.recount(8)
    key = StepKey(instance_id=new_id(), node_id="a1", number=1, step=0)
    dispatcher.note_handed_out(key, "default", 6, SystemClock().now())

    await owner.on_revoked(places(6))

    assert dispatcher.handed_out_count("default") == 0
    assert dispatcher.window == 1


async def test_everything_owned_is_caught_up_on_when_the_partitions_have_become_more() -> None:
    owner = ownership(Dispatcher(8))
    await owner.on_assigned(places(0, 1))
    assert owner.take_arrived() == (0, 1)

    owner.recount(8)

    assert owner.has_arrived
    assert owner.take_arrived() == (0, 1)
    assert owner.share.holds(9)
    assert not owner.share.holds(4)


async def test_callbacks_that_came_early_are_forgotten_with_their_partition_and_no_others() -> None:
    owner = ownership(Dispatcher(8))
    deferred = owner._deferred
    await owner.on_assigned(places(0, 1))
    gone, kept, wrapped = new_id(), new_id(), new_id()
    deferred.update({gone: 1, kept: 0, wrapped: 5})

    await owner.on_revoked(places(1))

    assert deferred == {kept: 0}


async def test_a_broker_that_was_rebuilt_is_caught_up_on_although_nothing_was_reassigned() -> None:
    owner = ownership(Dispatcher(8))
    await owner.on_assigned(places(0, 1))
    owner.recognize("first")
    owner.take_arrived()

    owner.recognize("first")
    assert not owner.has_arrived
    owner.recognize("second")

    assert owner.take_arrived() == (0, 1)
