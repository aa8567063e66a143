"""Maps: one activity or subflow per item, counted as they end."""

from flowyard.engine.events import (
    ChildEnded,
    PauseInstance,
    ResumeInstance,
)
from flowyard.engine.lifecycle import InstanceStatus
from flowyard.engine.mapping import MAX_OUTPUT_BYTES
from flowyard.engine.snapshot import WaitReason
from flowyard.testing.driving import Driver
from flowyard.testing.graphs import edge, exclusive, graph, mapped
from tests.support.playing import check, reloaded
from tests.unit.engine.fanned import code, drain, driven, items, state


def test_items_are_begun_up_to_the_concurrency_and_in_order() -> None:
    driver = driven(mapped("fan", items(4), concurrency=2))

    begun = driver.ready()
    driver.succeed("fan:1")

    assert begun == ["fan:0", "fan:1"]
    assert driver.ready() == ["fan:0", "fan:2"]
    assert driver.reason("fan") is WaitReason.ITEMS
    assert driver.instance_status() is InstanceStatus.RUNNING


def test_an_item_sees_itself_its_place_and_what_the_map_sees() -> None:
    fan = mapped("fan", "${hosts}", {"text": "${greeting} ${item} ${index} ${loop}"})
    driver = Driver(
        graph("start fan end", fan, constants={"greeting": "hello", "hosts": ["a", "b"]})
    )

    driver.start()

    attempt = state(driver, "fan:1").attempt
    assert attempt is not None
    assert attempt.inputs == {"text": "hello b 1 1"}


def test_outputs_stand_in_the_order_of_the_items_whichever_ends_first() -> None:
    driver = driven(mapped("fan", items(2), exports={"all": "results"}))

    driver.succeed("fan:1", {"n": 1})
    driver.succeed("fan:0", {"n": 0})

    assert state(driver).outputs == {
        "results": [{"n": 0}, {"n": 1}],
        "statuses": ["succeeded", "succeeded"],
        "failed": [],
        "count": 2,
        "succeeded": 2,
    }
    assert driver.snapshot.variables["all"] == [{"n": 0}, {"n": 1}]
    assert driver.ready() == ["after"]


def test_an_empty_list_succeeds_at_once() -> None:
    driver = driven(mapped("fan", []))

    assert driver.ready() == ["after"]
    assert state(driver).outputs["count"] == 0


def test_a_failed_item_stops_further_ones_and_fails_the_map_when_the_others_end() -> None:
    driver = driven(mapped("fan", items(4), concurrency=2))

    driver.fail("fan:0")
    still = driver.reason("fan")
    driver.succeed("fan:1", {"n": 1})

    assert still is WaitReason.ITEMS
    assert code(driver) == "items_failed"
    assert driver.instance_status() is InstanceStatus.FAILED
    assert state(driver).outputs["results"] == [None, {"n": 1}, None, None]
    assert state(driver).outputs["statuses"] == ["failed", "succeeded", "pending", "pending"]
    check(driver.snapshot)


def test_items_may_be_children_whose_ends_are_counted_like_any_other() -> None:
    driver = driven(mapped("fan", items(2), {"host": "${item}"}, runs_child=True))

    driver.send(ended("fan:0", driver, succeeded=True))
    driver.send(ended("fan:1", driver, succeeded=False))

    assert [child.inputs for child in driver.children] == [{"host": "host-0"}, {"host": "host-1"}]
    assert code(driver) == "items_failed"
    assert code(driver, "fan:1") == "child_cancelled"


def ended(node_id: str, driver: Driver, *, succeeded: bool) -> ChildEnded:
    return ChildEnded(node_id=node_id, number=1, at=driver.tick(), succeeded=succeeded, outputs={})


def test_while_paused_items_are_kept_back_and_go_on_when_resumed() -> None:
    driver = driven(mapped("fan", items(3), concurrency=1))
    driver.send(PauseInstance(at=driver.tick()))

    driver.succeed("fan:0")
    kept_back = driver.reason("fan:1")
    driver.send(ResumeInstance(at=driver.tick()))

    assert kept_back is WaitReason.PAUSED
    assert driver.ready() == ["fan:1"]
    drain(driver)
    assert driver.instance_status() is InstanceStatus.SUCCEEDED


def test_a_loop_enters_a_map_anew_and_counts_from_nothing() -> None:
    fan = mapped("fan", "${[1, 2, 3] if loop == 1 else [4]}", {"n": "${item}"}, tolerated=3)
    driver = Driver(
        graph(
            "start fan again",
            fan,
            exclusive("again"),
            edge("again", "fan", "loop < 2"),
            edge("again", "end", default=True),
        )
    )
    driver.start()
    driver.fail("fan:0")
    driver.succeed("fan:1")
    driver.succeed("fan:2")

    attempt = state(driver, "fan:0").attempt

    assert attempt is not None
    assert (attempt.number, attempt.inputs) == (2, {"n": 4})
    driver.succeed("fan:0", {"n": 4})
    assert driver.instance_status() is InstanceStatus.SUCCEEDED
    assert state(driver).outputs["results"] == [{"n": 4}]


def test_outputs_that_are_too_large_fail_the_map_and_say_so() -> None:
    driver = driven(mapped("fan", items(5)))

    for index in range(5):
        driver.succeed(f"fan:{index}", {"text": "x" * (MAX_OUTPUT_BYTES // 4)})

    assert code(driver) == "outputs_too_large"
    assert state(driver).outputs == {}


def test_a_new_owner_goes_on_from_the_counts_that_were_stored() -> None:
    driver = driven(mapped("fan", items(6), concurrency=2, tolerated=1))
    driver.fail("fan:0")

    driver.snapshot = reloaded(driver.snapshot)
    driver.succeed("fan:1")
    driver.snapshot = reloaded(driver.snapshot)
    drain(driver)

    assert driver.instance_status() is InstanceStatus.SUCCEEDED
    assert state(driver).outputs["failed"] == [0]


def test_what_an_items_end_costs_does_not_grow_with_the_number_of_items() -> None:
    count = 10_000
    driver = driven(mapped("fan", items(count), concurrency=100))

    sizes = [len(driver.succeed(f"fan:{index}").changes) for index in range(count)]

    assert driver.ready() == ["after"]
    # The item that has ended and the one that begins, each with its attempt, and the map.
    assert max(sizes[:-1]) == 5
