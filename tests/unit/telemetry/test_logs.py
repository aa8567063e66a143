import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from typing_extensions import override

from flowyard.ids import new_id
from flowyard.telemetry.logs import (
    TRACEPARENT,
    JsonFormatter,
    JsonHandler,
    about,
    configure_logs,
    current_work,
    hidden_in_logs,
)
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
                "Step taken", extra={"instance_id": instance_id, "count": 1, "n": 1}
            )

    [line] = lines(stream)
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "info",
        "service": "worker",
        "logger": "flowyard.worker",
        "message": "Step taken",
        "trace_id": span.traceparent.split("-")[1],
        "span_id": span.traceparent.split("-")[2],
        "instance_id": str(instance_id),
        "count": 1,
        "library": {"n": 1},
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


class Step:
    """Something to be named."""

    def __init__(self, attempt: int) -> None:
        self.log_facts = {"attempt": attempt, TRACEPARENT: f"00-{1:032x}-{attempt:016x}-01"}


def test_a_line_names_the_work_in_hand_and_its_trace_though_no_span_is_open(
    stream: io.StringIO,
) -> None:
    configure_logs("worker", stream=stream)
    token = current_work.set(Step(3))

    logging.getLogger("plugin.library").warning("careful")
    with Tracing("worker", sample_ratio=0.0).span("plugin.execute"):
        logging.getLogger("plugin.library").warning("careful within a span")

    current_work.reset(token)
    line, within = lines(stream)
    assert within["trace_id"] != line["trace_id"]
    assert TRACEPARENT not in within
    assert (line["attempt"], line["trace_id"], line["span_id"]) == (3, f"{1:032x}", f"{3:016x}")
    assert TRACEPARENT not in line


def test_a_line_about_many_names_some_of_them_and_how_many_there_are(stream: io.StringIO) -> None:
    configure_logs("worker", stream=stream)
    logger = logging.getLogger("flowyard.worker")

    logger.warning("together", extra=about([Step(number) for number in range(12)]))
    logger.warning("alone", extra=about([Step(7)]))

    together, alone = lines(stream)
    assert (together["count"], len(together["about"])) == (12, 10)
    assert together["about"][1] == {"attempt": 1}
    assert (alone["count"], alone["attempt"], alone["trace_id"]) == (1, 7, f"{1:032x}")


def test_rule_11_secrets_are_taken_out_of_every_part_of_a_line(stream: io.StringIO) -> None:
    configure_logs("worker", stream=stream)
    logger = logging.getLogger("flowyard.worker")

    class Shown:
        @override
        def __str__(self) -> str:
            return "as hunter2!"

    with hidden_in_logs(lambda text: text.replace("hunter2", "***")):
        try:
            int("hunter2")
        except ValueError:
            facts = {"reason": "hunter2", "about": [{"hunter2": ("hunter2", 7)}], "code": Shown()}
            logger.exception("It is %s", "hunter2", extra=facts)
    logger.info("hunter2")

    hidden, after = stream.getvalue().splitlines()
    assert "hunter2" not in hidden
    assert hidden.count("***") == 7
    assert "hunter2" in after
