"""What stands on a screen in another language than the reader's."""

import re
from collections.abc import Iterable, Iterator

import yaml
from playwright.async_api import Page

from tests.browser.console import Backstage

READ = """() => {
    const seen = new Set();
    const note = (text) => { if (text !== null && text.trim() !== "") seen.add(text.trim()); };
    const written = "code, pre, kbd, .code, .cm-editor, .react-flow__attribution";
    for (const one of document.body.querySelectorAll("*")) {
        if (!one.checkVisibility() || one.closest(written) !== null) continue;
        if (one.closest("[aria-hidden=true]") !== null) continue;
        for (const name of ["aria-label", "aria-roledescription", "placeholder", "title", "alt"])
            note(one.getAttribute(name));
        for (const inner of one.childNodes)
            if (inner.nodeType === Node.TEXT_NODE) note(inner.data);
    }
    return [...seen];
}"""
"""What can be read or is read out, but for code."""

WORDS = re.compile(r"[A-Za-z][a-z]{2,}")
EXPRESSION = re.compile(r"\$\{[^}]*\}")

PROPER = frozenset(
    {
        "Flowyard",
        "Kafka",
        "Postgres",
        "bk-sops",
        "bamboo",
        "English",
        "React Flow",
        "Swagger",
        ".dat",
    }
)
"""Names that are the same in every language."""

LABELS = frozenset({"team", "default", "(mocked)"})
"""Names of a label and a queue, and what a dry run's name ends with."""

IDS = frozenset({"start", "end"})
"""Of nodes that no definition names."""

LONG = 10
"""Characters of a text that is no accident within another."""


async def texts(page: Page) -> list[str]:
    """Return everything on a page that people read or hear, each text once."""
    return [_plain(text) for text in await page.evaluate(READ)]


async def names(backstage: Backstage) -> frozenset[str]:
    """Return what is called as somebody has called it: in definitions, by plugins, of instances."""
    templates = (await backstage.read("/templates"))["items"]
    published = [one["key"] for one in templates if one["latest_version"] is not None]
    found = [
        templates,
        [yaml.safe_load(await backstage.latest(key)) for key in published],
        await backstage.read("/instances?limit=200"),
        await backstage.read("/waiting"),
        await backstage.read("/categories"),
        await backstage.plugins(),
    ]
    return frozenset([*map(_plain, _strings(found)), *LABELS])


def english(found: Iterable[str], named: frozenset[str]) -> list[str]:
    """Return those of the texts that have English words beside names."""
    own = sorted((*PROPER, *(one for one in named if WORDS.search(one))), key=len, reverse=True)
    whole = re.compile("|".join(_whole(name) for name in own))
    left = []
    for text in set(found) - IDS:
        rest = whole.sub("", EXPRESSION.sub("", text))
        if WORDS.search(rest) and not any(len(text) >= LONG and text in name for name in own):
            left.append(text)
    return left


def _whole(name: str) -> str:
    """Return a pattern of a name as words of their own: "Fail" is no part of "Failed"."""
    before = r"(?<![A-Za-z])" if name[0].isalnum() else ""
    behind = r"(?![A-Za-z])" if name[-1].isalnum() else ""
    return before + re.escape(name) + behind


def _plain(text: str) -> str:
    """Return a text without marks of code, in one line."""
    return " ".join(text.replace("`", "").split())


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
