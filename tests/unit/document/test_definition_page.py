"""The examples of docs/definition.md are true, and it names every key."""

import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from flowyard.document import DOCUMENT_SCHEMA, compile_document, read_document, to_yaml
from flowyard.document.inputs import INPUT_KEYS
from flowyard.document.nodes import NODE_KEYS
from flowyard.document.reader import DOCUMENT_KEYS
from flowyard.document.source import read_source
from tests.unit.document.option_mistakes import CONFLICTS

PAGE = (Path(__file__).parents[3] / "docs" / "definition.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
KEYS = sorted({*DOCUMENT_KEYS, *INPUT_KEYS}.union(*NODE_KEYS.values()))


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_compiles_conforms_and_survives(example: str) -> None:
    document = read_document(example)

    assert compile_document(document, plugins=None).nodes
    assert Draft202012Validator(DOCUMENT_SCHEMA).is_valid(read_source(example).value)
    assert read_document(to_yaml(document.canonical())) == document


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 4


@pytest.mark.parametrize(
    "key",
    sorted({*DOCUMENT_KEYS, *INPUT_KEYS, *(key for keys in NODE_KEYS.values() for key in keys)}),
)
def test_every_key_is_named(key: str) -> None:
    assert re.search(rf"`{key}[`:]", PAGE)


def test_the_converge_of_the_example_is_called_as_the_page_says() -> None:
    graph = compile_document(read_document(EXAMPLES[1]), plugins=None)

    assert graph.nodes["roll-out"].converge_id == "roll-out-converge"


@pytest.mark.parametrize("words", CONFLICTS)
def test_every_refused_combination_is_named(words: str) -> None:
    assert f"| {words} |" in PAGE
