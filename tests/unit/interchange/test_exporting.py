"""Exports: what was imported comes back, and what the format cannot hold is said."""

from typing import Any

import orjson
import pytest
import yaml

from flowyard.document import read_document
from flowyard.interchange import (
    Findings,
    Import,
    export_yaml_v1,
    import_bk_sops,
    read_components,
)
from tests.unit.interchange.imports import codes, imported
from tests.unit.interchange.trees import constant, line, service, tree

RULES = read_components(
    {
        "step": {
            "plugin": "runner@1.0",
            "inputs": {"values": "*"},
            "fixed": {"loop": "${loop}"},
        },
        "job@v2": {
            "plugin": "other@1.0",
            "inputs": {"text": "script", "names": {"field": "hosts", "as": "words"}},
            "outputs": {"log": "text"},
        },
    }
)


def exported(result: Import, findings: Findings | None = None) -> str:
    documents = [read_document(orjson.dumps(one.document).decode()) for one in result.templates]
    return export_yaml_v1(documents, findings or Findings(), components=RULES)


def assert_the_same_again(result: Import) -> None:
    findings = Findings()

    again = import_bk_sops(exported(result, findings), components=RULES)

    assert [one.document for one in again.templates] == [one.document for one in result.templates]
    assert findings.found == []


SKIP = {"enable": True, "seconds": 60, "action": "forced_fail_and_skip"}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"optional": False},
        {"error_ignorable": True, "executor_proxy": "admin"},
        {"retryable": False, "auto_retry": {"enable": True, "interval": 9, "times": 3}},
        {"timeout_config": SKIP},
        {"skippable": False, "timeout_config": {**SKIP, "action": "forced_fail"}},
    ],
)
def test_options_come_back(options: dict[str, Any]) -> None:
    assert_the_same_again(imported(line(a=service("step", **options)), components=RULES))


def _form(several: str) -> dict[str, Any]:
    items = '[{"text": "Europe", "value": "eu"}, {"text": "us", "value": "us"}]'
    return {"datasource": "0", "items_text": items, "type": several, "default": "us"}


@pytest.mark.parametrize(
    "variable",
    [
        constant("x", "a", name="Asked", desc="For"),
        constant("x", "a", validation="^a$"),
        constant("x", "a", validation="a|b"),
        constant("x", "a\nb", custom_type="textarea"),
        constant("x", "7", custom_type="int"),
        constant("x", "2026-01-31 08:00:00", custom_type="datetime"),
        constant("x", "08:00", custom_type="time"),
        constant("x", "secret", custom_type="password"),
        constant("x", "secret", custom_type="password", show_type="hide"),
        constant("x", "ann,bob", custom_type="bk_user_selector"),
        constant("x", "10.0.0.1", custom_type="ip"),
        constant("x", _form("0"), custom_type="select", is_meta=True),
        constant("x", _form("1"), custom_type="select", is_meta=True),
        constant("x", _form("0"), custom_type="text_value_select", is_meta=True),
        constant("x", {"a": [1]}, custom_type="ip_filter"),
        constant("x", "${y}!", show_type="hide"),
        constant("x", "${y}!", show_type="hide", pre_render_mako=True),
        constant("x", "${y}!", show_type="hide", need_render=False),
        constant("x", "${HOME}", show_type="hide"),
        constant("x", show_type="hide", source_type="component_outputs", source_info={"b": ["o"]}),
    ],
)
def test_variables_and_what_uses_them_come_back(variable: dict[str, Any]) -> None:
    data: dict[str, Any] = {
        "text": {"value": "in ${x} $${x} ${_system.operator} ${_env_region} ${HOME}"}
    }
    data["raw"] = {"value": "${x}", "need_render": False}
    nodes = {"a": service("step", data=data), "b": service("step", data=data)}
    value = tree(
        nodes,
        [("s", "a"), ("a", "b"), ("b", "e")],
        [variable, constant("y", "b")],
        outputs=["${x}"] if variable["source_type"] == "component_outputs" else [],
    )

    assert_the_same_again(imported(value, components=RULES))


def test_gateways_and_conditions_come_back() -> None:
    conditions = {
        "g>a": {"evaluate": '"${_n}" == "1" and "${d}" == "x"', "name": "one"},
        "g>b": {"evaluate": "*"},
    }
    gateway = {
        "type": "ConditionalParallelGateway",
        "conditions": conditions,
        "default_condition": {"flow_id": "g>c", "name": "else"},
    }
    nodes = {
        "g": gateway,
        **{key: service("step", data={}) for key in "abc"},
        "m": {"type": "ConvergeGateway"},
    }
    edges = [("s", "g"), *(("g", key) for key in "abc"), *((key, "m") for key in "abc")]

    assert_the_same_again(
        imported(tree(nodes, [*edges, ("m", "e")], [constant("_n", "1")]), components=RULES)
    )


def test_placeholders_and_subflows_come_back() -> None:
    child = line(x=service("other", data={"n": {"value": "${n}"}}))
    child["constants"] = {"${n}": constant("n", "1", custom_type="int")}
    child["outputs"] = ["${n}"]
    given = {"${n}": {"value": "${word}"}}
    parent = line(sub={"type": "SubProcess", "pipeline": child, "constants": given})
    parent["constants"] = {
        "${word}": constant("word", "5"),
        "${got}": constant(
            "got",
            show_type="hide",
            source_type="component_outputs",
            source_info={"sub": ["${n}"]},
        ),
    }

    result = imported(parent, components=RULES)

    assert codes(result) == ["unmapped_plugin"]
    assert_the_same_again(result)


def test_a_component_of_one_version_has_its_code_and_fields_again() -> None:
    data = {"script": {"value": "true"}, "hosts": {"value": "a,b"}}
    node = service("job", data=data)
    node["component"]["version"] = "v2"

    text = exported(imported(line(a=node), components=RULES))

    assert yaml.safe_load(text)["spec"]["nodes"][1]["component"] == {
        "code": "job",
        "data": {"script": {"value": "true"}, "hosts": {"value": "a,b"}},
        "version": "v2",
    }


NATIVE = """
flowyard: 1
key: native
inputs:
  n: {type: number, default: 1, minimum: 0}
nodes:
  - id: a
    plugin: runner@1.0
    inputs: {values: {x: "${nodes.a.y} ${loop}"}, other: 1}
    priority: 3
    retry: {times: 2, factor: 2}
  - id: g
    exclusive:
      - {when: "n > 3", next: a}
      - {default: true, next: end}
outputs: {doubled: "${n * 2}"}
"""


def test_what_bk_sops_cannot_hold_is_said_with_its_node() -> None:
    findings = Findings()

    text = export_yaml_v1([read_document(NATIVE)], findings, components=RULES)

    assert {(one.code, one.node_id) for one in findings.found} == {
        ("form_lost", None),
        ("type_lost", None),
        ("expression_not_there", "a"),
        ("input_lost", "a"),
        ("option_not_there", "a"),
        ("option_lost", "a"),
        ("condition_wrapped", "g"),
        ("output_lost", None),
    }
    conditions = yaml.safe_load(text)["spec"]["nodes"][2]["conditions"]
    assert conditions == {"a": {"evaluate": "${n > 3} == True"}}
