from flowyard_worker.gateways import PluginGateways
from tests.unit.worker.fakes import HandClock, IdleClient


def gateways(clock: HandClock, *urls: str) -> PluginGateways:
    return PluginGateways(
        [IdleClient(url) for url in urls],
        clock=clock,
        first_rest_seconds=1.0,
        longest_rest_seconds=4.0,
        absent_seconds=10.0,
    )


def chosen(known: PluginGateways, *besides: str) -> str | None:
    client = known.choose(besides=frozenset(besides))
    return None if client is None else client.url


def test_they_take_turns() -> None:
    known = gateways(HandClock(), "a", "b", "c")

    assert [chosen(known) for _ in range(6)] == ["a", "b", "c", "a", "b", "c"]


def test_the_ones_that_are_ruled_out_are_passed_over() -> None:
    known = gateways(HandClock(), "a", "b")

    assert [chosen(known, "a") for _ in range(2)] == ["b", "b"]
    assert chosen(known, "a", "b") is None


def test_one_that_failed_rests_and_comes_back() -> None:
    clock = HandClock()
    known = gateways(clock, "a", "b")
    known.failed("a")
    assert [chosen(known) for _ in range(2)] == ["b", "b"]

    clock.seconds += 1.0

    assert {chosen(known) for _ in range(2)} == {"a", "b"}


def test_rests_double_up_to_a_limit_and_a_success_ends_them() -> None:
    clock = HandClock()
    known = gateways(clock, "a")
    rests = []
    for _ in range(4):
        known.failed("a")
        rests.append(known.rest_seconds(besides=frozenset()))
        clock.seconds += rests[-1]
    assert rests == [1.0, 2.0, 4.0, 4.0]

    known.succeeded("a")
    known.failed("a")

    assert known.rest_seconds(besides=frozenset()) == 1.0


def test_requests_that_fail_side_by_side_count_once() -> None:
    known = gateways(HandClock(), "a")

    known.failed("a")
    known.failed("a")

    assert known.rest_seconds(besides=frozenset()) == 1.0


def test_one_that_has_not_answered_for_long_is_not_waited_for_with_an_unknown_plugin() -> None:
    clock = HandClock()
    known = gateways(clock, "stranger", "dead")
    known.failed("dead")

    clock.seconds += 9.0
    known.failed("dead")
    soon = known.are_all_but_absent_in({"stranger"})
    clock.seconds += 1.0
    later = known.are_all_but_absent_in({"stranger"})
    known.succeeded("dead")

    assert (soon, later) == (False, True)
    assert not known.are_all_but_absent_in({"stranger"})


def test_that_no_gateway_answers_says_nothing_about_a_plugin() -> None:
    clock = HandClock()
    known = gateways(clock, "a", "b")
    for url in ("a", "b"):
        known.failed(url)
    clock.seconds += 60.0

    assert not known.are_all_but_absent_in(frozenset())


def test_a_plugin_that_every_gateway_refuses_is_unknown_at_once() -> None:
    known = gateways(HandClock(), "a", "b")

    assert known.are_all_but_absent_in({"a", "b"})
