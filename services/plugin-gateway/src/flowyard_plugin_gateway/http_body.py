"""Bodies of responses as they come: unpacked, and never more of them than is allowed.

A few bytes may unpack to a thousand times as many, so what is too large is not unpacked at all.
"""

import codecs
import zlib

from flowyard.errors import PermanentError

_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32
_RAW = -zlib.MAX_WBITS
_PACKED = frozenset({"gzip", "x-gzip", "deflate"})

ACCEPTED = "gzip, deflate"
"""What servers are asked for: all that is unpacked here."""

_NO_TEXT = frozenset(
    {"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "unicode_escape"}
)
"""Codecs of Python that no body is written in; punycode takes quadratic time."""


class ResponseTooLargeError(PermanentError):
    """Raised when a response has more bytes than are read."""

    code = "response_too_large"


class UnpackError(PermanentError):
    """Raised when a body is not packed as its sender says."""

    code = "response_undecodable"


class Body:
    """Collects a body.

    Parameters
    ----------
    encoding
        The header ``Content-Encoding``; what is unknown in it is left as it is.
    most
        How many bytes there may be, unpacked.
    """

    def __init__(self, encoding: str, most: int) -> None:
        packed = [name for name in encoding.split(",") if name.strip().lower() in _PACKED]
        if len(packed) > 1:
            raise UnpackError("Expected a body that is packed once, but it is packed again")
        self._unpacker = _Unpacker() if packed else None
        self._most = most
        self._content = bytearray()

    def add(self, chunk: bytes) -> None:
        """Add what came next.

        Raises
        ------
        ResponseTooLargeError
            Raised if it becomes too much.
        UnpackError
            Raised if it cannot be unpacked.
        """
        if self._unpacker is not None:
            chunk = self._unpacker.unpack(chunk, self._most + 1 - len(self._content))
        self._content += chunk
        if len(self._content) > self._most:
            raise ResponseTooLargeError(f"Expected at most {self._most} bytes, but there are more")

    def content(self) -> bytes:
        """Return all of it."""
        return bytes(self._content)


class _Unpacker:
    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(_GZIP_OR_ZLIB)
        self._has_begun = False

    def unpack(self, chunk: bytes, most: int) -> bytes:
        try:
            unpacked = self._zlib.decompress(chunk, most)
        except zlib.error as error:
            if self._has_begun:
                raise UnpackError("Expected a packed body, but it cannot be unpacked") from error
            unpacked = self._raw(chunk, most)
        self._has_begun = self._has_begun or bool(chunk)
        return unpacked

    def _raw(self, chunk: bytes, most: int) -> bytes:
        """Unpack what some servers call deflate: the same without a head."""
        self._zlib = zlib.decompressobj(_RAW)
        try:
            return self._zlib.decompress(chunk, most)
        except zlib.error as error:
            raise UnpackError("Expected a packed body, but it cannot be unpacked") from error


def decoded(content: bytes, charset: str) -> str:
    """Return a body as text; what its character set does not allow is replaced.

    A character set that is unknown, or none that bodies are written in, counts as UTF-8.
    """
    try:
        codec = codecs.lookup(charset)
        if codec.name not in _NO_TEXT:
            return content.decode(codec.name, errors="replace")
    except (LookupError, ValueError):
        pass
    return content.decode(errors="replace")
