"""How text looks once the encodings that it is written in are taken off, and where it stood.

A secret rarely comes out as it is: a library writes it percent-encoded into an address, as
JSON into a message, as YAML, HTML or a shell command. Each of these encodings leaves its
writer a choice of which characters it changes, so that there are too many forms of one
secret to search for. Text is searched the other way round: the encodings are taken off, and
what is found is followed back to where it stood.

Theory of operation. An :class:`Encoding` says how the pieces look that it takes off, and what
they stand for; a :class:`View` is a text without them. Views of views are tried up to
:data:`DEEPEST` encodings upon one another, and at most :data:`MOST_VIEWS`, so that the time is
linear in the text. An encoding costs one look for its sign where that does not occur.
"""

import base64
import binascii
import html.entities
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

Span = tuple[int, int]
"""From the first character up to, but not including, the last."""

DEEPEST = 3
"""Encodings upon one another that are taken off."""

MOST_VIEWS = 24
"""Views of one text; what has more is encoded in turns that no program writes."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """One way in which text is written so that it survives somewhere."""

    signs: str
    """One of these stands in every text that is written so; empty for any text."""
    pieces: re.Pattern[str]
    """What differs from the plain text."""
    meaning: Callable[[re.Match[str]], str]
    """What such a piece stands for."""

    def is_in(self, text: str) -> bool:
        """Tell whether a text may be written so."""
        return not self.signs or any(sign in text for sign in self.signs)


class View:
    """A text with encodings taken off.

    Parameters
    ----------
    text
        What is left.
    of
        What it was made of; None for the text itself.
    encoding
        What was taken off.
    """

    __slots__ = ("_encoding", "_of", "text")

    def __init__(
        self, text: str, of: "View | None" = None, encoding: Encoding | None = None
    ) -> None:
        self.text = text
        self._of = of
        self._encoding = encoding

    def back(self, spans: Iterable[Span]) -> list[Span]:
        """Return where parts of this view stand in the text itself."""
        found, view = sorted(spans), self
        while found and view._of is not None and view._encoding is not None:
            found = list(_back(found, view._of.text, view._encoding))
            view = view._of
        return found


def _back(spans: Iterable[Span], text: str, encoding: Encoding) -> Iterator[Span]:
    """Yield where parts of a view stand in what it was made of; pieces of it as a whole."""
    firsts: list[int] = []
    pieces: list[tuple[int, int, int]] = []
    shift = 0
    for piece in encoding.pieces.finditer(text):
        first = piece.start() + shift
        behind = first + len(encoding.meaning(piece))
        firsts.append(first)
        pieces.append((behind, piece.start(), piece.end()))
        shift = behind - piece.end()
    for begin, end in spans:
        at = bisect_right(firsts, begin) - 1
        behind, start, stop = pieces[at] if at >= 0 else (0, 0, 0)
        first = start if begin < behind else stop + begin - behind
        at = bisect_left(firsts, end) - 1
        behind, start, stop = pieces[at] if at >= 0 else (0, 0, 0)
        yield first, stop + max(0, end - behind)


def views(text: str) -> Iterator[View]:
    """Yield a text, and the views of it; each text once."""
    known = {text}
    level = [View(text)]
    yield level[0]
    for _ in range(DEEPEST):
        following: list[View] = []
        for view in level:
            for encoding in ENCODINGS:
                if not encoding.is_in(view.text):
                    continue
                plain = encoding.pieces.sub(encoding.meaning, view.text)
                if plain in known:
                    continue
                known.add(plain)
                following.append(View(plain, view, encoding))
                yield following[-1]
                if len(known) >= MOST_VIEWS:
                    return
        level = following


_CONTROLS = {
    **dict(zip("0abtnvfre", "\0\a\b\t\n\v\f\r\x1b", strict=True)),
    **dict(zip("N_LP", "\x85\xa0\u2028\u2029", strict=True)),
}


def _byte(piece: re.Match[str]) -> str:
    return chr(int(piece[0][1:], 16))


def _escaped(piece: re.Match[str]) -> str:
    body = piece[0][1:]
    if len(body) == 1:
        # A line that was broken has nothing in that place; most others stand for themselves.
        return "" if body in "\r\n" else _CONTROLS.get(body, body)
    if body[0] in "uUx":
        high, _, low = body[1:].strip("{}").partition("\\u")
        if not low:
            return _character(int(high, 16), piece[0])
        return chr(0x10000 + ((int(high, 16) & 0x3FF) << 10) + (int(low, 16) & 0x3FF))
    return chr(int(body, 8)) if body[0] in "0123" else ""


def _entity(piece: re.Match[str]) -> str:
    name = piece[0][1:-1]
    if not name.startswith("#"):
        return html.entities.html5.get(f"{name};", piece[0])
    return _character(int(f"0{name[1:]}", 0) if name[1] in "xX" else int(name[1:]), piece[0])


def _character(code: int, otherwise: str) -> str:
    return chr(code) if code <= 0x10FFFF else otherwise  # noqa: PLR2004  # the last of Unicode


def _decoded(piece: re.Match[str]) -> str:
    text = piece[0].rstrip("=").replace("-", "+").replace("_", "/")
    try:
        # Bytes as they are: a secret beyond ASCII is also searched for by its bytes.
        return base64.b64decode(text[: len(text) - (len(text) % 4 == 1)] + "==").decode("latin-1")
    except (binascii.Error, ValueError):
        return piece[0]


PERCENT = Encoding("%", re.compile("%[0-9A-Fa-f]{2}"), _byte)
"""Addresses and forms."""

BACKSLASH = Encoding(
    "\\",
    re.compile(
        r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
        r"|u[0-9a-fA-F]{4}|u\{[0-9a-fA-F]{1,6}\}|x[0-9a-fA-F]{2}|U[0-9a-fA-F]{8}"
        r"|[0-3][0-7]{2}|\r?\n[ \t]*|[\s\S])"
    ),
    _escaped,
)
"""JSON, JavaScript, YAML in double quotes, Python, shells."""

ENTITIES = Encoding(
    "&",
    re.compile(r"&(?:\#[0-9]{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"),
    _entity,
)
"""HTML and XML."""

SHELL = Encoding("'", re.compile(r"""'"'"'|'\\''"""), lambda _: "'")
"""A single quote within single quotes of a shell."""

DOUBLED = Encoding("'\"", re.compile("''|\"\""), lambda piece: piece[0][0])
"""Quotes within quotes in SQL, YAML and CSV."""

BROKEN_LINES = Encoding("\n\r", re.compile(r"\s+"), lambda _: "")
"""Lines broken at any place, as in base64 of a mail, folded YAML or indented keys."""

BASE64 = Encoding("", re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}"), _decoded)
"""Whatever else is encoded within base64; secrets themselves are searched for in it as well."""

ENCODINGS = (PERCENT, BACKSLASH, ENTITIES, SHELL, DOUBLED, BROKEN_LINES, BASE64)
"""All that are taken off."""

BETWEEN_BYTES = b" \t\r\n:,-"
"""What stands between the bytes of a dump."""

PAIRS = Encoding("", re.compile(f"[{BETWEEN_BYTES.decode()}]+"), lambda _: "")
"""A dump of bytes."""
