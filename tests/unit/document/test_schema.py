"""The published JSON Schema says what the reader takes."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from flowyard.document import DOCUMENT_SCHEMA, DocumentError, read_document
from flowyard.document.source import read_source
from tests.unit.document.documents import RELEASE
from tests.unit.document.mistakes import BAD_DOCUMENTS


def plain(text: str) -> Any:
    """Return what a document was written as, read by the reader's own rules."""
    return read_source(text).value


def conforms(value: Any) -> bool:
    return Draft202012Validator(DOCUMENT_SCHEMA).is_valid(value)


def test_it_is_a_json_schema() -> None:
    Draft202012Validator.check_schema(DOCUMENT_SCHEMA)
    assert json.loads(json.dumps(DOCUMENT_SCHEMA)) == DOCUMENT_SCHEMA


def test_a_document_conforms_as_it_was_written_and_as_it_is_kept() -> None:
    assert conforms(plain(RELEASE))
    assert conforms(read_document(RELEASE).canonical())


NOT_IN_THE_SCHEMA = {
    "a key that is there twice",
    "a reserved key",
    "an id that is there twice",
    "an id that is implied",
    "an unknown next node",
    "start as the next node",
    "an unknown target of a branch",
    "an unknown parallel target",
    "two defaults",
    "an expression that does not parse",
    "an expression without an end",
    "an expression in a block",
    "a condition that does not parse",
    "a condition with braces that does not parse",
    "a condition with braces that mean themselves",
    "a bad computed value",
    "a bad output",
    "a default of the wrong type",
    "a default that is no choice",
    "a bad regular expression",
    "a keyword as a name",
    "a reserved name",
    "one name for two variables",
}
"""Mistakes that a schema cannot see, or only at the price of being hard to read."""


@pytest.mark.parametrize("name", sorted(BAD_DOCUMENTS.keys() - NOT_IN_THE_SCHEMA))
def test_what_the_reader_refuses_does_not_conform(name: str) -> None:
    text, _ = BAD_DOCUMENTS[name]

    assert not conforms(plain(text))


@pytest.mark.parametrize(
    "place",
    [
        (),
        ("inputs", "version"),
        *(("nodes", index) for index in range(7)),
        ("nodes", 1, "exclusive", 0),
        ("nodes", 2, "parallel", 1),
    ],
)
def test_unknown_keys_are_refused_by_schema_and_reader(place: tuple[str | int, ...]) -> None:
    document = plain(RELEASE)
    target = document
    for step in place:
        target = target[step]
    target["unknown"] = 1

    assert not conforms(document)
    with pytest.raises(DocumentError) as caught:
        read_document(json.dumps(document))
    assert [problem.code for problem in caught.value.problems] == ["unknown_key"]
