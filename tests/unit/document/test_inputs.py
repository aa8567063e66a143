"""What a document may ask for at its start, and what is said about mistakes in that."""

from textwrap import dedent

import pytest
from jsonschema import Draft202012Validator

from flowyard.document import DOCUMENT_SCHEMA, DocumentError, read_document, to_yaml
from flowyard.document.source import read_source
from flowyard.engine.graph import InputSpec, Option, VariableType
from tests.unit.document.documents import NODE_A, flow

ALL = """\
inputs:
  service: string
  notes: {type: text, label: Notes, placeholder: Why, group: More, max_length: 500}
  region: {type: select, options: [{value: eu, label: Europe}, us, 3, true], default: eu}
  zones: {type: multi_select, options: [a, b], default: [a], min_items: 1, max_items: 2}
  day: {type: date, default: "2026-01-31"}
  at: {type: datetime, default: "2026-01-31T08:00:00Z"}
  hour: {type: time, default: "08:00"}
  token: {type: password, default: {secret: DEPLOY_TOKEN}}
  hosts: {type: host_list, default: [web-1, 10.0.0.1]}
  approvers: {type: user_list, required: false}
  count: {type: integer, minimum: 1, maximum: 9}
  version: {pattern: 'v\\d+', pattern_message: v and a number, min_length: 2, required: false}
  rules:
    type: table
    min_items: 1
    columns:
      port: {type: integer, label: Port, minimum: 1}
      action: {type: select, options: [allow, deny], default: allow}
      note: string
    default:
      - {port: 80, note: web}
  fixed: {default: x, show: false}
  detail: {visible_when: "${region == 'eu' and count > 1}"}
"""


def document(inputs: str) -> str:
    return flow(NODE_A) + dedent(inputs)


def specs(inputs: str) -> dict[str, InputSpec]:
    return {spec.name: spec for spec in read_document(document(inputs)).inputs}


def mistakes(inputs: str) -> list[tuple[str, str]]:
    """Return code and last part of the path of each problem."""
    with pytest.raises(DocumentError) as caught:
        read_document(document(inputs))
    return [(one.code, str(one.path[-1])) for one in caught.value.problems]


def test_everything_that_an_input_may_be_is_read() -> None:
    found = specs(ALL)

    assert found["service"] == InputSpec(name="service")
    assert found["notes"] == InputSpec(
        name="notes",
        type=VariableType.TEXT,
        label="Notes",
        placeholder="Why",
        group="More",
        max_length=500,
    )
    assert found["region"].options == (
        Option(value="eu", label="Europe"),
        Option(value="us"),
        Option(value=3),
        Option(value=True),
    )
    assert [column.type for column in found["rules"].columns] == ["integer", "select", "string"]
    assert not found["fixed"].is_shown
    assert found["detail"].visible_when == "region == 'eu' and count > 1"
    assert found["version"].pattern_message == "v and a number"


def test_it_survives_its_canonical_form_and_conforms_to_the_schema() -> None:
    read = read_document(document(ALL))
    canonical = read.canonical()
    validator = Draft202012Validator(DOCUMENT_SCHEMA)

    assert read_document(to_yaml(canonical)) == read
    assert read_document(to_yaml(canonical)).canonical() == canonical
    assert list(validator.iter_errors(canonical)) == []
    assert list(validator.iter_errors(read_source(document(ALL)).value)) == []


def test_the_canonical_form_says_no_more_than_it_has_to() -> None:
    canonical = read_document(document(ALL)).canonical()["inputs"]

    assert isinstance(canonical, dict)
    assert canonical["service"] == {"type": "string"}
    assert canonical["region"] == {
        "type": "select",
        "default": "eu",
        "options": [{"value": "eu", "label": "Europe"}, "us", 3, True],
    }
    assert canonical["fixed"] == {"type": "string", "default": "x", "show": False}


