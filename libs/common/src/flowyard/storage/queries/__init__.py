"""Hot statements as SQL text, one file per service that runs them.

A file is a sequence of statements, each under a header line ``-- name --`` and
a sentence that says what it does. The text goes to asyncpg as it stands.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

_HEADER = re.compile(r"^-- ([a-z][a-z0-9_]*) --$", re.MULTILINE)


@cache
def load_queries(name: str) -> Mapping[str, str]:
    """Return the statements of one file by their names.

    Parameters
    ----------
    name
        The file's name without ``.sql``.

    Raises
    ------
    ValueError
        Raised if two statements of the file share a name.
    """
    text = files(__name__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
    return MappingProxyType(parse_queries(text))


def parse_queries(text: str) -> dict[str, str]:
    """Return the statements of a file's text by their names.

    Raises
    ------
    ValueError
        Raised if two statements share a name.
    """
    _, *parts = _HEADER.split(text)
    names = parts[::2]
    if len(set(names)) != len(names):
        raise ValueError(f"Expected each statement's name once, but found {names}")
    return {name: body.strip() for name, body in zip(names, parts[1::2], strict=True)}
