"""Writes the groups of operations, for the client that awaits."""

from collections.abc import Sequence

from tools.client.document import Document
from tools.client.methods import Methods, common_codes
from tools.client.naming import Named, class_name
from tools.client.writing import HEADER, docstring, imports

LONGEST = 290
"""Lines of a module before it is formatted, which makes it longer by up to a quarter."""

PACKAGE = "flowyard.client.aio.operations"
"""Where the modules stand."""

_GROUP = ("flowyard.client.aio.group", "Group")
_KINDS = ("", "actions", "many")
"""What the methods of a long group are divided by."""

_FORMATTED_LINE = 60
"""Characters of a call in one line, as the formatter breaks them."""


def group_modules(document: Document, operations: Sequence[Named]) -> dict[str, str]:
    """Return the text of every module of groups, keyed by its name."""
    common = common_codes(operations)
    by_group: dict[str, list[Named]] = {}
    for one in operations:
        by_group.setdefault(one.group, []).append(one)
    found: dict[str, str] = {"__init__": _index(by_group)}
    for group, members in sorted(by_group.items()):
        found |= _GroupWriter(document, common, group).modules(members)
    return found


class _GroupWriter:
    def __init__(self, document: Document, common: frozenset[str], group: str) -> None:
        self._document = document
        self._common = common
        self._group = group

    def modules(self, members: Sequence[Named]) -> dict[str, str]:
        if self._length(members) <= LONGEST:
            return {self._group: self._module(self._group, members, [])}
        parts = self._parts(members)
        found = {name: self._module(name, inner, []) for name, inner in parts if inner}
        return {**found, self._group: self._module(self._group, [], list(found))}

    def _parts(self, members: Sequence[Named]) -> list[tuple[str, list[Named]]]:
        parts: list[tuple[str, list[Named]]] = []
        for kind in _KINDS:
            room, number = 0, 0
            for one in members:
                if _kind(one) != kind:
                    continue
                length = self._length([one])
                if number == 0 or room + length > LONGEST:
                    room, number = 0, number + 1
                    name = "_".join([self._group, kind or "parts", *([str(number)] * (number > 1))])
                    parts.append((name, []))
                room += length
                parts[-1][1].append(one)
        return parts

    def _length(self, members: Sequence[Named]) -> int:
        methods = Methods(self._document, self._common)
        lines = [line for one in members for line in methods.method(one).splitlines()]
        return sum(1 + len(line) // _FORMATTED_LINE for line in lines)

    def _module(self, name: str, members: Sequence[Named], bases: Sequence[str]) -> str:
        methods = Methods(self._document, self._common)
        texts = [methods.method(one) for one in members]
        parents = [(f"{PACKAGE}.{base}", class_name(base)) for base in bases] or [_GROUP]
        about = f"What can be done with {self._group.replace('_', ' ')}."
        above = ", ".join(parent for _, parent in parents)
        head = f'"""{about}\n\n{HEADER}\n"""\n\n{imports([*methods.imports, *parents])}'
        opening = f"class {class_name(name)}({above}):\n{docstring(about, 1)}"
        return "\n\n\n".join([head, "\n\n".join([opening, *texts])]) + "\n"


def _kind(one: Named) -> str:
    if one.is_action:
        return "many" if one.method.endswith("_many") else "actions"
    return ""


def _index(groups: dict[str, list[Named]]) -> str:
    found = [(f"{PACKAGE}.{group}", class_name(group)) for group in sorted(groups)]
    found.append(("flowyard.client.aio.connection", "AsyncConnection"))
    lines = []
    for group, members in sorted(groups.items()):
        names = ", ".join(f"``{one.method}``" for one in members)
        lines.append(f"    {group}: {class_name(group)}\n{docstring(names, 1)}")
    made = "\n".join(f"        self.{group} = {class_name(group)}(connection)" for group in groups)
    about = "Every operation of the API, in groups."
    return (
        f'"""{about}\n\n{HEADER}\n"""\n\n{imports(found)}\n\n\nclass Operations:\n'
        f"{docstring(about, 1)}\n\n" + "\n".join(lines) + "\n\n"
        f"    def __init__(self, connection: AsyncConnection) -> None:\n{made}\n"
    )
