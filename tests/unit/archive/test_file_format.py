"""Archives are read as they were written, or not at all."""

import asyncio
import gzip
import io
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowyard.archive import file_format
from flowyard.archive.errors import ArchiveDamagedError
from flowyard.archive.file_format import ArchiveWriter, Part, read_file, read_part

Document = list[list[dict[str, Any]]]

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=5), below),
    max_leaves=5,
)
PARTS = st.lists(
    st.lists(st.dictionaries(st.sampled_from(["a", "b"]), VALUES), min_size=1, max_size=4),
    max_size=4,
)


def written(document: Document) -> tuple[bytes, list[Part]]:
    async def write() -> tuple[bytes, list[Part]]:
        sink = io.BytesIO()
        writer = ArchiveWriter(sink, {"project": "shop"})
        await writer.begin()
        places = []
        for part in document:
            for line in part:
                row = {"row": "instance", **line}
                await writer.add(orjson.dumps(row), is_instance=True)
            places.append(await writer.end_part())
        await writer.finish()
        return sink.getvalue(), places

    return asyncio.run(write())


def in_chunks(data: bytes, size: int) -> Iterator[bytes]:
    for place in range(0, len(data), size):
        yield data[place : place + size]


EXAMPLE: Document = [[{"a": "one"}, {"a": None}], [{"b": "two\n\u2028three"}]]


@given(PARTS, st.integers(1, 200))
def test_what_was_written_is_read(document: Document, size: int) -> None:
    data, places = written(document)

    head, *rows = read_file(in_chunks(data, size))

    expected = [{"row": "instance", **line} for part in document for line in part]
    assert head == {"row": "archive", "format": 1, "project": "shop"}
    assert rows == expected
    for part, place in zip(document, places, strict=True):
        found = read_part(data[place.start : place.start + place.length])
        assert list(found) == [{"row": "instance", **line} for line in part]


def test_any_gunzip_reads_a_file() -> None:
    data, _ = written(EXAMPLE)

    lines = gzip.decompress(data).split(b"\n")

    assert [orjson.loads(line)["row"] for line in lines[:-1]] == [
        *("archive", "instance", "instance", "instance", "end"),
    ]


@given(st.integers(0, 10_000))
def test_no_file_that_breaks_off_is_read_as_whole(place: int) -> None:
    data, _ = written(EXAMPLE)

    with pytest.raises(ArchiveDamagedError):
        list(read_file(iter([data[: place % len(data)]])))


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_no_byte_may_change(place: int, flip: int) -> None:
    data, _ = written(EXAMPLE)
    changed = bytearray(data)
    changed[place % len(data)] ^= flip

    try:
        found = list(read_file(iter([bytes(changed)])))
    except ArchiveDamagedError:
        return
    # What gzip does not look at, such as the name of the system that packed the last part.
    assert found == list(read_file(iter([data])))
    assert place % len(data) > data.rindex(b"\x1f\x8b\x08")


def test_long_lines_are_packed_before_a_part_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_format, "CHUNK_BYTES", 64)
    document: Document = [[{"a": str(number) * 50} for number in range(20)]]

    data, _ = written(document)

    assert len(list(read_file(iter([data])))) == 21


def test_a_part_that_breaks_off_is_not_read() -> None:
    data, (place, _) = written(EXAMPLE)

    with pytest.raises(ArchiveDamagedError):
        list(read_part(data[place.start : place.start + place.length - 1]))
