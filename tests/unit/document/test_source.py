"""Reading text never harms the process, whatever the text is."""

import json
import re
import time

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest import MonkeyPatch  # noqa: PT013

from flowyard.document import check_document, compile_document, read_document
from flowyard.document import source as source_module
from flowyard.document.source import read_source
from tests.unit.document.documents import RELEASE
from tests.unit.document.mistakes import BAD_SYNTAX

many = settings(max_examples=300, deadline=None)

NOISE = st.text(st.sampled_from(list("abc 01:-{}[],&*!|>'\"#%@`\n\t\\?~.$\x00\x85\u2028\ud800")))


@many
@given(NOISE)
def test_noise_is_read_or_refused(text: str) -> None:
    problems = check_document(text, plugins=None)

    assert problems
    assert all(problem.line is not None for problem in problems)


@many
@given(st.integers(0, len(RELEASE)), NOISE, st.integers(0, 30))
def test_a_damaged_document_is_read_or_refused(place: int, noise: str, length: int) -> None:
    text = RELEASE[:place] + noise + RELEASE[place + length :]

    for problem in check_document(text, plugins=None):
        assert problem.line is not None
        assert problem.line <= len(re.findall("[\n\x85\u2028\u2029]", text)) + 2


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@many
@given(st.dictionaries(TEXT, JSON, max_size=4), st.sampled_from([None, 2, "\t"]), st.booleans())
def test_json_is_read_as_json(value: object, indent: int | str | None, is_ascii: bool) -> None:  # noqa: FBT001
    text = json.dumps(value, indent=indent, ensure_ascii=is_ascii)

    assert read_source(text).value == value


def test_the_parser_without_libyaml_finds_the_same(monkeypatch: MonkeyPatch) -> None:
    with_libyaml = read_document(RELEASE)

    monkeypatch.setattr(source_module, "_LOADER", yaml.SafeLoader)

    assert read_document(RELEASE) == with_libyaml
    assert read_document(RELEASE).places == with_libyaml.places
    for name, (text, (code, _, _)) in BAD_SYNTAX.items():
        if name != "much too deep":
            assert [one.code for one in check_document(text, plugins=None)] == [code], name


def test_a_document_of_a_thousand_nodes_is_read_and_compiled_in_less_than_a_second() -> None:
    node = (
        "  - {id: n%d, plugin: noop@1.0, inputs: {url: 'http://${host}/%d', body: {a: [1, x]}}}\n"
    )
    text = "flowyard: 1\nkey: k\ninputs: {host: string}\nnodes:\n"
    text += "".join(node % (index, index) for index in range(1000))

    begun = time.process_time()
    graph = compile_document(read_document(text), plugins=None)
    elapsed = time.process_time() - begun

    assert len(graph.nodes) == 1002
    assert elapsed < 1
