"""Writes the method of one operation, for the client that awaits."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from runpy import run_path

from tools.client.annotations import Annotations, model_name
from tools.client.document import KEY_HEADER, Document, Operation, Schema, ref_name
from tools.client.naming import Named, python_name
from tools.client.writing import docstring, indented, paragraphs

_KEY_TEXT = (
    "Names this write: repeated under the same key within 24 h, it is done once. Made up for each"
    " call, unless it is given."
)
_DEPRECATED = "The operation is deprecated: its description says until when it is there"
_PLACE = re.compile(r"\{(\w+)\}")
_REFUSAL = re.compile(r"`(?P<code>\w+)`: ")
_COMMON = 0.5
"""What more than this share of operations may refuse goes without saying at each of them."""

_CALLS = "flowyard.client.call"
_ERRORS = Path(__file__).parents[2] / "libs/common/src/flowyard/client/errors.py"
# By its path: the package imports what is made here, which may be missing or broken.
_error_class = run_path(str(_ERRORS))["error_class"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One argument of a method."""

    name: str
    """As Python writes it."""
    wire: str
    """As the API writes it."""
    place: str
    """``path``, ``query``, ``header`` or ``body``."""
    annotation: str
    is_required: bool
    text: str

    @property
    def declared(self) -> str:
        """Return it as it stands in the signature."""
        return f"{self.name}: {self.annotation}{'' if self.is_required else ' = None'}"


def common_codes(operations: Sequence[Named]) -> frozenset[str]:
    """Return what most operations may refuse."""
    counts = Counter(
        code
        for one in operations
        for _, text in one.operation.refusals
        for code in _REFUSAL.findall(text)
    )
    return frozenset(code for code, n in counts.items() if n > _COMMON * len(operations))


