import logging

from flowyard.messaging.kafka_logs import RepeatFilter, drop_repetitions


def line(message: str, *, at: float) -> logging.LogRecord:
    record = logging.LogRecord("aiokafka", logging.ERROR, "", 1, message, ("any",), None)
    record.created = at
    return record


def test_a_repeated_line_is_dropped_for_ten_seconds() -> None:
    repeats = RepeatFilter()

    passed = [repeats.filter(line("Unable connect to %s", at=at)) for at in (0, 1, 9.9, 10, 11)]

    assert passed == [True, False, False, True, False]


def test_lines_of_another_kind_pass() -> None:
    repeats = RepeatFilter()

    assert repeats.filter(line("one %s", at=0))
    assert repeats.filter(line("two %s", at=0))


def test_asking_twice_adds_one_filter() -> None:
    drop_repetitions()
    drop_repetitions()

    filters = logging.getLogger("aiokafka.consumer.fetcher").filters
    assert len([one for one in filters if isinstance(one, RepeatFilter)]) == 1
