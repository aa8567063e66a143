"""Writes the models: a class per schema that answers or arguments are made of."""

import keyword
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from tools.client.annotations import ANY_JSON, MODELS, Annotations, literal, model_name
from tools.client.document import Document, Operation, Schema, ref_name
from tools.client.naming import Named
from tools.client.writing import HEADER, docstring, imports

LONGEST = 360
"""Lines of a module, with some room for how they are formatted."""

SHARED = "shared"
"""Module of what more than one group needs."""

_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")


def references(schema: Any) -> Iterator[str]:
    """Yield the names of all schemas that one mentions."""
    if isinstance(schema, Mapping):
        name = ref_name(schema)
        if name is not None:
            yield name
        for value in schema.values():
            yield from references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from references(value)


class Models:
    """All models, and the modules that they stand in.

    Parameters
    ----------
    document, operations
        What is to be said.
    """

    def __init__(self, document: Document, operations: Sequence[Named]) -> None:
        self._document = document
        self._answered = self._reached(
            schema
            for one in operations
            for schema in [one.operation.answer, *_streamed(document, one.operation)]
            if schema is not None
        )
        self._texts: dict[str, tuple[str, set[tuple[str, str]]]] = {}
        groups = self._groups(operations)
        self.places: dict[str, str] = {}
        for module, names in sorted(groups.items()):
            self._place(module, self._in_order(names))

    def modules(self) -> dict[str, str]:
        """Return the text of every module, keyed by its name."""
        found = {module: self._module(module) for module in sorted(set(self.places.values()))}
        return {**found, "__init__": self._index()}

    def _reached(self, schemas: Iterable[Schema]) -> set[str]:
        """Return the names of all schemas that are needed for some, and made into classes."""
        found: set[str] = set()
        waiting = [name for schema in schemas for name in references(schema)]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting.extend(references(self._document.schemas[name]))
        return {one for one in found if one != ANY_JSON and not self._document.is_page(one)}

    def _groups(self, operations: Sequence[Named]) -> dict[str, set[str]]:
        needed: dict[str, set[str]] = {}
        for one in operations:
            for name in self._reached(_schemas_of(self._document, one.operation)):
                needed.setdefault(name, set()).add(one.group)
        groups: dict[str, set[str]] = {}
        for name, users in needed.items():
            module = min(users) if len(users) == 1 else SHARED
            groups.setdefault(module, set()).add(name)
        return groups

    def _in_order(self, names: set[str]) -> list[str]:
        """Return names with each behind what it is made of."""
        found: list[str] = []

        def visit(name: str, above: frozenset[str]) -> None:
            if name in found or name not in names or name in above:
                return
            for part in sorted(set(references(self._document.schemas[name]))):
                visit(part, above | {name})
            found.append(name)

        for name in sorted(names):
            visit(name, frozenset())
        return found

    def _place(self, module: str, names: Sequence[str]) -> None:
        """Give each class a module; a long list fills several, the parts before the wholes."""
        length, number = 0, 1
        for place, name in enumerate(names):
            lines = self._text(name, frozenset(names[place:]))[0].count("\n") + 4
            if length and length + lines > LONGEST:
                length, number = 0, number + 1
            length += lines
            self.places[name] = module if number == 1 else f"{module}_{number}"

    def _place_of(self, name: str) -> str:
        return f"{MODELS}.{self.places[name]}"

    def _module(self, module: str) -> str:
        names = [name for name, place in self.places.items() if place == module]
        needed: set[tuple[str, str]] = set()
        texts: list[str] = []
        for name in names:
            text, found = self._text(name)
            texts.append(text)
            needed |= found
        resolved = {
            (self._place_of(name) if place == MODELS else place, cls)
            for place, cls in needed
            for name in [self._schema_of(cls) if place == MODELS else cls]
        }
        words = module.replace("_", " ")
        title = f"Models of {words}." if module != SHARED else "Models that many have in common."
        head = f'"""{title}\n\n{HEADER}\n"""\n\n{imports(resolved, own=f"{MODELS}.{module}")}'
        return "\n\n\n".join([head, *texts]) + "\n"

    def _schema_of(self, cls: str) -> str:
        return next(name for name in self.places if model_name(name) == cls)

    def _index(self) -> str:
        found = {(self._place_of(name), model_name(name)) for name in self.places}
        found.add(("flowyard.client.model", "Page"))
        names = sorted(name for _, name in found)
        listed = "\n".join(f'    "{name}",' for name in names)
        text = f'"""What the API answers, and what is given to it.\n\n{HEADER}\n"""'
        return f"{text}\n\n{imports(found)}\n\n__all__ = [\n{listed}\n]\n"

    def _text(
        self, name: str, later: frozenset[str] = frozenset()
    ) -> tuple[str, set[tuple[str, str]]]:
        """Return the text of one class, and what it imports.

        Parameters
        ----------
        later
            Names of classes of the same module that are not there before it.
        """
        if name not in self._texts:
            schema = self._document.schemas[name]
            annotations = Annotations(self._document, is_given=False, later=later)
            if "enum" in schema:
                annotations.need("typing", "Literal")
                text = f"{model_name(name)} = {literal(schema['enum'])}"
                about = docstring(schema.get("description", ""), 0)
                text = f"{text}\n{about}".rstrip()
            else:
                text = self._class(name, schema, annotations)
            self._texts[name] = (text, annotations.imports)
        return self._texts[name]

    def _class(self, name: str, schema: Schema, annotations: Annotations) -> str:
        kind = "Answer" if name in self._answered else "Argument"
        annotations.need("flowyard.client.model", kind)
        about = schema.get("description") or f"{model_name(name)}."
        lines = [f"class {model_name(name)}({kind}):", docstring(about, 1), ""]
        required = set(schema.get("required", ()))
        for field, inner in schema.get("properties", {}).items():
            lines.append(_field(field, inner, annotations, is_required=field in required))
            lines += [docstring(inner["description"], 1)] if inner.get("description") else []
        return "\n".join(lines).rstrip()


