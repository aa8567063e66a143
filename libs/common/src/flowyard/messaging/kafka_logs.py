"""Fewer words while Kafka is away.

aiokafka logs every attempt to reach a broker, hundreds of lines a second through
an outage. One line of each kind per ten seconds says as much.
"""

import logging
from datetime import timedelta

from typing_extensions import override

REPEAT_INTERVAL = timedelta(seconds=10)
"""How long the same kind of line is left out after it was written once."""

_LOGGERS = (
    "aiokafka",
    "aiokafka.cluster",
    "aiokafka.conn",
    "aiokafka.consumer.consumer",
    "aiokafka.consumer.fetcher",
    "aiokafka.consumer.group_coordinator",
    "aiokafka.producer.producer",
    "aiokafka.producer.sender",
)


class RepeatFilter(logging.Filter):
    """Lets the first line of a kind pass and drops its repetitions for a while."""

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[str, float] = {}

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        kind = str(record.msg)
        last = self._last.get(kind)
        if last is not None and record.created - last < REPEAT_INTERVAL.total_seconds():
            return False
        self._last[kind] = record.created
        return True


def drop_repetitions() -> None:
    """Have aiokafka's loggers drop repetitions, in the whole process; once is enough."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        # A filter is not asked for what comes from loggers below its own.
        if not any(isinstance(one, RepeatFilter) for one in logger.filters):
            logger.addFilter(RepeatFilter())
