"""Several files at once: each is read apart, and their flows may run each other."""

from typing import Any

import orjson

from flowyard.interchange import SourceFile, import_files
from tests.unit.interchange.imports import codes
from tests.unit.interchange.trees import line, service


def _file(name: str, value: Any) -> SourceFile:
    return SourceFile(name=name, text=orjson.dumps(value).decode())


def _running(other: str) -> dict[str, Any]:
    return {"type": "SubProcess", "template_id": other, "constants": {}}


def test_a_flow_may_run_one_of_another_file() -> None:
    parent = _file("parent.json", line(sub=_running("child")) | {"id": "parent"})
    child = _file("child.json", line(x=service()) | {"id": "child"})

    result = import_files([parent, child], key_prefix="sops-")

    assert [(one.key, one.file) for one in result.templates] == [
        ("sops-child", "child.json"),
        ("sops-parent", "parent.json"),
    ]
    assert result.templates[1].subflow_keys == ("sops-child",)
    assert codes(result) == []


def test_a_file_that_cannot_be_read_is_an_error_of_its_own() -> None:
    result = import_files([SourceFile(name="bad", text="{"), _file("good.json", line(x=service()))])

    assert [one.key for one in result.templates] == ["good"]
    assert [(one.file, one.code) for one in result.diagnostics] == [("bad", "unreadable_import")]


def test_one_id_in_two_files_means_two_flows() -> None:
    first, second = (
        {
            "pipeline_template_data": {
                "template": {
                    "1": {"name": name, "tree": line(sub=_running("2"))},
                    "2": {"name": f"{name}-child", "tree": line(x=service(name=name))},
                }
            }
        }
        for name in ("a", "b")
    )

    result = import_files([_file("a", first), _file("b", second)])

    parents = [one for one in result.templates if one.subflow_keys]
    children = {one.key: one.title for one in result.templates if not one.subflow_keys}
    assert [children[one.subflow_keys[0]] for one in parents] == [
        f"{one.title}-child" for one in parents
    ]
    assert len(result.templates) == 4


def test_a_subflow_of_the_project_is_no_error() -> None:
    parent = _file("parent.json", line(sub=_running("child")))

    known = import_files([parent], present_keys={"child"})
    unknown = import_files([parent])

    assert (codes(known), codes(unknown)) == ([], ["unknown_template"])


def test_diagnostics_belong_to_the_templates_of_their_files() -> None:
    files = [_file("a.json", line(x=service())), _file("b.json", line(x=service("other")))]

    result = import_files(files)

    found = {one.key: len(result.errors_of(one)) for one in result.templates}
    assert found == {"a": 0, "b": 1}
