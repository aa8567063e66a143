"""Pieces of Python text: docstrings, imports, modules."""

import textwrap
from collections.abc import Iterable

WIDTH = 100
"""Longest line."""

HEADER = "Made by `make client` from the OpenAPI document: change the API instead."
"""Ends the docstring of every module that is made."""


def indented(text: str, depth: int) -> str:
    """Return text with each line so many levels further to the right."""
    return textwrap.indent(text, "    " * depth)


def paragraphs(text: str, depth: int) -> str:
    """Return text in lines that fit at a depth; lines that begin a list stay lines."""
    wrapped: list[str] = []
    for block in text.replace("\\", "\\\\").replace('"""', "'''").strip().split("\n\n"):
        lines = [" ".join(line.split()) for line in _items(block)]
        wrapped.append("\n".join(_filled(line, WIDTH - 4 * depth) for line in lines))
    return "\n\n".join(wrapped)


def _items(block: str) -> Iterable[str]:
    item: list[str] = []
    for line in block.splitlines():
        if line.lstrip().startswith("- ") and item:
            yield " ".join(item)
            item = []
        item.append(line)
    yield " ".join(item)


def _filled(line: str, width: int) -> str:
    hang = "  " if line.startswith("- ") else ""
    return textwrap.fill(
        line, width, subsequent_indent=hang, break_long_words=False, break_on_hyphens=False
    )


def docstring(text: str, depth: int) -> str:
    """Return text as a docstring at a depth, its first sentence in a line of its own."""
    flat = text.strip()
    if not flat:
        return ""
    end = "" if flat[-1] in ".!?:`" else "."
    single = f'"""{flat}{end}"""'
    if "\n" not in flat and len(single) + 4 * depth <= WIDTH and "\\" not in flat:
        return indented(single, depth)
    head, _, rest = (flat + end).partition("\n\n")
    summary, more = _first_sentence(" ".join(head.split()), WIDTH - 4 * depth - 3)
    body = "\n\n".join(one for one in (more, rest.strip()) if one)
    lines = paragraphs(summary, depth)
    if not body:
        return indented(f'"""{lines}\n"""', depth)
    return indented(f'"""{lines}\n\n{paragraphs(body, depth)}\n"""', depth)


def _first_sentence(text: str, width: int) -> tuple[str, str]:
    """Split behind the first sentence, or before its last part where it is too long."""
    place = text.find(". ")
    while place >= 0 and text[:place].count("`") % 2:
        place = text.find(". ", place + 1)
    if place < 0 or place + 1 > width:
        return _first_part(text, width)
    return text[: place + 1], text[place + 2 :].strip()


def _first_part(text: str, width: int) -> tuple[str, str]:
    if len(text) <= width:
        return text, ""
    for mark in (": ", "; ", ", "):
        place = text.rfind(mark, 0, width - 1)
        if place > 0 and text[:place].count("`") % 2 == 0:
            rest = text[place + 2 :].strip()
            return text[:place] + ".", rest[:1].upper() + rest[1:]
    return text, ""


def imports(found: Iterable[tuple[str, str]], *, own: str = "") -> str:
    """Return import statements; what the module itself holds is left out."""
    by_module: dict[str, set[str]] = {}
    for module, name in found:
        if module != own:
            by_module.setdefault(module, set()).add(name)
    return "\n".join(
        f"from {module} import {', '.join(sorted(names))}"
        for module, names in sorted(by_module.items())
    )
