"""Documents survive every form that they take."""

import json

from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator

from flowyard.document import (
    DOCUMENT_SCHEMA,
    Document,
    compile_document,
    read_document,
    to_yaml,
)
from flowyard.document.compiler import _build
from flowyard.engine.graph import JsonValue
from flowyard.engine.validation import check_structure
from tests.unit.document.random_documents import documents

many = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@many
@given(documents())
def test_a_document_survives_json_and_yaml(document: Document) -> None:
    canonical = document.canonical()

    assert read_document(json.dumps(canonical)) == document
    assert read_document(to_yaml(canonical)) == document
    assert read_document(to_yaml(canonical)).canonical() == canonical


@many
@given(documents())
def test_what_is_written_by_rule_compiles_to_a_sound_graph(document: Document) -> None:
    graph, splits = _build(document)
    again, _ = _build(read_document(to_yaml(document.canonical())))

    assert check_structure(graph) == ()
    assert graph == again
    assert all(graph.nodes[split].converge_id == name for name, split in splits.items())
    assert {node.node_id for node in document.nodes} <= graph.nodes.keys()


@many
@given(documents())
def test_canonical_documents_conform_to_the_schema(document: Document) -> None:
    errors = list(Draft202012Validator(DOCUMENT_SCHEMA).iter_errors(document.canonical()))

    assert errors == []


def test_what_has_its_default_value_is_left_out() -> None:
    written = {
        "flowyard": 1,
        "key": "k",
        "title": "",
        "inputs": {"a": "string", "b": {"type": "string", "required": False}},
        "nodes": [
            {"id": "a", "plugin": "noop@1.0", "queue": "default", "timeout": "60s", "next": "b"},
            {
                "id": "b",
                "exclusive": [{"when": "${true}", "default": False, "next": "end"}],
                "loop_limit": 1000,
            },
        ],
        "outputs": {},
    }

    assert read_document(json.dumps(written)).canonical() == {
        "flowyard": 1,
        "key": "k",
        "inputs": {"a": {"type": "string"}, "b": {"type": "string", "required": False}},
        "nodes": [
            {"id": "a", "plugin": "noop@1.0"},
            {"id": "b", "exclusive": [{"when": "true", "next": "end"}]},
        ],
    }


WRITTEN = """\
flowyard: 1
key: k
description: |
  Two
  lines
nodes:
  - id: a
    plugin: noop@1.0
    inputs:
      x: 'on'
      y:
        - 1
        - z: null
  - id: fan
    parallel:
      - b
      - next: c
        name: second
  - id: b
    plugin: noop@1.0
    next: end
  - id: c
    plugin: noop@1.0
    export:
      v: w
    timeout: 300
"""


def test_yaml_is_written_as_people_write_it() -> None:
    document = read_document(
        json.dumps(
            {
                "flowyard": 1,
                "key": "k",
                "description": "Two\nlines\n",
                "nodes": [
                    {"id": "a", "plugin": "noop@1.0", "inputs": {"x": "on", "y": [1, {"z": None}]}},
                    {"id": "fan", "parallel": ["b", {"next": "c", "name": "second"}]},
                    {"id": "b", "plugin": "noop@1.0", "next": "end"},
                    {"id": "c", "plugin": "noop@1.0", "export": {"v": "w"}, "timeout": "5m"},
                ],
            }
        )
    )

    assert to_yaml(document.canonical()) == WRITTEN


def test_one_value_in_two_places_is_written_twice() -> None:
    shared: JsonValue = {"a": [1]}

    assert "&" not in to_yaml({"x": shared, "y": shared})


def test_long_texts_stay_on_one_line() -> None:
    text = "word " * 100

    assert to_yaml({"x": text.strip()}).count("\n") == 1


def test_a_compiled_document_does_not_depend_on_how_it_was_written() -> None:
    short = read_document(
        "{flowyard: 1, key: k, nodes: [{id: a, plugin: noop@1.0}, {id: b, plugin: noop@1.0}]}"
    )
    long = read_document(
        '{"nodes": [{"plugin": "noop@1.0", "id": "a", "next": "b", "timeout": 60},'
        ' {"id": "b", "plugin": "noop@1.0", "next": "end"}], "key": "k", "flowyard": 1}'
    )

    assert short == long
    assert short.canonical() == long.canonical()
    assert compile_document(short, plugins=None) == compile_document(long, plugins=None)
