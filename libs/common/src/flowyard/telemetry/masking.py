"""Takes secrets out of text, as they are and in every form that programs write them in.

Rules
-----
1. A secret is found as it is, whatever its case from :data:`SHORTEST_FOLDED` characters on;
   in base64 of both alphabets, wherever within a longer encoded text it begins; in
   hexadecimal, of either case and as a dump; and each of these under the encodings of
   :mod:`flowyard.telemetry.encodings`, up to three upon one another.
2. Lines of a secret of several lines are found by themselves, and so is the secret with its
   line breaks and blanks taken out.
3. A secret of fewer than :data:`SHORTEST_SEARCHED` characters is only found where it is the
   whole text: it occurs in any.
4. What is made of a secret so that it no longer holds it is not found: a part of it, a hash,
   the secret encrypted, compressed, reversed or in UTF-16.

The time is linear in the text, for a given secret: so many views of it, and in each one pass
of the C library's search per form. :class:`SecretForms` are made once per secret.
"""

import base64
import re
from collections.abc import Iterable, Iterator
from typing import AnyStr

from flowyard.telemetry.encodings import BETWEEN_BYTES, PAIRS, Span, View, views

MASK = "***"
"""Stands for a secret in text that people read."""

SHORTEST_SEARCHED = 4
"""Shorter secrets are only found where they are the whole text: they occur in any."""

SHORTEST_FOLDED = 8
"""From so many characters on a secret is found in upper and lower case: shorter ones are words."""

SHORTEST_LINE = 8
"""Characters of a line of a secret that is searched for by itself: a brace is no secret."""

SHORTEST_PART = 4
"""Characters at the end of a text that count as a secret's begin; see :meth:`Masker.look`."""

FURTHEST = 12
"""Most characters of text that one character of a secret is written as: two of ``\\uXXXX``."""

_ARMOUR = re.compile(r"-----(?:BEGIN|END) [A-Z0-9 ]+-----")
_BASE64 = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
_TO_STANDARD = bytes.maketrans(b"-_", b"+/")
_TO_LOWER = bytes.maketrans(b"ABCDEF", b"abcdef")
_CUT_OFF = re.compile(r"(?:%[0-9A-Fa-f]?|\\(?:u[0-9a-fA-F]{0,3}|x[0-9a-fA-F]?)?|&\#?\w{0,8}|=)\Z")


class SecretForms:
    """What one secret looks like.

    Parameters
    ----------
    text
        The secret, of at least :data:`SHORTEST_SEARCHED` characters.
    """

    __slots__ = ("__weakref__", "base64", "folded", "hexadecimal", "longest", "plain")

    def __init__(self, text: str) -> None:
        raw = text.encode(errors="surrogatepass")
        plain = dict.fromkeys(one for form in _plain(text) for one in (form, _bytes(form)))
        self.plain = tuple(plain)
        """As it is, by its bytes, as a form, without blanks, and its lines."""
        self.folded = tuple(_folded(one) for one in plain if len(one) >= SHORTEST_FOLDED)
        """Those that are found in any case."""
        self.base64 = tuple(_cores(raw))
        """In the standard alphabet, without the characters that depend on what stands beside."""
        self.hexadecimal = raw.hex().encode()
        """In lower case, without anything between the bytes."""
        self.longest = max(len(self.hexadecimal), *(len(one) for one in plain))
        """Characters of the longest form."""


def _plain(text: str) -> Iterator[str]:
    yield text
    if " " in text:
        yield text.replace(" ", "+")
    closed = re.sub(r"\s+", "", text)
    if len(closed) >= SHORTEST_LINE:
        yield closed
    lines = text.splitlines()
    if len(lines) > 1:
        for line in lines:
            part = line.strip()
            if len(part) >= SHORTEST_LINE and not _ARMOUR.fullmatch(part):
                yield part


def _bytes(text: str) -> str:
    """Return a text as it looks where each of its bytes was written as a character."""
    return text.encode(errors="surrogatepass").decode("latin-1")


def _cores(raw: bytes) -> Iterator[bytes]:
    for before, first in enumerate((0, 2, 3)):
        whole = (before + len(raw)) * 8 // 6
        yield base64.b64encode(bytes(before) + raw)[first:whole]


def _folded(text: str) -> str:
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    # Some letters have a lower case of two: places have to stay where they are.
    return "".join(one.lower() if len(one.lower()) == 1 else one for one in text)


