import orjson
import pytest

from flowyard.document import compile_document, read_document
from flowyard.interchange import InterchangeError, Severity, read_components
from tests.unit.interchange.imports import codes, document, imported, nodes_of
from tests.unit.interchange.trees import constant, line, service, tree


def test_a_line_of_nodes_becomes_a_definition_that_compiles() -> None:
    result = imported(line(a=service(name="Wait"), b=service("pause_node", data={})))

    (template,) = result.templates
    assert template.document["nodes"] == [
        {
            "id": "a",
            "name": "Wait",
            "plugin": "sleep@1.0",
            "inputs": {"seconds": 2},
            "optional": True,
        },
        {"id": "b", "plugin": "approval@1.0", "optional": True},
    ]
    assert codes(result) == []
    compile_document(read_document(orjson.dumps(template.document).decode()), plugins=None)


def test_ids_that_machines_made_become_readable_ones() -> None:
    first, second = f"n{'0a' * 16}", f"node{'1b' * 15}"

    nodes = document(line(**{first: service(), second: service()}))["nodes"]

    assert [node["id"] for node in nodes] == ["sleep-timer-1", "sleep-timer-2"]


def test_branches_and_a_loop_keep_their_shape() -> None:
    gateway = {
        "type": "ExclusiveGateway",
        "conditions": {
            "g>a": {"evaluate": "${n} < 3", "name": "again"},
            "g>b": {"evaluate": '"${word}" == "on"'},
        },
        "default_condition": {"flow_id": "g>e", "name": "else"},
    }
    edges = [("s", "a"), ("a", "g"), ("g", "a"), ("g", "b"), ("g", "e"), ("b", "e")]
    constants = [constant("n", "1"), constant("word", "on")]

    nodes = document(tree({"a": service(), "g": gateway, "b": service()}, edges, constants))[
        "nodes"
    ]

    assert nodes[1]["exclusive"] == [
        {"boolrule": "${n} < 3", "next": "a", "name": "again"},
        {"boolrule": '"${word}" == "on"', "next": "b"},
        {"default": True, "next": "end", "name": "else"},
    ]


def test_parallel_branches_meet_at_their_converge() -> None:
    split = {"type": "ParallelGateway", "converge_gateway_id": "c"}
    edges = [("s", "p"), ("p", "a"), ("p", "b"), ("a", "c"), ("b", "c"), ("c", "e")]
    nodes = {"p": split, "a": service(), "b": service(), "c": {"type": "ConvergeGateway"}}

    result = imported(tree(nodes, edges))

    written = nodes_of(result)
    assert written[0] == {"id": "p", "parallel": ["a", "b"]}
    assert written[-1] == {"id": "c", "converge": True}
    assert codes(result) == []


def test_variables_are_sorted_into_inputs_constants_computed_and_exports() -> None:
    constants = [
        constant("asked", "x", name="Asked", desc="For something", validation="^x+$", index=3),
        constant("count", "7", custom_type="int", index=1),
        constant("hidden", 5, show_type="hide", index=2),
        constant("greeting", "hi ${asked}", show_type="hide", index=4),
        constant("in", "y", index=5),
        constant(
            "answer",
            show_type="hide",
            source_type="component_outputs",
            source_info={"a": ["callback_data"]},
        ),
    ]
    node = service("pause_node", data={"description": {"value": "${asked} ${in}"}})

    written = document(
        tree({"a": node}, [("s", "a"), ("a", "e")], constants, outputs=["${answer}"])
    )

    assert written["inputs"] == {
        "count": {"type": "integer", "default": 7},
        "asked": {
            "type": "string",
            "label": "Asked",
            "description": "For something",
            "pattern": "^x+$",
            "default": "x",
        },
        "in_2": {"type": "string", "default": "y"},
    }
    assert written["constants"] == {"hidden": 5, "answer": ""}
    assert written["lazy"] == {"greeting": "hi ${asked}"}
    assert written["outputs"] == {"answer": "${answer}"}
    assert written["nodes"][0]["export"] == {"answer": "comment"}
    assert written["nodes"][0]["inputs"] == {"message": "${asked} ${in_2}"}


def test_a_component_that_is_not_mapped_is_kept_in_a_placeholder() -> None:
    data = {"script": {"value": "echo ${x}"}, "hosts": {"value": [1, 2]}}

    result = imported(line(a=service("job_execute", data=data)))

    (node,) = nodes_of(result, 0)
    assert node == {
        "id": "a",
        "plugin": "bk_sops_placeholder@1.0",
        "inputs": {
            "code": "job_execute",
            "version": "legacy",
            "data": {"script": "echo $${x}", "hosts": [1, 2]},
        },
        "optional": True,
    }
    assert codes(result) == ["unmapped_plugin"]


