import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from flowyard.ids import new_id
from flowyard.telemetry.logs import JsonFormatter, JsonHandler, configure_logs
from flowyard.telemetry.tracing import Tracing


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    names = ("httpx", "httpcore", "aiokafka")
    levels = {name: logging.getLogger(name).level for name in names}
    yield io.StringIO()
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, earlier in levels.items():
        logging.getLogger(name).setLevel(earlier)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


async def test_a_line_carries_facts_and_trace(stream: io.StringIO) -> None:
    configure_logs("worker", stream=stream)
    instance_id = new_id()

    async with Tracing("worker", sample_ratio=0.0) as tracing:
        with tracing.span("step.execute") as span:
            logging.getLogger("flowyard.worker").info(
                "Step taken", extra={"instance_id": instance_id, "n": 1}
            )

    [line] = lines(stream)
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "info",
        "service": "worker",
        "logger": "flowyard.worker",
        "message": "Step taken",
        "trace_id": span.traceparent.split("-")[1],
        "instance_id": str(instance_id),
        "n": 1,
    }


def test_configured_again_it_writes_each_line_once(stream: io.StringIO) -> None:
    configure_logs("worker", stream=stream)
    configure_logs("worker", stream=stream, level="WARNING")

    logging.getLogger("flowyard.worker").info("not written")
    logging.getLogger("flowyard.worker").warning("written")

    assert [line["message"] for line in lines(stream)] == ["written"]


def test_an_exception_is_one_line(stream: io.StringIO) -> None:
    handler = JsonHandler(stream)
    handler.setFormatter(JsonFormatter("worker"))
    logger = logging.Logger("flowyard.worker")  # noqa: LOG001  # none that others configure
    logger.addHandler(handler)

    try:
        int("broken")
    except ValueError:
        logger.exception("It ended", extra={"fact": object})

    [line] = lines(stream)
    assert "ValueError: invalid literal" in line["exception"]
