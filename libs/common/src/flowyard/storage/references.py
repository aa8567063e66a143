"""How a template is named: by its key within its own project, by project and key elsewhere.

There is no search path: ``backup`` is always a template of the project that says it,
``platform/backup`` always the one of ``platform``, so that nobody's new template ever stands in
for somebody else's.
"""

from typing import NamedTuple

SEPARATOR = "/"
"""Between a project's name and a template's key; neither may hold it."""


class Reference(NamedTuple):
    """What names a template."""

    project: str | None
    """Name of its project; None for the one that the name is used in."""
    key: str


def parse_reference(text: str) -> Reference:
    """Return the parts of a name such as ``backup`` or ``platform/backup``."""
    project, separator, key = text.partition(SEPARATOR)
    return Reference(project, key) if separator else Reference(None, text)


def full_reference(project: str, text: str) -> str:
    """Return a template's name with its project, for a name that is used in ``project``."""
    return text if SEPARATOR in text else f"{project}{SEPARATOR}{text}"