def test_a_table_of_the_user_maps_more_components() -> None:
    table = read_components(
        {
            "job_execute": {
                "plugin": "ssh_script@2.1",
                "inputs": {"script": "content", "seconds": {"field": "wait", "as": "number"}},
                "fixed": {"shell": "bash"},
                "outputs": {"log": "text"},
            }
        }
    )
    data = {"content": {"value": "true"}, "wait": {"value": "1.5"}, "other": {"value": 1}}

    result = imported(line(a=service("job_execute", data=data)), components=table)

    (node,) = nodes_of(result, 0)
    assert node["plugin"] == "ssh_script@2.1"
    assert node["inputs"] == {"shell": "bash", "script": "true", "seconds": 1.5}
    assert "input_lost" in codes(result, Severity.WARNING)


@pytest.mark.parametrize(
    "table",
    [[1], {"a": 1}, {"a": {"plugin": "x"}}, {"a": {"plugin": "x@1", "inputs": {"b": {"as": "c"}}}}],
)
def test_a_table_of_another_form_is_refused(table: object) -> None:
    with pytest.raises(InterchangeError):
        read_components(table)


def test_what_our_expressions_cannot_read_stays_text_and_is_an_error() -> None:
    result = imported(line(a=service(data={"bk_timing": {"value": "${open('x')[0]}"}})))

    nodes = nodes_of(result)
    assert nodes[0]["inputs"] == {"seconds": "$${open('x')[0]}"}
    assert "unreadable_expression" in codes(result)


@pytest.mark.parametrize("text", ["${HOME}", "${HOME:-/root}", "a ${x.y} b", "${loop}"])
def test_what_bk_sops_leaves_as_it_is_stays_text_with_a_warning(text: str) -> None:
    result = imported(line(a=service("pause_node", data={"description": {"value": text}})))

    assert nodes_of(result)[0]["inputs"] == {"message": text.replace("${", "$${")}
    assert codes(result) == []
    assert codes(result, Severity.WARNING) == ["reference_kept"]


def test_system_variables_have_our_names() -> None:
    written = document(line(a=service("pause_node", data={"description": "${_system.task_name}"})))

    assert written["nodes"][0]["inputs"] == {"message": "${instance.name}"}


def test_subflows_inside_of_a_tree_become_templates_before_it() -> None:
    inner = line(x=service())
    inner["constants"] = {"${days}": constant("days", "1")}
    outer = line(
        sub={
            "type": "SubProcess",
            "name": "Inner",
            "constants": {"${days}": constant("days", "5")},
            "pipeline": inner,
        }
    )

    result = imported(outer | {"id": "outer"})

    assert [template.key for template in result.templates] == ["outer-sub", "outer"]
    (node,) = nodes_of(result, 1)
    assert node == {
        "id": "sub",
        "name": "Inner",
        "subflow": "outer-sub",
        "mode": "inline",
        "inputs": {"days": "5"},
        "optional": True,
    }
    assert codes(result) == []


def test_outputs_of_a_subflow_have_its_names_of_variables() -> None:
    result_of_child = constant(
        "_in", show_type="hide", source_type="component_outputs", source_info={"x": ["data"]}
    )
    inner = line(x=service("bk_http_request", data={}))
    inner |= {"constants": {"${_in}": result_of_child}, "outputs": ["${_in}"]}
    taken = constant(
        "got", show_type="hide", source_type="component_outputs", source_info={"sub": ["${_in}"]}
    )
    outer = line(sub={"type": "SubProcess", "constants": {}, "pipeline": inner})
    outer["constants"] = {"${got}": taken}

    result = imported(outer)

    child, parent = result.templates
    assert child.document["outputs"] == {"in_2": "${in_2}"}
    assert nodes_of(result, 1)[0]["export"] == {"got": "in_2"}
    assert parent.key == "flow"
    assert codes(result) == []


def test_a_variable_made_of_others_is_rendered_where_it_is_used() -> None:
    constants = [
        constant("list", "1,2"),
        constant("part", "${list.split(',')[place]}", show_type="hide"),
        constant("text", "part ${part}!", show_type="hide"),
        constant("circle", "${circle} ${place}", show_type="hide"),
        constant(
            "place",
            show_type="hide",
            source_type="component_outputs",
            source_info={"a": ["callback_data"]},
        ),
    ]
    nodes = {
        "a": service("pause_node", data={}),
        "b": service("pause_node", data={"description": {"value": "${text}"}}),
    }

    result = imported(tree(nodes, [("s", "a"), ("a", "b"), ("b", "e")], constants, ["${part}"]))

    written = result.templates[0].document
    assert nodes_of(result)[1]["inputs"] == {"message": "${text}"}
    assert written["lazy"] == {
        "part": "${list.split(',')[place]}",
        "text": "part ${part}!",
        "circle": "${circle} ${place}",
    }
    assert written["outputs"] == {"part": "${part}"}
    assert codes(result) == ["circular_variable"]
