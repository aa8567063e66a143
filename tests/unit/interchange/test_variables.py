"""Variables: each kind has its place here, and expressions see the value that they saw there."""

from typing import Any

import orjson
import pytest

from flowyard.document import compile_document, read_document
from flowyard.engine.expressions import render
from flowyard.interchange import Import, Severity, import_bk_sops
from tests.unit.interchange.imports import codes, document, imported
from tests.unit.interchange.trees import constant, line, service, tree


def _with(*constants: dict[str, Any], text: str = "") -> Import:
    node = service("pause_node", data={"description": {"value": text}})
    return imported(tree({"a": node}, [("s", "a"), ("a", "e")], list(constants)))


def _input(variable: dict[str, Any]) -> dict[str, Any]:
    written = _with(variable).templates[0].document
    compile_document(read_document(orjson.dumps(written).decode()), plugins=None)
    inputs: Any = written["inputs"]
    found: dict[str, Any] = inputs["x"]
    return found


def _form(several: str = "0", **keys: Any) -> dict[str, Any]:
    items = '[{"text": "Europe", "value": "eu"}, {"text": "us", "value": "us"}]'
    return {"datasource": "0", "items_text": items, "type": several, "default": "", **keys}


OPTIONS = [{"value": "eu", "label": "Europe"}, "us"]


@pytest.mark.parametrize(
    ("kind", "value", "written"),
    [
        ("input", "a", {"type": "string", "default": "a"}),
        ("textarea", "a\nb", {"type": "text", "default": "a\nb"}),
        ("int", "7", {"type": "integer", "default": 7}),
        ("int", "", {"type": "integer"}),
        ("int", "many", {"type": "string", "default": "many"}),
        ("date", "2026-01-31", {"type": "date", "default": "2026-01-31"}),
        ("time", "08:00", {"type": "time", "default": "08:00"}),
        ("time", "", {"type": "time"}),
        ("password", "s3cret", {"type": "password"}),
        ("bk_user_selector", "ann,bob", {"type": "user_list", "default": ["ann", "bob"]}),
        ("ip", "10.0.0.1, 10.0.0.2", {"type": "host_list", "default": ["10.0.0.1", "10.0.0.2"]}),
        ("ip_selector", {"a": 1}, {"type": "json", "default": {"a": 1}}),
    ],
)
def test_a_type_of_bk_sops_has_its_type_here(
    kind: str, value: Any, written: dict[str, Any]
) -> None:
    assert _input(constant("x", value, custom_type=kind)) == written


def test_a_moment_is_text_of_its_form_as_it_has_no_offset() -> None:
    spec = _input(constant("x", "2026-01-31 08:00:00", custom_type="datetime"))

    assert (spec["type"], spec["default"]) == ("string", "2026-01-31 08:00:00")
    assert spec["pattern_message"] == "a date and time such as 2026-01-31 08:00:00"


@pytest.mark.parametrize("is_template", [True, False])
def test_a_select_keeps_its_options(*, is_template: bool) -> None:
    keys: dict[str, Any] = {"custom_type": "select"}
    if is_template:
        variable = constant("x", _form(default="eu"), is_meta=True, **keys)
    else:
        variable = constant("x", "eu", meta={"value": _form()}, **keys)

    assert _input(variable) == {"type": "select", "options": OPTIONS, "default": "eu"}


def test_a_select_of_several_is_read_as_words_with_commas() -> None:
    variable = constant("x", _form("1", default="eu,us"), is_meta=True, custom_type="select")

    result = _with(variable, text="in ${x}")

    written = result.templates[0].document
    assert written["inputs"]["x"] == {  # type: ignore[index,call-overload]
        "type": "multi_select",
        "options": OPTIONS,
        "default": ["eu", "us"],
    }
    assert written["lazy"] == {"x_value": "${','.join(x)}"}
    assert written["nodes"][0]["inputs"] == {"message": "in ${x_value}"}  # type: ignore[index,call-overload]


