"""Options of nodes: each has its word here, and what makes no sense together is said."""

from typing import Any

import orjson
import pytest

from flowyard.document import compile_document, read_document
from flowyard.interchange import Severity, read_components
from tests.unit.interchange.imports import codes, imported, nodes_of
from tests.unit.interchange.trees import constant, line, service, tree


def _options(**options: Any) -> dict[str, Any]:
    (node,) = nodes_of(imported(line(a=service(**{"optional": False, **options}))))
    return {key: value for key, value in node.items() if key not in ("id", "plugin", "inputs")}


@pytest.mark.parametrize(
    ("options", "written"),
    [
        ({}, {}),
        ({"optional": True}, {"optional": True}),
        ({"error_ignorable": True}, {"ignore_failure": True}),
        ({"ignore_error": True}, {"ignore_failure": True}),
        ({"retryable": False}, {"retryable": False}),
        ({"can_retry": False}, {"retryable": False}),
        ({"isSkipped": False}, {"skippable": False}),
        ({"auto_retry": {"enable": False, "interval": 1, "times": 2}}, {}),
        ({"auto_retry": {"enable": True, "interval": 5, "times": 3}}, {"retry": 3}),
        (
            {"auto_retry": {"enable": True, "interval": 0, "times": "2"}},
            {"retry": {"times": 2, "interval": 0}},
        ),
        (
            {"timeout_config": {"enable": True, "seconds": 60, "action": "forced_fail"}},
            {"deadline": 60},
        ),
        (
            {"timeout_config": {"enable": True, "seconds": "90", "action": "forced_fail_and_skip"}},
            {"deadline": {"after": 90, "action": "skip"}},
        ),
        ({"executor_proxy": "admin"}, {"run_as": "admin"}),
    ],
)
def test_an_option_has_its_word_here(options: dict[str, Any], written: dict[str, Any]) -> None:
    assert _options(**options) == written


SKIP = {"enable": True, "seconds": 60, "action": "forced_fail_and_skip"}


@pytest.mark.parametrize(
    ("options", "written", "code"),
    [
        (
            {"error_ignorable": True, "retryable": False, "skippable": False},
            {"ignore_failure": True},
            "option_dropped",
        ),
        (
            {"error_ignorable": True, "timeout_config": SKIP},
            {"ignore_failure": True, "deadline": 60},
            "option_changed",
        ),
        (
            {"skippable": False, "timeout_config": SKIP},
            {"skippable": False, "deadline": 60},
            "option_changed",
        ),
        ({"auto_retry": {"enable": True, "interval": 1, "times": 0}}, {}, "option_dropped"),
        (
            {"auto_retry": {"enable": True, "interval": 10**6, "times": 1}},
            {"retry": {"times": 1, "interval": 86400}},
            "option_changed",
        ),
        ({"stage_name": "one"}, {}, "option_lost"),
        ({"labels": [{"id": 1}]}, {}, "option_lost"),
        ({"loop": {"loop_times": 3}}, {}, "option_lost"),
    ],
)
def test_what_is_lost_is_said_and_what_is_left_makes_sense(
    options: dict[str, Any], written: dict[str, Any], code: str
) -> None:
    result = imported(line(a=service(optional=False, **options)))

    assert _options(**options) == written
    assert set(codes(result, Severity.WARNING)) == {code}
    text = orjson.dumps(result.templates[0].document).decode()
    compile_document(read_document(text), plugins=None)


@pytest.mark.parametrize(
    "options",
    [
        {"error_ignorable": "yes"},
        {"auto_retry": {"enable": True, "interval": "soon", "times": 1}},
        {"timeout_config": {"enable": True}},
        {"timeout_config": {"enable": True, "seconds": 5, "action": "shout"}},
    ],
)
def test_an_option_that_cannot_be_understood_is_an_error(options: dict[str, Any]) -> None:
    assert codes(imported(line(a=service(**options)))) != []


def test_a_subflow_runs_as_nobody_but_its_nodes_do() -> None:
    child = line(x=service(executor_proxy="admin"))
    parent = line(sub={"type": "SubProcess", "pipeline": child, "executor_proxy": "root"})

    result = imported(parent)

    assert nodes_of(result, 0)[0]["run_as"] == "admin"
    assert "run_as" not in nodes_of(result, 1)[0]
    assert codes(result, Severity.WARNING) == ["option_dropped"]


