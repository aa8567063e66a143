"""Makes the index of ``docs/decisions/`` from the titles of its pages."""

from pathlib import Path

FOLDER = Path(__file__).parents[1] / "docs" / "decisions"
"""Where the decisions lie."""

INTRODUCTION = """\
# Decisions

One page per choice that could have gone otherwise: what was decided, why, what was given up,
and what would make us think again. A decision that no longer holds is not edited away; a later
one replaces it and says so. This index is made by `make docs` from the pages' titles.

"""


def decision_pages() -> list[Path]:
    """Return the decisions in the order of their numbers."""
    return sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")


def title_of(page: Path) -> str:
    """Return the first heading of a page."""
    return page.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")


def decisions_page() -> str:
    """Return the whole index."""
    return INTRODUCTION + "".join(
        f"- [{title_of(page)}]({page.name})\n" for page in decision_pages()
    )
