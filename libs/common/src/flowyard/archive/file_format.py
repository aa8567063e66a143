"""The format of an archive's files: lines of JSON, compressed part by part.

A file is a series of gzip members, so that any gunzip reads it whole, and each part of it can
be read alone:

1. the head, one line whose ``row`` is ``archive``: format, id, project, time, and the schema's
   revision;
2. one part for each instance that nobody but a person started, with all that it has started:
   lines whose ``row`` is ``version`` (what it ran, where no earlier part of the file has it),
   ``instance``, ``node``, ``attempt``, ``command`` and ``log_line``, each a row of the table of
   that name as ``to_jsonb`` gives it;
3. the end, one line whose ``row`` is ``end``: how many instances and lines there are, and the
   SHA-256 of all bytes before it, so that a file shows by itself whether it is whole.
"""

import asyncio
import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from flowyard.archive.errors import ArchiveDamagedError

FORMAT = 1
"""Counted up when a reader of the format before would misread what is written."""

SUFFIX = ".jsonl.gz"
"""What names of files end with."""

CHUNK_BYTES = 256 * 1024
"""How much is compressed and written at once; a few milliseconds of work."""

AT_ONCE_BYTES = 64 * 1024
"""What is smaller is compressed where it stands: a thread would take longer to be asked."""

_GZIP = 16 + zlib.MAX_WBITS


class ByteSink(Protocol):
    """Takes the bytes of a file in order."""

    def write(self, data: bytes) -> object:
        """Take some more."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """Where a part of a file lies."""

    start: int
    length: int


class ArchiveWriter:
    """Writes one file; compresses and writes beside the event loop, but for small parts.

    Parameters
    ----------
    sink
        Where its bytes go.
    head
        What the first line says besides that, and the format.
    """

    def __init__(self, sink: ByteSink, head: dict[str, Any]) -> None:
        self._sink = sink
        self._head = head
        self._digest = hashlib.sha256()
        self._waiting = bytearray()
        self._packer = _packer()
        self._start = 0
        self.size = 0
        """Bytes written, but for what waits to be compressed."""
        self.instances = 0
        """Instances added."""
        self._lines = 0

    @property
    def sha256(self) -> str:
        """SHA-256 of all that was written, in hexadecimal."""
        return self._digest.hexdigest()

    async def begin(self) -> None:
        """Write the head."""
        await self.add(orjson.dumps({"row": "archive", "format": FORMAT, **self._head}))
        await self.end_part()

    async def add(self, line: bytes, *, is_instance: bool = False) -> None:
        """Add a line of JSON to the present part."""
        self._waiting += line
        self._waiting += b"\n"
        self._lines += 1
        self.instances += is_instance
        if len(self._waiting) >= CHUNK_BYTES:
            await asyncio.to_thread(self._flush)

    async def end_part(self) -> Part:
        """End the present part, and return where it lies."""
        if len(self._waiting) < AT_ONCE_BYTES:
            self._flush(is_end=True)
        else:
            await asyncio.to_thread(self._flush, is_end=True)
        part = Part(self._start, self.size - self._start)
        self._start = self.size
        return part

    async def finish(self) -> None:
        """Write the end."""
        end = {
            "row": "end",
            "instances": self.instances,
            "lines": self._lines,
            "sha256": self.sha256,
        }
        await self.add(orjson.dumps(end))
        await self.end_part()

    def _flush(self, *, is_end: bool = False) -> None:
        packed = self._packer.compress(bytes(self._waiting))
        self._waiting.clear()
        if is_end:
            packed += self._packer.flush()
            self._packer = _packer()
        self._sink.write(packed)
        self._digest.update(packed)
        self.size += len(packed)


def _packer() -> Any:
    return zlib.compressobj(wbits=_GZIP)


def read_part(data: bytes) -> Iterator[dict[str, Any]]:
    """Yield the lines of one part.

    Raises
    ------
    ArchiveDamagedError
        Raised if it is no whole part.
    """
    unpacker = zlib.decompressobj(wbits=_GZIP)
    try:
        text = unpacker.decompress(data) + unpacker.flush()
    except zlib.error as error:
        raise ArchiveDamagedError(f"Expected a part of an archive, but {error}") from error
    if not unpacker.eof:
        raise ArchiveDamagedError("Expected a part of an archive, but it breaks off")
    for line in text.splitlines():
        yield _line(line)


def read_file(chunks: Iterator[bytes]) -> Iterator[dict[str, Any]]:
    """Yield all lines of a file, and check at its end that it is whole and unchanged.

    Raises
    ------
    ArchiveDamagedError
        Raised if it is not.
    """
    instances = 0
    is_whole = False
    for counted, (line, digest) in enumerate(_members(chunks)):
        if is_whole:
            raise ArchiveDamagedError("Expected nothing behind an archive's end, but there is")
        if line.get("row") == "end":
            if (line["sha256"], line["lines"], line["instances"]) != (digest, counted, instances):
                raise ArchiveDamagedError(
                    "Expected an archive as it was written, but it has changed"
                )
            is_whole = True
            continue
        instances += line.get("row") == "instance"
        yield line
    if not is_whole:
        raise ArchiveDamagedError("Expected a whole archive, but its end is missing")


def _members(chunks: Iterator[bytes]) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield each line with the SHA-256 of all that lies before its part."""
    digest = hashlib.sha256()
    before = digest.hexdigest()
    unpacker = zlib.decompressobj(wbits=_GZIP)
    is_open = False
    rest = b""
    for chunk in chunks:
        data = chunk
        while data:
            try:
                rest += unpacker.decompress(data)
            except zlib.error as error:
                raise ArchiveDamagedError(f"Expected an archive, but {error}") from error
            *lines, rest = rest.split(b"\n")
            for line in lines:
                yield _line(line), before
            unused = unpacker.unused_data
            digest.update(data[: len(data) - len(unused)])
            data = unused
            is_open = not unpacker.eof
            if unpacker.eof:
                before = digest.hexdigest()
                unpacker = zlib.decompressobj(wbits=_GZIP)
    if is_open:
        raise ArchiveDamagedError("Expected a whole archive, but it breaks off")


def _line(text: bytes) -> dict[str, Any]:
    try:
        line: dict[str, Any] = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ArchiveDamagedError(f"Expected lines of JSON, but {error}") from error
    return line
