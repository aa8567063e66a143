"""Log lines as JSON on standard error: constant text, facts beside it.

``logger.info("Partition assigned", extra={"partition": 3})`` becomes one line with
``time``, ``level``, ``service``, ``logger``, ``message``, ``trace_id`` within a span, and
every key of ``extra``.
"""

import logging
import sys
from datetime import UTC, datetime
from typing import TextIO

import orjson
from typing_extensions import override

from flowyard.telemetry.propagation import parse
from flowyard.telemetry.tracing import current_traceparent

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}


class JsonFormatter(logging.Formatter):
    """Renders a log record as one line of JSON."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    @override
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname.lower(),
            "service": self._service,
            "logger": record.name,
            "message": record.getMessage(),
        }
        context = parse(current_traceparent.get())
        if context is not None:
            line["trace_id"] = f"{context.trace_id:032x}"
        line.update((key, value) for key, value in vars(record).items() if key not in _STANDARD)
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


class JsonHandler(logging.StreamHandler[TextIO]):
    """The handler that :func:`configure_logs` installs, recognised by its class."""


def configure_logs(service: str, *, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send every log line of the process to standard error as JSON.

    Called again, it replaces what it installed before.

    Parameters
    ----------
    service
        Named in every line.
    level
        Lowest level that is written.
    stream
        Where to write instead of standard error.
    """
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, JsonHandler)]:
        root.removeHandler(handler)
    handler = JsonHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter(service))
    root.addHandler(handler)
    root.setLevel(level)
    # One line per request of a client is noise at INFO.
    for name in ("httpx", "httpcore", "aiokafka"):
        logging.getLogger(name).setLevel(logging.WARNING)
