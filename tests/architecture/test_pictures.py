import re

from tests.pictures.__main__ import FOLDER, PICTURES
from tests.support.project import ROOT

PAGES = (ROOT / "README.md", ROOT / "docs" / "console.md")
MOST_BYTES = 2_500_000
"""All pictures together: a clone should stay quick."""


def _shown() -> set[str]:
    """Return the names of the pictures that people see."""
    return {
        name
        for page in PAGES
        for name in re.findall(r"images/([\w-]+)\.webp", page.read_text(encoding="utf-8"))
    }


def test_every_picture_is_taken_by_the_tool_and_shown_to_somebody() -> None:
    there = {path.stem for path in FOLDER.iterdir()}

    assert there == {picture.name for picture in PICTURES} == _shown()


def test_pictures_are_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < MOST_BYTES
