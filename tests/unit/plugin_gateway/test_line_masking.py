"""A secret does not come into a log in pieces either."""

import base64
import itertools
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowyard.telemetry.masking import MASK, SHORTEST_PART, Masker
from flowyard_plugin_gateway.line_masking import (
    MAX_CHARACTERS,
    MAX_HELD_LINES,
    LineMasker,
    Said,
)

SECRET = "Correct-Horse-Battery-7"  # noqa: S105 - made up
AT = datetime(2031, 5, 1, tzinfo=UTC)


def lines_of(*secrets: str) -> LineMasker:
    masker = Masker()
    for secret in secrets:
        masker.add(secret)
    return LineMasker(masker)


def said(lines: LineMasker, *texts: str) -> list[str]:
    """Return all that is passed on of lines that come one after the other."""
    passed = [one.text for text in texts for one in lines.take(Said("info", AT, text))]
    return passed + [one.text for one in lines.release()]


def test_rule_11_a_secret_that_is_split_over_two_lines_is_masked_in_both() -> None:
    lines = lines_of(SECRET)

    first = lines.take(Said("info", AT, "token=Correct-Ho"))
    second = lines.take(Said("warning", AT, "rse-Battery-7 done"))

    assert first == []
    assert [(one.level, one.text) for one in second] == [
        ("info", "token=***"),
        ("warning", "*** done"),
    ]


def test_a_line_that_ends_like_a_secret_passes_whole_once_the_next_one_tells() -> None:
    lines = lines_of(SECRET)

    assert said(lines, "It is Correct", "and so is this") == ["It is Correct", "and so is this"]


def test_other_lines_are_not_kept_back() -> None:
    lines = lines_of(SECRET)

    assert [one.text for one in lines.take(Said("info", AT, "Uploading"))] == ["Uploading"]
    assert not lines.is_holding


def test_rule_11_what_is_not_told_in_time_is_masked_and_so_is_what_follows_later() -> None:
    lines = lines_of(SECRET)
    lines.take(Said("info", AT, "token=Correct-Ho"))

    assert [one.text for one in lines.release()] == ["token=***"]
    assert [one.text for one in lines.take(Said("info", AT, "rse-Battery-7!"))] == ["***!"]


def test_rule_11_base64_in_lines_is_masked_however_many_it_has() -> None:
    encoded = base64.b64encode(SECRET.encode() * 20).decode()
    chunks = [encoded[at : at + 16] for at in range(0, len(encoded), 16)]
    lines = lines_of(SECRET * 20)

    passed = said(lines, *chunks)

    assert len(passed) == len(chunks)
    assert set("".join(passed)) <= set(MASK + "=")


def test_rule_10_only_so_many_lines_are_kept_back() -> None:
    secret = "x1" * 500

    passed = [
        len(lines_passed)
        for lines in [lines_of(secret)]
        for _ in range(MAX_HELD_LINES + 1)
        for lines_passed in [lines.take(Said("info", AT, "x1x1"))]
    ]

    assert passed == [0] * MAX_HELD_LINES + [MAX_HELD_LINES + 1]


def test_rule_11_a_very_long_line_is_cut_before_what_may_be_half_a_secret() -> None:
    lines = lines_of(SECRET)
    text = "y" * (MAX_CHARACTERS - 5) + SECRET + "y" * MAX_CHARACTERS

    [passed] = said(lines, text)

    assert set(passed) == {"y"}


def test_rule_11_a_very_long_line_of_secrets_alone_is_cut_before_half_a_secret_too() -> None:
    secret = "".join(f"{number:04d}" for number in range(150))

    passed = said(lines_of(secret), f"{secret};" * 60, "next line")

    assert secret[:SHORTEST_PART] not in "".join(passed)


def test_a_short_secret_is_masked_where_it_is_the_whole_line() -> None:
    assert said(lines_of("17"), "17", "page 17") == [MASK, "page 17"]


@given(
    secret=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=8, max_size=40),
    before=st.text("abc ", max_size=8),
    after=st.text("abc ", max_size=8),
    cuts=st.lists(st.integers(0, 56), max_size=6),
)
def test_rule_11_wherever_a_secret_is_cut_too_little_of_it_stays_to_be_of_use(
    secret: str, before: str, after: str, cuts: list[int]
) -> None:
    whole = before + secret + after
    places = sorted({0, len(whole), *(cut for cut in cuts if cut < len(whole))})
    chunks = [whole[a:b] for a, b in itertools.pairwise(places)]

    passed = said(lines_of(secret), *chunks)

    left = "".join(passed).replace(MASK, "")
    assert len(passed) == len(chunks)
    assert sum(one.isupper() or one.isdigit() for one in left) < SHORTEST_PART
    assert "".join(one for one in left if one in "abc ") == before + after


@pytest.mark.parametrize("form", [SECRET.encode().hex(), SECRET.upper()])
def test_rule_11_a_split_form_is_masked_like_a_split_secret(form: str) -> None:
    assert said(lines_of(SECRET), form[:9], form[9:]) == [MASK, MASK]
