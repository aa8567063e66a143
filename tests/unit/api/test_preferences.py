"""The header ``Prefer`` as RFC 7240 has it."""

import pytest

from flowyard_api.dependencies.preferences import preferred_wait


@pytest.mark.parametrize(
    ("lines", "seconds"),
    [
        (["wait=10"], 10),
        (["WAIT = 10"], 10),
        (['wait="10"'], 10),
        (["wait=10; urgent=yes"], 10),
        (["respond-async, wait=7"], 7),
        (["respond-async", "wait=7"], 7),
        (['note="a, wait=3"; x="b, wait=4", wait=7'], 7),
        (["wait=5, wait=9"], 5),
        (["wait=1"], 1),
        (["wait=60"], 60),
        (["wait=61"], 60),
        (["wait=999999999"], 60),
    ],
)
def test_a_wish_to_wait_is_found_and_capped(lines: list[str], seconds: int) -> None:
    assert preferred_wait(lines) == seconds


@pytest.mark.parametrize(
    "line",
    [
        "",
        ",",
        "wait",
        "wait=",
        "wait=0",
        "wait=-1",
        "wait=1.5",
        "wait=soon",
        "wait=9999999999",
        "wait=\u0661",
        "waiting=5",
        "wait 5",
        'wait="5',
        "handling=lenient",
        "=5, wait=5" + "x" * 5,
        "\x00",
    ],
)
def test_what_is_malformed_is_passed_over(line: str) -> None:
    assert preferred_wait([line]) is None


def test_of_two_wishes_the_first_counts_even_if_it_is_malformed() -> None:
    assert preferred_wait(["wait=soon", "wait=5"]) is None


def test_a_long_header_takes_no_long_time() -> None:
    assert preferred_wait([('"' * 3 + ";" * 3 + "=,") * 5000 + "w" * 5000]) is None
