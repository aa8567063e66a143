from flowyard.ids import new_id
from flowyard.storage.cancellations import AttemptKey
from flowyard.storage.log_lines import LogEnd, LogLine
from flowyard_plugin_gateway.log_bounds import (
    CUT_TEXT,
    MAX_BYTES,
    MAX_LINE_CHARACTERS,
    MAX_LINES,
    clean,
    place_lines,
)
from tests.unit.plugin_gateway.support import NOON

INSTANCE = new_id()
ONE, OTHER = (AttemptKey(INSTANCE, name, 1) for name in "ab")


def line(text: str) -> LogLine:
    return LogLine(sequence=0, at=NOON, level="info", text=text)


def test_lines_stand_behind_the_end_of_their_own_log() -> None:
    placed = place_lines(
        [(OTHER, None, [line("x")]), (ONE, LogEnd(7, 100), [line("a"), line("bc")])]
    )

    assert [(one.key, one.line.sequence, one.line.text, one.size_so_far) for one in placed] == [
        (ONE, 8, "a", 101),
        (ONE, 9, "bc", 103),
        (OTHER, 1, "x", 1),
    ]


def test_two_runs_of_an_attempt_follow_each_other() -> None:
    placed = place_lines([(ONE, None, [line("a")]), (ONE, None, [line("b")])])

    assert [one.line.sequence for one in placed] == [1, 2]


def test_the_first_line_that_is_too_many_says_so_and_the_others_are_left_out() -> None:
    by_count = place_lines([(ONE, LogEnd(MAX_LINES, 5), [line("a"), line("b")])])
    by_size = place_lines([(ONE, LogEnd(3, MAX_BYTES), [line("a"), line("b")])])
    cut_before = place_lines([(ONE, LogEnd(3, MAX_BYTES + 1), [line("a")])])

    assert [one.line.text for one in by_count] == [CUT_TEXT]
    assert [one.line.text for one in by_size] == [CUT_TEXT]
    assert cut_before == []


def test_the_size_of_a_line_is_that_of_its_bytes() -> None:
    [placed] = place_lines([(ONE, None, [line("ü")])])

    assert placed.size_so_far == 2


def test_text_is_kept_as_far_as_postgres_stores_it() -> None:
    assert clean("a\x00b\ud800c") == "ab?c"
    assert clean("x" * MAX_LINE_CHARACTERS) == "x" * MAX_LINE_CHARACTERS
    assert clean("x" * (MAX_LINE_CHARACTERS + 1)) == "x" * MAX_LINE_CHARACTERS + "…"
