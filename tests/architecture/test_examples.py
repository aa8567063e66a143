"""Every operation shows what it is asked and what it answers, and none of it is made up."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from tests.contract.table import CALLS
from tools.openapi import openapi_document

DOCUMENT = openapi_document()
OPERATIONS = {
    operation["operationId"]: operation
    for methods in DOCUMENT["paths"].values()
    for operation in methods.values()
}
READABLE = re.compile(r"[a-z]+(_[a-z]+)*")


def _faults(schema: Mapping[str, Any], example: object) -> list[str]:
    whole = {**schema, "components": DOCUMENT["components"]}
    validator = Draft202012Validator(whole, format_checker=FormatChecker())
    return [f"{fault.json_path}: {fault.message}" for fault in validator.iter_errors(example)]


def _contents(operation: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield what is sent and what is answered with, each with its place."""
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        yield f"body {kind}", content
    for status, answer in operation["responses"].items():
        for kind, content in answer.get("content", {}).items():
            yield f"{status} {kind}", content


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_body_and_each_answer_has_an_example_that_fits_its_schema(name: str) -> None:
    found = {}
    for place, content in _contents(OPERATIONS[name]):
        shown = [one["value"] for one in content.get("examples", {}).values()]
        examples = [content["example"]] if "example" in content else shown
        faults = [fault for one in examples for fault in _faults(content["schema"], one)]
        is_stream = place.endswith("text/event-stream")  # a schema describes one event of it
        found[place] = (bool(examples), [] if is_stream else faults)

    assert found == dict.fromkeys(found, (True, []))


def _example_of(parameter: Mapping[str, Any]) -> object:
    """Return what is shown; of what may be left out within its schema, so that it is."""
    if parameter["required"]:
        return parameter.get("example")
    assert "example" not in parameter
    return parameter["schema"].get("examples", [None])[0]


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_parameter_is_explained_and_has_an_example_that_fits_its_schema(name: str) -> None:
    unexplained = {
        parameter["name"]: faults
        for parameter in OPERATIONS[name].get("parameters", ())
        if (faults := _faults(parameter["schema"], _example_of(parameter)))
        or len(parameter.get("description", "")) < 10
    }

    assert unexplained == {}


@pytest.mark.parametrize("name", OPERATIONS)
def test_no_parameter_is_null_since_no_address_can_say_that(name: str) -> None:
    for parameter in OPERATIONS[name].get("parameters", ()):
        assert {"type": "null"} not in parameter["schema"].get("anyOf", ())


def test_each_operation_has_a_readable_name() -> None:
    assert {name for name in OPERATIONS if READABLE.fullmatch(name) is None} == set()


def test_each_tag_is_described() -> None:
    described = {tag["name"] for tag in DOCUMENT["tags"] if len(tag["description"]) > 10}

    assert {tag for one in OPERATIONS.values() for tag in one["tags"]} == described


def test_each_operation_has_a_call_that_is_answered_with_a_success() -> None:
    assert set(CALLS) == set(OPERATIONS)