class Methods:
    """Writes methods, and gathers what they import.

    Parameters
    ----------
    document
        What the operations' schemas refer to.
    common
        Codes of problems that are not told at each operation.
    """

    def __init__(self, document: Document, common: frozenset[str]) -> None:
        self._document = document
        self._common = common
        self._annotations = Annotations(document, is_given=True)

    @property
    def imports(self) -> set[tuple[str, str]]:
        """Return what the methods so far need."""
        return self._annotations.imports

    def method(self, named: Named) -> str:
        """Return the text of a method, indented for its class."""
        operation = named.operation
        arguments = list(self._arguments(named))
        kind, answered = self._kinds(operation)
        signature = self._signature(named, arguments, answered)
        call = self._call(named, arguments)
        match kind:
            case "pages":
                item = self._document.item_of_page(operation.answer)
                assert item is not None  # noqa: S101  # that is what makes it pages
                of = self._class(item)
                body = f"return AsyncPages(self._connection, {call}, {of})"
            case "stream":
                body = f"return self._connection.stream({call})"
            case "nothing":
                body = f"await self._connection.send({call})"
            case _:
                body = f"return await self._connection.fetch({call}, {answered})"
        text = f"{signature}\n{self._about(operation, arguments)}\n    {body}"
        if operation.is_deprecated:
            # That it is called is told by the answer: then also where this file is older.
            mark = self._annotations.need("typing_extensions", "deprecated")
            text = f'@{mark}("{_DEPRECATED}", category=None)\n{text}'
        return indented(text, 1)

    def _kinds(self, operation: Operation) -> tuple[str, str]:
        """Return what comes back in a word, and its type."""
        need = self._annotations.need
        if operation.is_stream:
            manager = need("contextlib", "AbstractAsyncContextManager")
            iterator = need("collections.abc", "AsyncIterator")
            event = need("flowyard.client.events", "ServerEvent")
            return "stream", f"{manager}[{iterator}[{event}]]"
        if operation.answer is None:
            return "nothing", "None"
        item = self._document.item_of_page(operation.answer)
        if item is None:
            return "answer", self._class(operation.answer)
        pages = need("flowyard.client.aio.pages", "AsyncPages")
        return "pages", f"{pages}[{self._class(item)}]"

    def _class(self, schema: Schema) -> str:
        name = ref_name(schema)
        if name is None or self._document.is_page(name):
            raise ValueError(f"Expected an answer that has a name, but got {schema}")
        return self._annotations.need("flowyard.client.models", model_name(name))

    def _signature(self, named: Named, arguments: Sequence[Argument], answered: str) -> str:
        word = "async def" if answered.partition("[")[0] not in {"AsyncPages", _MANAGER} else "def"
        at_places = [one.declared for one in arguments if one.place == "path"]
        rest = sorted(
            (one for one in arguments if one.place != "path"), key=lambda one: not one.is_required
        )
        by_name = [one.declared for one in rest]
        # A document is what the call is about: it needs no name.
        if by_name and rest[0].place == "document":
            at_places.append(by_name.pop(0))
        if named.operation.is_keyed:
            by_name.append("idempotency_key: str | None = None")
        star = ["*"] if by_name else []
        declared = ", ".join(["self", *at_places, *star, *by_name])
        return f"{word} {named.method}({declared}) -> {answered}:"

    def _arguments(self, named: Named) -> Iterator[Argument]:
        operation, taken = named.operation, set[str]()
        in_path = _PLACE.findall(operation.path)
        ordered = sorted(
            operation.parameters,
            key=lambda one: in_path.index(one.name) if one.place == "path" else len(in_path),
        )
        for one in ordered:
            if one.name.lower() == KEY_HEADER or (one.name == "action" and named.action):
                continue
            yield self._argument(
                one.name, one.place, one.schema, one.text, taken, is_required=one.is_required
            )
        yield from self._body_arguments(operation, taken)

    def _body_arguments(self, operation: Operation, taken: set[str]) -> Iterator[Argument]:
        body = operation.body
        if body is None:
            return
        if body.is_document:
            kind = f"str | {self._annotations.need('collections.abc', 'Mapping')}[str, "
            kind += f"{self._annotations.need('flowyard.client.model', 'Json')}]"
            yield Argument(
                name="document",
                wire="document",
                place="document",
                annotation=kind,
                is_required=True,
                text="Its text, as YAML or JSON, or what that says.",
            )
        elif body.schema is None:
            yield self._argument("body", "json", {}, "Any JSON.", taken, is_required=False)
        else:
            required = body.schema.get("required", ())
            for name, schema in body.schema.get("properties", {}).items():
                text = schema.get("description", "")
                is_required = name in required
                yield self._argument(name, "body", schema, text, taken, is_required=is_required)

    def _argument(
        self,
        name: str,
        place: str,
        schema: Schema,
        text: str,
        taken: set[str],
        *,
        is_required: bool,
    ) -> Argument:
        python = python_name(name)
        if python in taken:
            python = f"{place}_{python}"
        taken.add(python)
        of = self._annotations.of if is_required else self._annotations.optional
        return Argument(
            name=python,
            wire=name,
            place=place,
            annotation=of(schema),
            is_required=is_required,
            text=text,
        )

    def _call(self, named: Named, arguments: Sequence[Argument]) -> str:
        operation = named.operation
        need = self._annotations.need
        parts = [f'"{operation.method.upper()}"', self._path(named, arguments)]
        for place, keyword in (("query", "query"), ("header", "headers")):
            pairs = [f'"{one.wire}": {one.name}' for one in arguments if one.place == place]
            if pairs:
                parts.append(f"{keyword}={{{', '.join(pairs)}}}")
        parts += self._content(arguments)
        if operation.is_keyed:
            parts.append("key=idempotency_key")
            parts.append("is_keyed=True")
        return f"{need(_CALLS, 'Call')}({', '.join(parts)})"

    def _path(self, named: Named, arguments: Sequence[Argument]) -> str:
        names = {one.wire: one.name for one in arguments if one.place == "path"}
        path = named.operation.path
        if named.action is not None:
            path = path.replace("{action}", named.action)
        if not _PLACE.search(path):
            return f'"{path}"'
        self._annotations.need(_CALLS, "segment")
        return 'f"' + _PLACE.sub(lambda found: f"{{segment({names[found[1]]})}}", path) + '"'

    def _content(self, arguments: Sequence[Argument]) -> Iterator[str]:
        if any(one.place == "document" for one in arguments):
            yield "document=document"
        if any(one.place == "json" for one in arguments):
            nothing = self._annotations.need(_CALLS, "NOTHING")
            yield f"body={nothing} if body is None else body"
        inner = [one for one in arguments if one.place == "body"]
        if inner:
            sent = [f'"{one.wire}": {one.name}' for one in inner if one.is_required]
            maybe = [f'"{one.wire}": {one.name}' for one in inner if not one.is_required]
            if maybe:
                given = self._annotations.need(_CALLS, "given")
                inside = f"{given}({{{', '.join(maybe)}}})"
                yield f"body={{{', '.join([*sent, f'**{inside}'])}}}" if sent else f"body={inside}"
            else:
                yield f"body={{{', '.join(sent)}}}"

    def _about(self, operation: Operation, arguments: Sequence[Argument]) -> str:
        parts = [f"{operation.summary or operation.name}.", operation.text]
        told = [(one.name, one.text) for one in arguments if one.text]
        if operation.is_keyed:
            told.append(("idempotency_key", _KEY_TEXT))
        text = docstring("\n\n".join(one for one in parts if one), 2)
        sections = [_section("Parameters", told)] if told else []
        refused = list(self._refused(operation))
        sections += [_section("Raises", refused)] if refused else []
        if not sections:
            return indented(text.strip(), 1)
        opened = text.strip().removesuffix('"""').rstrip()
        lines = "\n".join(line.removeprefix("        ") for line in opened.splitlines())
        return indented("\n\n".join([lines, *sections]) + '\n"""', 1)

    def _refused(self, operation: Operation) -> Iterable[tuple[str, str]]:
        by_class: dict[str, list[str]] = {}
        for status, text in operation.refusals:
            kept = [
                one
                for one in text.split("; `")
                if (found := _REFUSAL.match("`" + one.lstrip("`")))
                and found["code"] not in self._common
            ]
            if kept:
                name = _error_class(status).__name__
                by_class.setdefault(name, []).extend("`" + one.lstrip("`") for one in kept)
        return [(name, "; ".join(texts) + ".") for name, texts in sorted(by_class.items())]


_MANAGER = "AbstractAsyncContextManager"


def _section(title: str, entries: Iterable[tuple[str, str]]) -> str:
    lines = [title, "-" * len(title)]
    for name, text in entries:
        lines += [name, indented(paragraphs(text, 3), 1)]
    return "\n".join(lines)
