"""Log lines as JSON on standard error: constant text, facts beside it.

``logger.info("Partition assigned", extra={"partition": 3})`` becomes one line with
``time``, ``level``, ``service``, ``logger``, ``message``, ``trace_id`` and ``span_id`` within
a span, what names the work in hand (:data:`current_work`), and every key of ``extra`` that
is one of :data:`flowyard.telemetry.log_fields.FIELDS`. Secrets are taken out of all of it,
wherever somebody has said which there are (:func:`hidden_in_logs`).
"""

import logging
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Protocol, TextIO

import orjson
from typing_extensions import override

from flowyard.telemetry.log_fields import FIELDS
from flowyard.telemetry.propagation import parse
from flowyard.telemetry.spans import current_traceparent

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}

TRACEPARENT = "traceparent"
"""A fact that becomes ``trace_id`` and ``span_id``, where no span is open."""

MAX_NAMED = 10
"""How many things a line names that is about more of them."""

Mask = Callable[[str], str]
"""Returns text without secrets; from any thread."""


class Work(Protocol):
    """What the running code is busy with."""

    @property
    def log_facts(self) -> Mapping[str, object]:
        """What a log line names it by."""
        ...


def about(works: Collection[Work]) -> dict[str, object]:
    """Return the facts of a line about several things together: of one of them its own."""
    if len(works) == 1:
        [work] = works
        return {"count": 1, **work.log_facts}
    named = [dict(work.log_facts) for work in islice(works, MAX_NAMED)]
    for facts in named:
        facts.pop(TRACEPARENT, None)
    return {"count": len(works), "about": named}


current_work: ContextVar[Work | None] = ContextVar("current_work", default=None)
"""Names every line that is logged from within, also by libraries that plugins use."""

_masks: dict[object, Mask] = {}


@contextmanager
def hidden_in_logs(mask: Mask) -> Iterator[None]:
    """Have every log line of the process go through a mask, for the length of the block."""
    key = object()
    _masks[key] = mask
    try:
        yield
    finally:
        del _masks[key]


class JsonFormatter(logging.Formatter):
    """Renders a log record as one line of JSON."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    @override
    def format(self, record: logging.LogRecord) -> str:
        facts = _facts(record)
        given = parse(facts.pop(TRACEPARENT, None))
        context = parse(current_traceparent.get()) or given
        said: dict[str, object] = {"message": record.getMessage(), **facts}
        if record.exc_info:
            said["exception"] = self.formatException(record.exc_info)
        masks = tuple(_masks.values())
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname.lower(),
            "service": self._service,
            "logger": record.name,
        }
        if context is not None:
            line["trace_id"] = f"{context.trace_id:032x}"
            line["span_id"] = f"{context.span_id:016x}"
        line.update(
            {name: _masked(value, masks) for name, value in said.items()} if masks else said
        )
        return orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def _facts(record: logging.LogRecord) -> dict[str, Any]:
    """Return what a line is about: the work in hand, and what the code has added."""
    work = current_work.get()
    facts = {} if work is None else dict(work.log_facts)
    library: dict[str, object] = {}
    for key, value in vars(record).items():
        if key in FIELDS or key == TRACEPARENT:
            if key not in _STANDARD:
                facts[key] = value
        elif key not in _STANDARD:
            library[key] = value
    if library:
        facts["library"] = library
    return facts


def _masked(value: object, masks: tuple[Mask, ...]) -> object:
    """Return a value for JSON without secrets; what is no JSON as text."""
    if isinstance(value, dict):
        return {_masked(key, masks): _masked(item, masks) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(item, masks) for item in value]
    if value is None or isinstance(value, bool | int | float | datetime):
        return value
    text = str(value)
    for mask in masks:
        text = mask(text)
    return text


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
