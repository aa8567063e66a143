import base64

import pytest

from flowyard.messaging.consume import MAX_DEAD_VALUE_BYTES, DeadLetters, dead_letter
from flowyard.messaging.local import LocalBroker
from flowyard.messaging.ports import IncomingRecord


def poison(*, key: bytes | None = b"k", value: bytes = b"{") -> IncomingRecord:
    return IncomingRecord(
        topic="t",
        partition=3,
        offset=17,
        key=key,
        value=value,
        headers=(("schema", b"x/1"), ("traceparent", b"00-1-2-01")),
    )


@pytest.mark.parametrize(
    ("key", "told"), [(None, None), (b"instance", "instance"), (b"\xff\xfe", "//4=")]
)
def test_a_key_is_kept_as_text_or_base64(key: bytes | None, told: str | None) -> None:
    assert dead_letter(poison(key=key), "c", "m").key == told


def test_a_huge_value_is_cut_and_said_to_be() -> None:
    value = bytes(MAX_DEAD_VALUE_BYTES + 1)

    letter = dead_letter(poison(value=value), "c", "Expected less")

    assert len(base64.b64decode(letter.value_base64)) == MAX_DEAD_VALUE_BYTES
    assert letter.message == "Expected less (value cut from 524289 to 524288 bytes)"


async def test_a_dead_letter_keeps_the_trace_and_names_its_own_schema() -> None:
    async with LocalBroker() as broker, broker.producer() as producer:
        await DeadLetters(producer, broker).publish(poison(), "undecodable", "m")

        assert await broker.partition_count("t.dlq") == 1
        (log,) = broker.logs("t.dlq")
        assert log.end == 1