def test_a_pair_of_text_and_value_is_made_of_the_choice() -> None:
    variable = constant("x", _form(default="eu"), is_meta=True, custom_type="text_value_select")

    written: Any = _with(variable, text='${x["text"]}').templates[0].document

    assert written["nodes"][0]["inputs"] == {"message": '${x_value["text"]}'}
    assert render(written["lazy"]["x_value"], {"x": "eu"}) == {"value": "eu", "text": "Europe"}


def test_a_table_keeps_its_columns() -> None:
    columns = [{"tag_code": "ip", "attrs": {"name": "Address"}}, {"tag_code": "port"}]
    form = {"columns": columns, "default": [{"ip": "10.0.0.1"}]}

    spec = _input(constant("x", form, is_meta=True, custom_type="datatable"))

    assert spec == {
        "type": "table",
        "columns": {
            "ip": {"type": "string", "default": "", "label": "Address"},
            "port": {"type": "string", "default": ""},
        },
        "default": [{"ip": "10.0.0.1"}],
    }


@pytest.mark.parametrize(
    ("variable", "code"),
    [
        (constant("x", "a", custom_type="select"), "form_lost"),
        (constant("x", "s", custom_type="password"), "password_left_out"),
        (constant("x", "10.0.0.1", custom_type="ip"), "inventory_unasked"),
        (constant("x", "b", validation="^a$"), "default_left_out"),
        (constant("x", "b", validation="("), "validation_lost"),
        (constant("x", "a ${y}"), "reference_kept"),
        (constant("x", "a", hide_condition=[{"value": 1}]), "visibility_lost"),
    ],
)
def test_what_a_variable_loses_is_a_warning(variable: dict[str, Any], code: str) -> None:
    result = _with(variable)

    assert codes(result, Severity.WARNING) == [code]
    assert codes(result) == []


@pytest.mark.parametrize("kind", ["current_time", "set_allocation", "staff_group_selector"])
def test_a_value_that_bk_sops_computes_is_an_error(kind: str) -> None:
    assert codes(_with(constant("x", {}, custom_type=kind))) == ["dynamic_variable"]


def test_no_secret_is_taken_over_and_a_hidden_one_names_what_to_store() -> None:
    hidden = constant("pw", "s3cret", custom_type="password", show_type="hide")

    written = _with(hidden).templates[0].document

    assert "s3cret" not in orjson.dumps(written).decode()
    assert written["inputs"] == {
        "pw": {"type": "password", "default": {"secret": "PW"}, "show": False}
    }


def test_what_is_rendered_early_is_computed_with_all_that_it_needs() -> None:
    hidden = {"show_type": "hide"}
    result = _with(
        constant("first", "${second}!", **hidden, pre_render_mako=True),
        constant("second", "${asked}?", **hidden),
        constant("late", "${first}", **hidden),
        constant("asked", "a"),
    )

    written = result.templates[0].document
    assert list(written["computed"]) == ["second", "first"]  # type: ignore[arg-type]
    assert written["lazy"] == {"late": "${first}"}
    assert codes(result) == []


def test_variables_of_the_system_and_the_project_are_not_declared() -> None:
    result = _with(
        constant("_env_region", "eu", source_type="project"),
        constant("_system.operator", "", source_type="system"),
        text="${_env_region} ${_system.operator} ${_system.task_url}",
    )

    written: Any = result.templates[0].document
    assert written["nodes"][0]["inputs"] == {
        "message": "${project.region} ${instance.actor} ${instance.url}"
    }
    assert written.keys() & {"inputs", "constants"} == set()


def test_a_system_variable_that_is_not_known_is_an_error() -> None:
    assert codes(_with(text="${_system.language}")) == ["unreadable_expression"]


def _engine(value: dict[str, Any], **data: Any) -> dict[str, Any]:
    del value["constants"], value["outputs"]
    return value | {"data": {"inputs": {}, "outputs": [], **data}}


