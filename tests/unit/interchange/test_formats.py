import base64
from typing import Any

import orjson
import pytest

from flowyard.document import compile_document, read_document
from flowyard.interchange import InterchangeError, Severity, import_bk_sops
from tests.unit.interchange.imports import codes, document, imported
from tests.unit.interchange.trees import line, service


def test_an_engine_tree_brings_its_inputs_and_outputs() -> None:
    node = {
        "type": "ServiceActivity",
        "component": {
            "code": "pause_node",
            "inputs": {"description": {"type": "splice", "value": "${who}"}},
            "global_outputs": {"callback_data": "${said}"},
        },
    }
    value = line(a=node)
    del value["constants"], value["outputs"]
    value["data"] = {
        "inputs": {"${who}": {"type": "plain", "value": "you", "is_param": True}},
        "outputs": ["${said}"],
    }

    written = document(value)

    assert written["inputs"] == {"who": {"type": "json", "default": "you"}}
    assert written["nodes"][0]["inputs"] == {"message": "${who}"}
    assert written["nodes"][0]["export"] == {"said": "comment"}
    assert written["outputs"] == {"said": "${said}"}


def test_a_dat_export_brings_subflows_first() -> None:
    child, parent = (
        line(x=service()),
        line(a={"type": "SubProcess", "template_id": "child", "constants": {}}),
    )
    exported = {
        "pipeline_template_data": {
            "template": {
                "parent": {"name": "Parent", "tree": parent},
                "child": {"name": "Child", "tree": child},
            }
        }
    }
    text = base64.b64encode(orjson.dumps({"template_data": exported, "digest": "abc"})).decode()

    result = import_bk_sops(text)

    assert [template.key for template in result.templates] == ["child", "parent"]
    assert codes(result, Severity.NOTE) == ["unchecked_digest"]


def test_templates_that_run_each_other_are_an_error() -> None:
    def running(other: str) -> dict[str, Any]:
        return {"name": other, "tree": line(a={"type": "SubProcess", "template_id": other})}

    result = imported(
        {"pipeline_template_data": {"template": {"one": running("two"), "two": running("one")}}}
    )

    assert "subflow_circle" in codes(result)


def test_yaml_of_several_documents_brings_subflows_first() -> None:
    text = """
schema_version: v1
meta: {name: Outer, id: outer}
spec:
  nodes:
  - {id: s, type: EmptyStartEvent, next: [sub]}
  - id: sub
    type: SubProcess
    name: Inner
    template_id: inner
    data: {"${days}": {name: Days, value: '3', key: "${days}", type: input}}
  - {id: e, type: EmptyEndEvent}
---
schema_version: v1
meta: {name: Inner, id: inner}
spec:
  nodes:
  - {id: s, type: EmptyStartEvent}
  - id: a
    type: ServiceActivity
    name: Wait
    component: {code: sleep_timer, data: {bk_timing: {value: "${days}"}}}
  - {id: e, type: EmptyEndEvent}
  constants: {"${days}": {name: Days, value: '1', type: input}}
"""

    result = import_bk_sops(text)

    assert [template.key for template in result.templates] == ["inner", "outer"]
    outer = result.templates[1].document
    assert outer["inputs"] == {"days": {"type": "string", "label": "Days", "default": "3"}}
    assert codes(result) == []


def test_yaml_that_deviates_is_read_and_said() -> None:
    text = """
schema_version: v1
meta: {name: Loose, id: loose}
spec:
  nodes:
  - {id: s, type: EmptyStartEvent}
  - id: g
    type: ExclusiveGateway
    conditions:
    - {evaluate: "${x} in ['a','b']", next: a}
    - {evaluate: default, next: e}
  - {id: a, type: ServiceActivity, name: A, component: {code: pause_node, version: v1.2}}
  - {id: e, type: EmptyEndEvent}
  constants: {"${x}": {name: X, value: a}}
"""

    result = import_bk_sops(text)

    assert codes(result) == ["unreadable_condition"]
    assert codes(result, Severity.NOTE) == ["list_of_conditions", "default_condition"]


def test_a2flow_implies_start_end_and_converge() -> None:
    value = {
        "version": "2.0",
        "name": "Short",
        "nodes": [
            {"id": "p", "type": "ParallelGateway", "next": ["a", "b"]},
            {"id": "a", "code": "sleep_timer", "data": {"bk_timing": "1"}, "next": "c"},
            {"id": "b", "code": "pause_node", "data": {}},
            {"id": "c", "code": "sleep_timer", "data": {"bk_timing": {"value": "${n}"}}},
            {
                "id": "g",
                "type": "ExclusiveGateway",
                "next": ["c", "end"],
                "conditions": [{"evaluate": "${n} > 1", "name": "more"}],
                "default_next": "end",
            },
        ],
        "variables": [{"key": "${n}", "name": "N", "value": "2"}],
    }

    result = imported(value)

    assert codes(result) == []
    (template,) = result.templates
    assert template.title == "Short"
    compile_document(read_document(orjson.dumps(template.document).decode()), plugins=None)


@pytest.mark.parametrize(
    "text",
    ["", "plain", "{", "[]", "{}", "1", "a: [", "a: 1", "AAAA", "&a [*a]", "[" * 100 + "]" * 100],
)
def test_a_file_of_no_known_format_is_refused(text: str) -> None:
    with pytest.raises(InterchangeError):
        import_bk_sops(text)