class Masker:
    """Finds some secrets in text."""

    __slots__ = ("_forms", "_whole", "longest")

    def __init__(self) -> None:
        self._forms: list[SecretForms] = []
        self._whole: set[str] = set()
        self.longest = 0
        """Characters of the longest form of any of them."""

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to be found."""
        return not self._whole

    @property
    def searches(self) -> bool:
        """Tell whether there is anything to be found within a longer text."""
        return bool(self._forms)

    def add(self, text: str, forms: SecretForms | None = None) -> None:
        """Look for one more secret.

        Parameters
        ----------
        forms
            Its forms, where somebody has made them before.
        """
        if not text or text in self._whole:
            return
        self._whole.add(text)
        if len(text) >= SHORTEST_SEARCHED:
            made = forms or SecretForms(text)
            self._forms.append(made)
            self.longest = max(self.longest, made.longest)

    def mask(self, text: str) -> str:
        """Return a text with :data:`MASK` in every place where a secret stands."""
        if text in self._whole:
            return MASK
        return masked(text, self.spans(text)) if self._forms else text

    def is_in(self, text: str) -> bool:
        """Tell whether a text is a secret, or holds one in the case that it is written in."""
        if text in self._whole:
            return True
        return bool(self._forms) and any(
            _Written(view.text).has(self._forms, is_exact=True) for view in views(text)
        )

    def spans(self, text: str) -> list[Span]:
        """Return where in a text secrets stand, in order, apart from each other."""
        if text in self._whole:
            return [(0, len(text))]
        found: list[Span] = []
        for view in views(text) if self._forms else ():
            found += self._found(view, _Written(view.text))
        return joined(found)

    def look(self, text: str) -> tuple[list[Span], int]:
        """Return where secrets stand, and from where on one may begin that goes on behind.

        Returns
        -------
        tuple
            Places like those of :meth:`spans`, but for a secret that is the whole text; and
            the length of the text where its end is the begin of no secret, or of fewer than
            :data:`SHORTEST_PART` characters.
        """
        found: list[Span] = []
        least = len(text)
        for view in views(text) if self._forms else ():
            written = _Written(view.text)
            found += self._found(view, written)
            end = _CUT_OFF.sub("", view.text)
            begin = (written if len(end) == len(view.text) else _Written(end)).open_from(
                self._forms
            )
            if begin < len(end):
                [(first, _)] = view.back([(begin, len(end))])
                least = min(least, first)
        return joined(found), least

    def _found(self, view: View, written: "_Written") -> list[Span]:
        if not written.has(self._forms, is_exact=False):
            return []
        return view.back(written.found(self._forms))


class _Written:
    """A view in the alphabets that forms are searched for in; all of the same length but one."""

    __slots__ = ("ascii", "dump", "folded", "standard", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.folded = _folded(text)
        self.ascii = text.encode("ascii", "replace")
        self.standard = self.ascii.translate(_TO_STANDARD)
        self.dump = self.ascii.translate(_TO_LOWER, BETWEEN_BYTES)
        """Without what stands between the bytes of a dump: shorter."""

    def has(self, forms: Iterable[SecretForms], *, is_exact: bool) -> bool:
        """Tell whether there is anything to be found, for the price of the searches alone."""
        for one in forms:
            if one.hexadecimal in self.dump or any(plain in self.text for plain in one.plain):
                return True
            if any(core in self.standard for core in one.base64):
                return True
            if not is_exact and any(plain in self.folded for plain in one.folded):
                return True
        return False

    def found(self, forms: Iterable[SecretForms]) -> Iterator[Span]:
        """Yield where secrets stand, in any order."""
        dump = View("", View(self.text), PAIRS)
        for one in forms:
            for plain in one.plain:
                yield from _places(plain, self.text)
            for plain in one.folded:
                yield from _places(plain, self.folded)
            for core in one.base64:
                yield from map(self._widened, _places(core, self.standard))
            yield from dump.back(_places(one.hexadecimal, self.dump))

    def _widened(self, span: Span) -> Span:
        """Return a place with the characters beside it, which tell a part of the secret, too."""
        begin, end = span
        if begin and self.standard[begin - 1] in _BASE64:
            begin -= 1
        if end < len(self.standard) and self.standard[end] in _BASE64:
            end += 1
        padding = self.standard[end : end + 2]
        return begin, end + len(padding) - len(padding.lstrip(b"="))

    def open_from(self, forms: Iterable[SecretForms]) -> int:
        """Return from where on is the begin of a secret; the length where there is none."""
        lower = self.ascii.translate(_TO_LOWER)
        begin = len(self.text)
        for one in forms:
            for plain in one.plain:
                begin = min(begin, _overlap(plain, self.text))
            for plain in one.folded:
                begin = min(begin, _overlap(plain, self.folded))
            for core in one.base64:
                begin = min(begin, _overlap(core, self.standard))
            begin = min(begin, _overlap(one.hexadecimal, lower))
        return begin


def _overlap(form: AnyStr, written: AnyStr) -> int:
    """Return from where on a text is the begin of a form, and not the whole of it."""
    head = form[:SHORTEST_PART]
    at = written.find(head, max(0, len(written) - len(form) + 1))
    while at >= 0:
        if form.startswith(written[at:]):
            return at
        at = written.find(head, at + 1)
    return len(written)


def _places(form: AnyStr, text: AnyStr) -> Iterator[Span]:
    at = text.find(form)
    while at >= 0:
        yield at, at + len(form)
        at = text.find(form, at + 1)


def joined(spans: Iterable[Span]) -> list[Span]:
    """Return the same places in order, those that overlap or touch as one."""
    merged: list[Span] = []
    for begin, end in sorted(spans):
        if merged and begin <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((begin, end))
    return merged


def masked(text: str, spans: Iterable[Span]) -> str:
    """Return a text with :data:`MASK` in places that are in order and apart from each other."""
    parts: list[str] = []
    at = 0
    for begin, end in spans:
        parts += text[at:begin], MASK
        at = end
    return "".join([*parts, text[at:]])