def _streamed(document: Document, operation: Operation) -> list[Schema]:
    """Return the schemas of views that streams send, as far as the document names them."""
    return [
        {"$ref": f"#/components/schemas/{name}"}
        for name in ("InstanceView",)
        if operation.is_stream and name in document.schemas
    ]


def _schemas_of(document: Document, operation: Operation) -> list[Schema]:
    """Return what an operation is said with: the parts of a body, for it is given in parts."""
    found = [one.schema for one in operation.parameters]
    if operation.answer is not None:
        found.append(document.item_of_page(operation.answer) or operation.answer)
    if operation.body is not None and operation.body.schema is not None:
        found.extend(operation.body.schema.get("properties", {}).values())
    return found


def _field(name: str, schema: Schema, annotations: Annotations, *, is_required: bool) -> str:
    python = name if _is_usable(name) else f"{name}_"
    alias = "" if python == name else f'alias="{name}"'
    if is_required:
        kind = annotations.of(schema)
        default = f" = {annotations.need('pydantic', 'Field')}({alias})" if alias else ""
        return f"    {python}: {kind}{default}"
    kind, value = _default(schema, annotations)
    if alias or value.startswith("default_factory"):
        value = value if value.startswith("default_factory") else f"default={value}"
        both = ", ".join(one for one in (value, alias) if one)
        value = f"{annotations.need('pydantic', 'Field')}({both})"
    return f"    {python}: {kind} = {value}"


def _is_usable(name: str) -> bool:
    is_name = _IDENTIFIER.fullmatch(name) is not None and not keyword.iskeyword(name)
    return is_name and not hasattr(BaseModel, name)


def _default(schema: Schema, annotations: Annotations) -> tuple[str, str]:
    """Return annotation and default of a field that may be missing."""
    default = schema.get("default")
    if default in ([], {}):
        return annotations.of(schema), f"default_factory={type(default).__name__}"
    if isinstance(default, (str, bool, int, float)):
        return annotations.of(schema), repr(default).replace("'", '"')
    return annotations.optional(schema), "None"