@pytest.mark.parametrize(
    ("extra", "written"),
    [({"strategy": 2}, True), ({"strategy": "FIRST"}, True), ({"strategy": 1}, None), ({}, None)],
)
def test_the_first_branch_that_matches_may_be_taken(extra: Any, written: Any) -> None:
    gateway = {
        "type": "ExclusiveGateway",
        "conditions": {"g>a": {"evaluate": "1 == 1"}, "g>e": {"evaluate": "1 == 1"}},
        "extra_info": extra,
    }

    result = imported(
        tree({"g": gateway, "a": service()}, [("s", "g"), ("g", "a"), ("g", "e"), ("a", "e")])
    )

    assert nodes_of(result)[0].get("first_match") is written
    assert codes(result) == []


def test_a_default_that_has_a_condition_too_is_one_branch() -> None:
    gateway = {
        "type": "ConditionalParallelGateway",
        "conditions": {"g>a": {"evaluate": "1 == 2"}, "g>b": {"evaluate": "1 == 2"}},
        "default_condition": {"flow_id": "g>a"},
    }
    nodes = {"g": gateway, "a": service(), "b": service(), "c": {"type": "ConvergeGateway"}}
    edges = [("s", "g"), ("g", "a"), ("g", "b"), ("a", "c"), ("b", "c"), ("c", "e")]

    result = imported(tree(nodes, edges))

    assert codes(result) == []


def _with_end_event() -> dict[str, Any]:
    value = line(a=service())
    value["end_event"]["type"] = "ReportEndEvent"
    return value


def test_an_end_that_runs_something_is_an_activity_before_the_end() -> None:
    rules = {"ReportEndEvent": {"plugin": "noop@1.0", "fixed": {"values": {"n": "${loop}"}}}}

    result = imported(_with_end_event(), components=read_components(rules))

    assert result.templates[0].node_ids == {"s": "start", "a": "a", "e": "e"}
    assert nodes_of(result)[-1] == {
        "id": "e",
        "plugin": "noop@1.0",
        "inputs": {"values": {"n": "${loop}"}},
    }
    assert codes(result, Severity.WARNING) == []


def test_an_end_whose_event_is_not_mapped_is_a_plain_end_with_a_warning() -> None:
    result = imported(_with_end_event())

    assert result.templates[0].node_ids == {"s": "start", "a": "a", "e": "end"}
    assert codes(result, Severity.WARNING) == ["end_event_plugin"]


def test_all_fields_that_no_other_rule_takes_may_be_one_object() -> None:
    rules = {
        "job": {
            "plugin": "runner@1.0",
            "inputs": {"values": "*", "text": {"field": "script", "as": "verbatim"}},
            "ignored": ["unused"],
        }
    }
    data = {
        "script": {"value": "echo ${HOME}"},
        "unused": {"value": 1},
        "host": {"value": "${ip}"},
        "raw": {"value": "${ip}", "need_render": False},
    }
    value = tree(
        {"a": service("job", data=data)}, [("s", "a"), ("a", "e")], [constant("ip", "10.0.0.1")]
    )

    result = imported(value, components=read_components(rules))

    assert nodes_of(result)[0]["inputs"] == {
        "text": "echo ${HOME}",
        "values": {"host": "${ip}", "raw": "$${ip}"},
    }
    assert codes(result, Severity.WARNING) == []


def test_a_rule_may_keep_the_names_of_all_outputs() -> None:
    rules = {"job": {"plugin": "runner@1.0", "inputs": {"values": "*"}}}
    hidden = {"show_type": "hide", "source_type": "component_outputs"}
    constants = [
        constant("log", **hidden, source_info={"a": ["log"]}),
        constant("_result", **hidden, source_info={"a": ["_result"], "b": ["_result"]}),
        constant("_loop", **hidden, source_info={"a": ["_inner_loop"]}),
    ]
    value = tree(
        {"a": service("job"), "b": service("job")}, [("s", "a"), ("a", "b"), ("b", "e")], constants
    )

    result = imported(value, components=read_components(rules))

    assert [node["export"] for node in nodes_of(result)] == [
        {"log": "log", "result": "_result", "loop_2": "_loop"},
        {"result": "_result"},
    ]
    assert codes(result) == []
