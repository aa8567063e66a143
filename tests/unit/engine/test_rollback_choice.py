"""What a rollback undoes, and what it leaves alone."""

from flowyard.engine.effects import CancelChild
from flowyard.engine.events import SkipNode
from flowyard.engine.inlining import expand
from flowyard.engine.inputs import InputSpec
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.snapshot import Failure, Mock, Plan, Seed, WaitReason
from flowyard.testing.driving import Driver
from flowyard.testing.graphs import edge, exclusive, graph, inline, mapped, optioned, subflow
from tests.support.playing import check
from tests.support.undoing import cancel, inputs_of, reached, rolled_back, row, undone


def test_what_has_no_compensation_or_was_not_reached_is_not_undone() -> None:
    driver = reached(Driver(graph("start a b c end", undone("a"), undone("c"))), "a")

    cancel(driver)
    driver.succeed("a:rollback")

    assert driver.instance_status() is InstanceStatus.CANCELLED
    assert driver.status("b:rollback") is NodeStatus.PENDING
    assert driver.status("c:rollback") is NodeStatus.PENDING


def test_what_was_begun_and_did_not_succeed_is_undone_only_where_asked_for() -> None:
    flow = graph("start a b end", undone("a"), undone("b", covers_failed=True))
    driver = reached(Driver(rolled_back(flow)), "a")

    driver.fail("b")

    assert driver.ready() == ["b:rollback"]

    driver.succeed("b:rollback")

    assert driver.ready() == ["a:rollback"]


def test_a_failure_that_was_ignored_or_skipped_is_no_success() -> None:
    ignored = optioned(undone("a"), ignores_failure=True)
    driver = reached(Driver(graph("start a b c end", ignored, undone("b"))))
    driver.fail("a")
    driver.fail("b")
    driver.send(SkipNode(node_id="b", at=driver.tick()))

    cancel(driver)

    assert driver.instance_status() is InstanceStatus.CANCELLED


def test_what_a_run_condition_passed_over_is_not_undone() -> None:
    passed = optioned(undone("a", covers_failed=True), run_when="False")
    driver = reached(Driver(graph("start a b end", passed)))

    cancel(driver)

    assert driver.instance_status() is InstanceStatus.CANCELLED


def _rounds() -> Driver:
    """Return an instance on its second visit of ``work``, which begins anew twice."""
    flow = graph(
        "start work check after end",
        exclusive("check"),
        edge("check", "work", "loop < 2"),
        edge("check", "after", default=True),
        undone("work", round="${loop}", n="${nodes.work.n}"),
    )
    driver = Driver(flow)
    driver.start()
    driver.succeed("work", {"n": 1})
    return driver


def test_a_node_in_a_loop_is_undone_once_for_its_last_visit() -> None:
    driver = _rounds()
    driver.succeed("work", {"n": 2})
    assert driver.ready() == ["after"]

    cancel(driver)

    assert inputs_of(driver, "work:rollback") == {"round": 2, "n": 2}

    driver.succeed("work:rollback")

    assert driver.instance_status() is InstanceStatus.CANCELLED


def test_a_visit_that_was_cut_off_is_not_undone_and_hides_those_before() -> None:
    driver = _rounds()
    assert driver.ready() == ["work"]

    cancel(driver)

    assert driver.instance_status() is InstanceStatus.CANCELLED


def test_a_visit_that_was_not_begun_hides_nothing() -> None:
    driver = Driver(_rounds().snapshot.graph)
    driver.start()
    driver.snapshot.breakpoints = frozenset({"work"})
    driver.succeed("work", {"n": 1})
    assert driver.reason("work") is WaitReason.BREAKPOINT

    cancel(driver)

    assert inputs_of(driver, "work:rollback") == {"round": 1, "n": 1}


def test_what_a_rerun_has_taken_over_is_not_undone() -> None:
    seed = Seed(instance_id="1", start_id="b", outputs={"a": {}})
    driver = Driver(row(), plan=Plan(seed=seed))
    driver.start()
    driver.succeed("b")

    cancel(driver)
    driver.succeed("b:rollback")

    assert driver.instance_status() is InstanceStatus.CANCELLED


def test_the_compensation_of_a_mocked_node_is_mocked_and_that_of_a_run_one_is_run() -> None:
    plan = Plan(
        is_mocked=True,
        mocks={"b": Mock(is_run=True), "c": Mock(failure=Failure(code="x", message="It broke"))},
    )
    driver = Driver(rolled_back(row()), plan=plan)
    driver.start()

    driver.succeed("b")

    assert driver.ready() == ["b:rollback"]

    driver.succeed("b:rollback")

    assert driver.status("a:rollback") is NodeStatus.SUCCEEDED
    assert driver.instance_status() is InstanceStatus.CANCELLED


def test_a_child_under_way_is_cancelled_before_what_it_ran_for_is_undone() -> None:
    flow = graph("start a b end", undone("a"), undone(subflow("b"), covers_failed=True))
    driver = reached(Driver(flow), "a")

    cancel(driver)

    assert CancelChild(node_id="b", number=1) in driver.effects
    assert driver.ready() == ["b:rollback"]


def test_inner_nodes_of_an_inline_subflow_are_undone_in_their_own_scope() -> None:
    child = graph(
        "start build end",
        undone("build", tag="${tag}", digest="${nodes.build.digest}"),
        inputs=(InputSpec(name="tag"),),
    )
    flow = graph("start sub after end", inline("sub", inputs={"tag": "1.0"}), undone("after"))
    driver = Driver(expand(flow, {"sub": child}))
    driver.start()
    driver.succeed("sub.build", {"digest": "sha"})
    cancel(driver)

    assert driver.ready() == ["sub.build:rollback"]
    assert inputs_of(driver, "sub.build:rollback") == {"tag": "1.0", "digest": "sha"}

    driver.succeed("sub.build:rollback")

    assert driver.instance_status() is InstanceStatus.CANCELLED


def test_inner_nodes_of_an_inline_subflow_that_was_cut_off_are_undone() -> None:
    child = graph("start build ship end", undone("build", tag="${tag}"), constants={"tag": "2.0"})
    flow = expand(graph("start sub end", inline("sub")), {"sub": child})
    driver = reached(Driver(flow), "sub.build")

    cancel(driver)

    assert driver.status("sub") is NodeStatus.CANCELLED
    assert inputs_of(driver, "sub.build:rollback") == {"tag": "2.0"}

    driver.succeed("sub.build:rollback")

    assert driver.instance_status() is InstanceStatus.CANCELLED
    check(driver.snapshot)


def test_a_map_is_undone_once_with_all_its_results() -> None:
    flow = graph("start all after end", undone(mapped("all", [1, 2]), done="${nodes.all.results}"))
    driver = reached(Driver(flow), "all:0", "all:1")

    cancel(driver)

    assert driver.ready() == ["all:rollback"]
    results = driver.snapshot.nodes["all"].outputs["results"]
    assert inputs_of(driver, "all:rollback") == {"done": results}

    driver.succeed("all:rollback")

    assert driver.instance_status() is InstanceStatus.CANCELLED
    check(driver.snapshot)


def test_a_map_that_was_cut_off_is_undone_where_asked_for() -> None:
    flow = graph("start all end", undone(mapped("all", [1, 2]), covers_failed=True))
    driver = reached(Driver(flow), "all:0")

    cancel(driver)

    assert driver.status("all:1") is NodeStatus.CANCELLED
    assert driver.ready() == ["all:rollback"]

    driver.succeed("all:rollback")

    assert driver.instance_status() is InstanceStatus.CANCELLED