SEEN_BY_THE_SCHEMA = [
    ("inputs: {x: select}", [("missing_key", "x")]),
    ("inputs: {x: {type: multi_select}}", [("missing_key", "x")]),
    ("inputs: {x: {type: select, options: []}}", [("invalid_value", "options")]),
    ("inputs: {x: {type: select, options: [[a]]}}", [("wrong_type", "0")]),
    ("inputs: {x: {type: select, options: [{label: A}]}}", [("missing_key", "0")]),
    ("inputs: {x: {type: select, options: [{value: a, name: A}]}}", [("unknown_key", "name")]),
    ("inputs: {x: {options: [a]}}", [("unexpected_key", "options")]),
    ("inputs: {x: table}", [("missing_key", "x")]),
    ("inputs: {x: {type: table, columns: {}}}", [("invalid_value", "columns")]),
    ("inputs: {x: {type: table, columns: {a: json}}}", [("invalid_value", "a")]),
    ("inputs: {x: {type: table, columns: {a: select}}}", [("missing_key", "a")]),
    ("inputs: {x: {type: table, columns: {a: {show: true}}}}", [("unknown_key", "show")]),
    ("inputs: {x: {type: table, columns: {a-b: string}}}", [("invalid_value", "a-b")]),
    ("inputs: {x: {type: list, columns: {a: string}}}", [("unexpected_key", "columns")]),
    ("inputs: {x: {min_length: -1}}", [("invalid_value", "min_length")]),
    ("inputs: {x: {max_length: long}}", [("wrong_type", "max_length")]),
    ("inputs: {x: {show: maybe}}", [("wrong_type", "show")]),
]
"""Mistakes that the JSON Schema tells too."""

BEYOND_THE_SCHEMA = [
    ("inputs: {x: {type: integer, min_length: 1}}", [("unexpected_key", "min_length")]),
    ("inputs: {x: {min_items: 1}}", [("unexpected_key", "min_items")]),
    (
        "inputs: {x: {type: select, options: [a], choices: [a]}}",
        [("unexpected_key", "choices")],
    ),
    ("inputs: {x: {min_length: 3, max_length: 2}}", [("invalid_value", "max_length")]),
    ("inputs: {x: {minimum: 3, maximum: 2, type: number}}", [("invalid_value", "maximum")]),
    ("inputs: {x: {type: list, min_items: 3, max_items: 2}}", [("invalid_value", "max_items")]),
    ("inputs: {x: {show: false}}", [("missing_key", "x")]),
    ("inputs: {x: {type: date, default: 31.1.2026}}", [("invalid_default", "default")]),
    ("inputs: {x: {type: password, default: hunter2}}", [("invalid_default", "default")]),
    (
        "inputs: {x: {type: table, columns: {a: integer}, default: [{a: 1}, {a: b}]}}",
        [("invalid_default", "default")],
    ),
    ("inputs: {x: {visible_when: y}}", [("unknown_name", "visible_when")]),
    ("inputs: {x: {visible_when: x}}", [("visibility_cycle", "x")]),
    ("inputs: {x: {visible_when: instance.name}}", [("unknown_name", "visible_when")]),
    ("inputs: {x: {visible_when: 1 +}}", [("expression_syntax", "visible_when")]),
    (
        "inputs: {x: {visible_when: y == 'a'}, y: {visible_when: x == 'a'}}",
        [("visibility_cycle", "x")],
    ),
]
"""Mistakes that only reading finds."""


@pytest.mark.parametrize(("inputs", "expected"), SEEN_BY_THE_SCHEMA + BEYOND_THE_SCHEMA)
def test_a_mistake_is_told_with_its_code_and_place(
    inputs: str, expected: list[tuple[str, str]]
) -> None:
    assert mistakes(inputs) == expected


@pytest.mark.parametrize(("inputs", "expected"), SEEN_BY_THE_SCHEMA)
def test_the_schema_refuses_it_too(inputs: str, expected: list[tuple[str, str]]) -> None:
    written = read_source(document(inputs)).value

    assert expected
    assert not Draft202012Validator(DOCUMENT_SCHEMA).is_valid(written)


def test_an_input_may_be_called_project_and_not_like_what_has_a_meaning() -> None:
    assert specs("inputs: {project: string}")["project"]
    assert mistakes("inputs: {secrets: string}") == [("reserved_name", "secrets")]


def test_the_message_about_a_cell_names_row_and_column() -> None:
    with pytest.raises(DocumentError, match="column a in row 2 of input x"):
        read_document(
            document("inputs: {x: {type: table, columns: {a: integer}, default: [{a: 1}, {a: b}]}}")
        )
