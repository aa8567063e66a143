import gzip
import zlib

import pytest

from flowyard_plugin_gateway.http_body import Body, ResponseTooLargeError, UnpackError, decoded

TEXT = b"some text, again and again, " * 50


def _raw_deflate(content: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("", TEXT),
        ("identity", TEXT),
        ("br", TEXT),
        ("gzip", gzip.compress(TEXT, mtime=0)),
        ("X-GZIP", gzip.compress(TEXT, mtime=0)),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", _raw_deflate(TEXT)),
    ],
)
def test_a_body_is_unpacked_in_whatever_pieces_it_comes(encoding: str, packed: bytes) -> None:
    body = Body(encoding, 10_000)

    for begin in range(0, len(packed), 7):
        body.add(packed[begin : begin + 7])

    assert body.content() == TEXT


def test_a_body_is_not_unpacked_beyond_what_is_allowed() -> None:
    body = Body("gzip", 1000)

    with pytest.raises(ResponseTooLargeError):
        body.add(gzip.compress(b"0" * 50_000_000))

    assert len(body.content()) == 1001


def test_what_is_packed_twice_or_not_at_all_is_refused() -> None:
    with pytest.raises(UnpackError):
        Body("gzip, gzip", 1000)
    with pytest.raises(UnpackError):
        Body("gzip", 1000).add(b"no such thing")


@pytest.mark.parametrize("charset", ["utf-8", "punycode", "idna", "undefined", "\0", "no-such", ""])
def test_a_character_set_that_no_body_has_counts_as_utf_8(charset: str) -> None:
    assert decoded("grün".encode(), charset) == "grün"


def test_other_character_sets_are_read() -> None:
    assert decoded("grün".encode("latin-1"), "iso-8859-1") == "grün"
