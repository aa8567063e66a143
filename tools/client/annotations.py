"""Turns JSON schemas into annotations, and remembers what these import."""

from collections.abc import Mapping
from typing import Any

from tools.client.document import Document, Schema, ref_name
from tools.client.naming import class_name

MODELS = "flowyard.client.models"
"""Where all models can be imported from."""

_SHAPES = frozenset({"$ref", "allOf", "anyOf", "const", "enum", "oneOf", "type"})
"""What says of which kind a value is; what says none of it is a further rule for the same kind."""

_PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_ANSWERED = {"uuid": ("uuid", "UUID"), "date-time": ("pydantic", "AwareDatetime")}
_GIVEN = {"uuid": ("uuid", "UUID"), "date-time": ("datetime", "datetime")}
ANY_JSON = "JsonValue"
"""The schema that allows everything, where it has a name."""


def model_name(name: str) -> str:
    """Return the class that a schema becomes."""
    return class_name(name)


def literal(values: Any) -> str:
    """Return the type of one of several constants."""
    return f"Literal[{', '.join(_constant(one) for one in values)}]"


def _constant(value: Any) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return repr(value)


class Annotations:
    """The annotations of one module.

    Parameters
    ----------
    document
        What the schemas' references lead to.
    is_given
        Whether they are of arguments: callers may give more kinds of values than
        they get back.
    later
        Schemas whose classes come further down in the same module.
    """

    def __init__(
        self,
        document: Document,
        *,
        is_given: bool,
        later: frozenset[str] = frozenset(),
    ) -> None:
        self._document = document
        self._is_given = is_given
        self._later = later
        self.imports: set[tuple[str, str]] = set()

    def need(self, module: str, name: str) -> str:
        """Return a name, which has to be imported."""
        self.imports.add((module, name))
        return name

    def of(self, schema: Schema) -> str:
        """Return the annotation of a value."""
        parts = list(dict.fromkeys(self._parts(schema)))
        if "None" in parts:
            parts.remove("None")
            parts.append("None")
        return " | ".join(parts)

    def optional(self, schema: Schema) -> str:
        """Return the annotation of a value that may be None besides."""
        found = self.of(schema)
        return found if self.takes_none(schema) else f"{found} | None"

    def takes_none(self, schema: Schema) -> bool:
        """Tell whether None is among the values."""
        parts = self.of(schema).split(" | ")
        return "None" in parts or self._word_for_any in parts

    def _parts(self, schema: Schema) -> list[str]:
        name = ref_name(schema)
        if name is not None:
            return [self._named(name)]
        for key in ("anyOf", "oneOf", "allOf"):
            if any(_SHAPES & one.keys() for one in schema.get(key, ())):
                return [part for one in schema[key] for part in self._parts(one)]
        if "const" in schema:
            return [self._literal([schema["const"]])]
        if "enum" in schema:
            return [self._literal(schema["enum"])]
        kind = schema.get("type")
        if isinstance(kind, list):
            return [part for one in kind for part in self._parts({**schema, "type": one})]
        return self._typed(kind, schema)

    def _typed(self, kind: str | None, schema: Schema) -> list[str]:
        if kind == "array":
            return [f"{self._many()}[{self.of(schema.get('items', {}))}]"]
        if kind == "object":
            values = schema.get("additionalProperties")
            of = self.of(values) if isinstance(values, Mapping) else self._any()
            return [f"{self._named_many()}[str, {of}]"]
        if kind is None:
            return [self._any()]
        formats = _GIVEN if self._is_given else _ANSWERED
        if kind == "string" and schema.get("format") in formats:
            found = [self.need(*formats[schema["format"]])]
            return [*found, "str"] if found == ["UUID"] and self._is_given else found
        return [_PLAIN[kind]]

    def _named(self, name: str) -> str:
        schema = self._document.schemas[name]
        if name == ANY_JSON or not schema.keys() - {"description", "title"}:
            return self._any()
        if name in self._later:
            return f'"{model_name(name)}"'
        found = self.need(MODELS, model_name(name))
        return found if self._is_given or "enum" not in schema else self._open(found)

    def _literal(self, values: Any) -> str:
        self.need("typing", "Literal")
        found = literal(values)
        return found if self._is_given else self._open(found)

    def _open(self, found: str) -> str:
        """Let constants through that a newer server may answer."""
        self.need("typing", "Annotated")
        return f"Annotated[{found}, {self.need('flowyard.client.model', 'OPEN')}]"

    @property
    def _word_for_any(self) -> str:
        return "Json" if self._is_given else "JsonValue"

    def _any(self) -> str:
        return self.need(
            "flowyard.client.model" if self._is_given else "pydantic", self._word_for_any
        )

    def _many(self) -> str:
        return self.need("collections.abc", "Sequence") if self._is_given else "list"

    def _named_many(self) -> str:
        return self.need("collections.abc", "Mapping") if self._is_given else "dict"