def test_plain_values_of_an_engine_are_taken_as_they_are() -> None:
    inputs = {
        "${a}": {"type": "plain", "value": "${b}"},
        "${b}": {"type": "splice", "value": "${a}!"},
        "${c}": {"type": "splice", "value": "${b}"},
    }

    written = document(_engine(line(x=service()), inputs=inputs, pre_render_keys=["${c}"]))

    assert written["constants"] == {"a": "${b}"}
    assert written["computed"] == {"b": "${a}!", "c": "${b}"}


def test_several_writers_of_one_variable_all_export_it() -> None:
    sources = [
        {"source_act": "x", "source_key": "data"},
        {"source_act": "y", "source_key": "status_code"},
    ]
    inputs = {"${last}": {"type": "splice", "value": None, "source_act": sources}}
    nodes = {"x": service("bk_http_request", data={}), "y": service("bk_http_request", data={})}

    written = document(_engine(line(**nodes), inputs=inputs))

    assert [node["export"] for node in written["nodes"]] == [{"last": "body"}, {"last": "status"}]
    assert written["constants"] == {"last": None}


def test_a_parents_values_take_the_types_of_the_subflow() -> None:
    child = line(x=service())
    asked = [
        constant("count", "1", custom_type="int"),
        constant("people", "ann", custom_type="bk_user_selector"),
        constant("word", "a"),
        constant("made", "${word}!"),
    ]
    child["constants"] = {one["key"]: one for one in asked}
    given = {"count": "${n}", "people": "ann,bob", "word": "${n}", "made": "b", "gone": "c"}
    parent = line(
        sub={
            "type": "SubProcess",
            "pipeline": child,
            "constants": {f"${{{key}}}": {"value": value} for key, value in given.items()},
        }
    )
    parent["constants"] = {"${n}": constant("n", 3, show_type="hide")}

    result = imported(parent)

    nodes: Any = result.templates[1].document["nodes"]
    assert nodes[0]["inputs"] == {
        "count": "${int(n)}",
        "people": ["ann", "bob"],
        "word": "${str(n)}",
        "made": "b",
    }
    assert codes(result, Severity.WARNING) == ["input_dropped"]
    assert codes(result) == []


def test_a_subflow_with_its_latest_version_runs_by_itself() -> None:
    node = {"type": "SubProcess", "template_id": "child", "always_use_latest": True}
    exported = {
        "child": {"name": "Child", "tree": line(x=service())},
        "parent": {"name": "Parent", "tree": line(sub=node)},
    }

    result = imported({"pipeline_template_data": {"template": exported}})

    nodes: Any = result.templates[1].document["nodes"]
    assert nodes[0]["subflow"] == "child@latest"
    assert "mode" not in nodes[0]


def test_schemes_beside_a_tree_are_taken_over_and_chosen() -> None:
    node = {"type": "SubProcess", "template_id": "child", "scheme_id_list": [7, 8]}
    schemes = [{"id": 7, "name": "quick", "data": '["x"]', "is_default": True}]
    child = line(x=service(), y=service(), z=service(optional=False))
    exported = {
        "child": {"name": "Child", "tree": child, "schemes": schemes},
        "parent": {"name": "Parent", "tree": line(sub=node)},
    }

    result = imported({"pipeline_template_data": {"template": exported}})

    assert result.templates[0].document["schemes"] == {"quick": {"keeps": ["x"], "default": True}}
    nodes: Any = result.templates[1].document["nodes"]
    assert nodes[0]["schemes"] == ["quick"]
    assert codes(result, Severity.WARNING) == ["unknown_scheme"]


def test_a_common_template_is_named_as_such() -> None:
    node = {"type": "SubProcess", "template_id": "12", "template_source": "common"}

    result = import_bk_sops(orjson.dumps(line(sub=node)).decode())

    assert codes(result, Severity.WARNING) == ["common_template"]
    assert codes(result) == ["unknown_template"]
