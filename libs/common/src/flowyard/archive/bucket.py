"""Archives in a bucket of an S3-compatible store."""

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import IO
from urllib.parse import quote, urlsplit

from flowyard.archive.errors import ArchiveUnavailableError
from flowyard.archive.signing import BucketKeys, signed_headers
from flowyard.clock import Clock, SystemClock

CHUNK_BYTES = 1024 * 1024
"""How much is read at once."""

TIMEOUT_SECONDS = 60.0
"""How long the store may be silent; what is sent is on its disks when it answers."""

MOST_SAID = 500
"""Bytes of a store's words about what has failed."""

_SUCCESS = 2
"""First digit of every status that says yes."""

_EMPTY = hashlib.sha256().hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketAccess:
    """How a store is reached."""

    endpoint: str
    """Such as ``https://s3.eu-central-1.amazonaws.com``; buckets stand in the path."""
    keys: BucketKeys


class BucketPlace:
    """A bucket, or what begins with a prefix in it.

    Parameters
    ----------
    bucket, prefix
        The prefix without slashes at its ends; empty for the whole bucket.
    access
        Where the store is, and who asks.
    clock
        For signatures.
    """

    def __init__(
        self, bucket: str, prefix: str, access: BucketAccess, clock: Clock | None = None
    ) -> None:
        self._prefix = "/".join(part for part in (bucket, prefix) if part)
        self._keys = access.keys
        self._endpoint = urlsplit(access.endpoint)
        self._clock = clock or SystemClock()

    def create(self, name: str) -> "BucketFile":
        """Begin a file, on this machine's disk: a bucket takes it whole or not at all."""
        return BucketFile(self, name)

    def put(self, name: str, body: IO[bytes], *, size: int, sha256: str) -> None:
        """Store a file; when it returns the store has confirmed it."""
        body.seek(0)
        more = {"content-length": str(size)}
        with self._answered("PUT", name, more, body=body, sha256=sha256):
            pass

    def read(self, name: str, start: int, length: int) -> bytes:
        """Return a part of a file."""
        wanted = {"range": f"bytes={start}-{start + length - 1}"}
        with self._answered("GET", name, wanted) as answer:
            if answer.status == HTTPStatus.PARTIAL_CONTENT:
                return answer.read()
            return answer.read()[start : start + length]

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield a file's bytes in order."""
        with self._answered("GET", name, {}) as answer:
            while chunk := answer.read(CHUNK_BYTES):
                yield chunk

    def remove(self, name: str) -> None:
        """Leave nothing of a file; it need not be there."""
        with self._answered("DELETE", name, {}, absent=HTTPStatus.NOT_FOUND):
            pass

    @contextmanager
    def _answered(
        self,
        method: str,
        name: str,
        headers: Mapping[str, str],
        *,
        body: IO[bytes] | None = None,
        sha256: str = _EMPTY,
        absent: HTTPStatus | None = None,
    ) -> Iterator[HTTPResponse]:
        path = quote(f"{self._endpoint.path.rstrip('/')}/{self._prefix}/{name}", safe="/~")
        signed = signed_headers(
            self._keys,
            method,
            path,
            {"host": self._endpoint.netloc, "x-amz-content-sha256": sha256},
            self._clock.now(),
        )
        connection = self._connect()
        try:
            connection.request(method, path, body=body, headers={**headers, **signed})
            answer = connection.getresponse()
            if answer.status // 100 != _SUCCESS and answer.status != absent:
                said = _code_in(answer.read(MOST_SAID).decode(errors="replace"))
                raise ArchiveUnavailableError(
                    f"The archive's store answered {answer.status} to {method} {name}: {said}"
                )
            yield answer
        except (OSError, HTTPException) as error:
            raise ArchiveUnavailableError(f"The archive's store failed: {error}") from error
        finally:
            connection.close()

    def _connect(self) -> HTTPConnection:
        kind = HTTPSConnection if self._endpoint.scheme == "https" else HTTPConnection
        return kind(self._endpoint.netloc, timeout=TIMEOUT_SECONDS)


class BucketFile:
    """A file on this machine, until it is whole and sent."""

    def __init__(self, place: BucketPlace, name: str) -> None:
        self._place = place
        self._name = name
        self._digest = hashlib.sha256()
        self._size = 0
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # closed by the end of it

    def write(self, data: bytes) -> object:
        """Take some more."""
        self._digest.update(data)
        self._size += len(data)
        try:
            return self._file.write(data)
        except OSError as error:
            raise ArchiveUnavailableError(f"Nothing can be written here: {error}") from error

    def commit(self) -> None:
        """Send it, and wait until the store has it."""
        self._place.put(self._name, self._file, size=self._size, sha256=self._digest.hexdigest())
        self._file.close()

    def discard(self) -> None:
        """Leave nothing of it on this machine; what was sent is removed by its name."""
        self._file.close()


def _code_in(said: str) -> str:
    """Return what a store calls a failure; the rest may name keys that it was asked with."""
    return said.partition("<Code>")[2].partition("</Code>")[0] or "no code"
