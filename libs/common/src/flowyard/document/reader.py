"""Reading a whole document."""

import keyword
import re
from collections.abc import Iterable, Mapping

from flowyard.document.model import FORMAT_VERSION, Document
from flowyard.document.nodes import TEMPLATE_KEY, VARIABLE_NAME, NodesReader, expressions
from flowyard.document.part import Part, Report, suggest
from flowyard.document.problems import DocumentError, Problem
from flowyard.document.source import Source, read_source
from flowyard.engine.binding import bind_inputs
from flowyard.engine.graph import InputSpec, JsonValue, VariableType
from flowyard.engine.scope import SYSTEM_NAMES

DOCUMENT_KEYS = (
    *("flowyard", "key", "title", "description", "inputs", "constants", "computed", "nodes"),
    "outputs",
)
"""The keys of a document, in the order in which they are written."""

INPUT_KEYS = (
    *("type", "required", "default", "description", "choices", "pattern", "minimum", "maximum"),
)
"""The keys of an input, in the order in which they are written."""

RESERVED_NAMES = frozenset({*SYSTEM_NAMES, "true", "false", "null"})
"""Names that variables may not have."""


def read_document(text: str) -> Document:
    """Read a document from YAML or JSON.

    Parameters
    ----------
    text
        At most 1 MiB.

    Raises
    ------
    DocumentError
        Raised with everything that is wrong in the text itself. Whether the graph is
        sound is found when it is compiled.
    """
    document, problems = try_read(text)
    if document is None or problems:
        raise DocumentError(problems)
    return document


def try_read(text: str) -> tuple[Document | None, tuple[Problem, ...]]:
    """Return what can be read of a document, and what is wrong with it.

    The document is None where not even a mapping of nodes can be made out.
    """
    try:
        source = read_source(text)
    except DocumentError as error:
        return None, error.problems
    report = Report(source.places, list(source.problems))
    document = _document(Part(source.value, (), report), source)
    return document, tuple(report.problems)


def _document(part: Part, source: Source) -> Document | None:
    if not isinstance(part.value, dict):
        part.wrong("wrong_type", "Expected a document with the keys flowyard, key and nodes")
        return None
    fields = part.fields(DOCUMENT_KEYS, "a document")
    for key in ("flowyard", "key", "nodes"):
        if key not in fields:
            part.missing_key(key, "a document")
    if "flowyard" in fields and fields["flowyard"].value != FORMAT_VERSION:
        fields["flowyard"].wrong(
            "unsupported_format", f"Expected format {FORMAT_VERSION}, but it is another one"
        )
    document = Document(
        key=fields["key"].word(TEMPLATE_KEY, "a key of letters, digits, _ and -")
        if "key" in fields
        else "",
        title=fields["title"].text("a title") if "title" in fields else "",
        description=fields["description"].text("a description") if "description" in fields else "",
        inputs=_inputs(fields.get("inputs")),
        constants=dict(fields["constants"].values()) if "constants" in fields else {},
        computed=expressions(fields["computed"]) if "computed" in fields else {},
        nodes=NodesReader().read(fields["nodes"]) if "nodes" in fields else (),
        outputs=expressions(fields["outputs"]) if "outputs" in fields else {},
        places=source.places,
    )
    _check_names(fields)
    return document


def _check_names(fields: Mapping[str, Part]) -> None:
    """Check the names of variables: expressions have to be able to read them."""
    seen: dict[str, str] = {}
    for key in ("inputs", "constants", "computed"):
        values = fields[key].value if key in fields else None
        for name in values if isinstance(values, dict) else ():
            part = fields[key].child(name, None)
            if not VARIABLE_NAME.fullmatch(name) or keyword.iskeyword(name):
                part.wrong_key(
                    "invalid_value", f"Expected the name of a variable, but {name} is none"
                )
            elif name in RESERVED_NAMES:
                part.wrong_key(
                    "reserved_name", f"Expected a name of your own, but {name} has a meaning"
                )
            elif name in seen:
                part.wrong_key(
                    "duplicate_variable",
                    f"Expected names that differ, but {name} is in {seen[name]} too",
                )
            seen.setdefault(name, key)


def _inputs(part: Part | None) -> tuple[InputSpec, ...]:
    if part is None:
        return ()
    return tuple(_input(name, item) for name, item in part.entries("a mapping of inputs").items())


def _input(name: str, part: Part) -> InputSpec:
    if isinstance(part.value, str):
        return InputSpec(name=name, type=_type(part))
    fields = part.fields(INPUT_KEYS, "an input")
    default = fields["default"].value if "default" in fields else None
    spec = InputSpec(
        name=name,
        type=_type(fields["type"]) if "type" in fields else VariableType.STRING,
        is_required=fields["required"].flag() if "required" in fields else "default" not in fields,
        default=default,
        description=fields["description"].text() if "description" in fields else "",
        choices=_choices(fields.get("choices")),
        pattern=_pattern(fields.get("pattern")),
        minimum=fields["minimum"].number("a number") if "minimum" in fields else None,
        maximum=fields["maximum"].number("a number") if "maximum" in fields else None,
    )
    if default is not None:
        for problem in bind_inputs((spec,), {name: default}).problems:
            fields["default"].wrong("invalid_default", problem.message)
    return spec


def _type(part: Part) -> VariableType:
    known = [kind.value for kind in VariableType]
    text = part.text("a type")
    if text in known:
        return VariableType(text)
    if isinstance(part.value, str):
        part.wrong("invalid_value", f"Expected a type, but {text} is none{suggest(text, known)}")
    return VariableType.JSON


def _choices(part: Part | None) -> tuple[JsonValue, ...]:
    items: Iterable[Part] = part.items("a list of allowed values") if part else ()
    return tuple(item.value for item in items)


def _pattern(part: Part | None) -> str | None:
    if part is None:
        return None
    text = part.text("a regular expression")
    try:
        re.compile(text)
    except re.error as error:
        part.wrong("invalid_value", f"Expected a regular expression, but {error.msg}")
        return None
    return text
