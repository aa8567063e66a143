import orjson
import pytest

from flowyard.document.references import find_references, replace_versions
from flowyard.document.source import read_source

TEXT = """\
# kept
flowyard: 1
key: parent
nodes:
  - id: build          # a comment
    plugin: "http_request@1.0"
    inputs:
      plugin: http_request@1.0
      subflow: release
  - {id: child, subflow: release@3, inputs: {a: 1}}
  - id: other
    subflow: platform/backup
    rollback:
      plugin: 'http_request@1.0'
"""


def _seen(text: str) -> list[tuple[str, str, str, str]]:
    return [(one.node_id, one.kind, one.target, one.version) for one in find_references(text)]


def test_what_nodes_name_is_found_wherever_it_stands_but_not_in_their_inputs() -> None:
    assert _seen(TEXT) == [
        ("build", "plugin", "http_request", "1.0"),
        ("child", "subflow", "release", "3"),
        ("other", "subflow", "platform/backup", ""),
        ("other", "plugin", "http_request", "1.0"),
    ]


def test_a_change_touches_nothing_but_the_versions() -> None:
    changed = replace_versions(TEXT, lambda one: "2.0" if one.kind == "plugin" else None)

    assert changed == TEXT.replace('"http_request@1.0"', '"http_request@2.0"').replace(
        "'http_request@1.0'", "'http_request@2.0'"
    )


def test_a_version_may_come_and_go() -> None:
    changed = replace_versions(TEXT, lambda one: {"3": "", "": "7"}.get(one.version))

    assert "subflow: release, inputs" in changed
    assert "subflow: platform/backup@7\n" in changed


def test_a_text_with_nothing_to_change_stays_as_it_is() -> None:
    assert replace_versions(TEXT, lambda _: None) is TEXT


@pytest.mark.parametrize("text", ["key: [}", "", "[]", "nodes: 3", "nodes: [3, {id: 4}]"])
def test_nothing_is_found_in_what_is_no_document(text: str) -> None:
    assert find_references(text) == ()
    assert replace_versions(text, lambda _: "9") == text


def test_json_with_tabs_and_escapes_is_read_and_changed() -> None:
    node = {"id": "a", "name": "\N{PARTY POPPER}", "subflow": "x@1"}
    text = "{\n\t" + orjson.dumps({"nodes": [node]}).decode()[1:]
    escaped = text.replace("\N{PARTY POPPER}", "\\ud83c\\udf89").replace("x@1", "\\u0078@1")

    changed = replace_versions(escaped, lambda _: "2")

    assert read_source(changed).value == {"nodes": [{**node, "subflow": "x@2"}]}


def test_what_an_alias_repeats_is_changed_once() -> None:
    text = "nodes:\n  - &n\n    id: a\n    plugin: noop@1.0\n  - *n\n"

    assert replace_versions(text, lambda _: "2.0") == text.replace("1.0", "2.0")
