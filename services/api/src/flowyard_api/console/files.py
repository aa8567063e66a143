"""The bundle as it was built, read once: a rebuild beneath a running process changes nothing."""

import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

BUNDLE: Final = Path(__file__).parents[1] / "bundle"
"""Where the build puts it; absent in a checkout that was never built."""

PAGE: Final = "index.html"
"""The one page, which every address of the console answers with."""

_COMPRESSED: Final = {"br": ".br", "gzip": ".gz"}
"""What the build makes beside a file, keyed by the name of the coding, the smaller one first."""

_REFUSED = re.compile(r";\s*q=0(\.0*)?\s*$")
_TEXT = ("text/", "application/json", "image/svg+xml")


@dataclass(frozen=True, slots=True, kw_only=True)
class BundledFile:
    """One file of the bundle."""

    body: bytes
    media_type: str
    encoded: Mapping[str, bytes] = field(default_factory=dict)
    """The same compressed, keyed by the name of the coding, the smaller one first."""

    def best(self, accepted: str) -> tuple[str | None, bytes]:
        """Return the coding that suits an ``Accept-Encoding`` best, and the body in it."""
        wanted = {one.partition(";")[0].strip().lower() for one in _tolerated(accepted)}
        for coding, body in self.encoded.items():
            if coding in wanted:
                return coding, body
        return None, self.body


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """The console's files."""

    page: str
    """The page, with places for the nonce."""
    files: Mapping[str, BundledFile]
    """All others, keyed by their path from the bundle's folder."""


def is_built(folder: Path = BUNDLE) -> bool:
    """Tell whether there is a bundle."""
    return (folder / PAGE).is_file()


def read_bundle(folder: Path = BUNDLE) -> Bundle | None:
    """Return what was built; None if nothing was."""
    if not is_built(folder):
        return None
    return Bundle(
        page=(folder / PAGE).read_text(encoding="utf-8"),
        files={
            path.relative_to(folder).as_posix(): _read(path)
            for path in sorted(folder.rglob("*"))
            if _is_served(path)
        },
    )


def _is_served(path: Path) -> bool:
    is_hidden = path.name.startswith(".")
    is_variant = path.suffix in _COMPRESSED.values()
    return path.is_file() and path.name != PAGE and not is_hidden and not is_variant


def _read(path: Path) -> BundledFile:
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    variants = {coding: path.with_name(path.name + end) for coding, end in _COMPRESSED.items()}
    return BundledFile(
        body=path.read_bytes(),
        media_type=f"{media_type}; charset=utf-8" if media_type.startswith(_TEXT) else media_type,
        encoded={coding: file.read_bytes() for coding, file in variants.items() if file.is_file()},
    )


def _tolerated(accepted: str) -> list[str]:
    """Return the parts of an ``Accept-Encoding`` that do not say no."""
    return [one for one in accepted.split(",") if not _REFUSED.search(one)]
