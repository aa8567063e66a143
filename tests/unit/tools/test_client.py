"""The generator of the client, on documents that are made up."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from tools.client.document import Document
from tools.client.naming import named_operations
from tools.client.package import CLIENT, ROOT, made_files, stale_files, write_files
from tools.client.synchronous import synchronous
from tools.client.writing import docstring

TEXT = {"type": "string"}
KEY = {"name": "idempotency-key", "in": "header", "schema": TEXT}


def operation(*parameters: dict[str, Any], answer: Any = None, **more: Any) -> dict[str, Any]:
    content = {} if answer is None else {"content": {"application/json": {"schema": answer}}}
    found = {"parameters": list(parameters), "responses": {"200": content}, "summary": "Do it"}
    return {"operationId": "an_id", **found, **more}


def at_place(name: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema or TEXT}


def body(schema: dict[str, Any], **media: Any) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema}, **media}}


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def thing(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": sorted(properties)}


def document(paths: dict[str, Any], **schemas: Any) -> dict[str, Any]:
    return {
        "paths": {f"/api/v1{path}": _placed(path, item) for path, item in paths.items()},
        "components": {"schemas": {"Thing": thing(name=TEXT), "JsonValue": {}, **schemas}},
    }


def _placed(path: str, item: dict[str, Any]) -> dict[str, Any]:
    """Declare what stands in a path."""
    names = re.findall(r"{(\w+)}", path)
    return {
        method: {
            **one,
            "parameters": [
                *one["parameters"],
                *(at_place(name) for name in names if name != "action"),
            ],
        }
        for method, one in item.items()
    }


def names(paths: dict[str, Any], **schemas: Any) -> list[str]:
    found = named_operations(Document(document(paths, **schemas)))
    return [f"{one.group}.{one.method}" for one in found]


def made(tmp_path: Path, paths: dict[str, Any], **schemas: Any) -> dict[str, str]:
    """Return what is made of a document; all of it has to be Python."""
    files = made_files(document(paths, **schemas), tmp_path)
    for text in files.values():
        ast.parse(text)
    return files


CHOICE = at_place("action", {"type": "string", "enum": ["pause", "force-fail"]})
PAGE = thing(items={"type": "array", "items": ref("Thing")}, next_cursor=TEXT)
EVENTS: dict[str, Any] = {"200": {"content": {"text/event-stream": {}}}}
ONE, MANY = operation(answer=ref("Thing")), operation(answer=ref("Many"))


@pytest.mark.parametrize(
    ("path", "method", "made_of", "name"),
    [
        ("/me", "get", ONE, "me.get"),
        ("/shops/{shop}/orders", "get", MANY, "orders.list"),
        ("/shops/{shop}/orders", "post", ONE, "orders.create"),
        ("/orders/{order}", "get", ONE, "orders.get"),
        ("/orders/{order}", "put", ONE, "orders.put"),
        ("/orders/{order}", "patch", ONE, "orders.update"),
        ("/orders/{order}", "delete", ONE, "orders.delete"),
        ("/orders/{order}/lines", "get", MANY, "orders.list_lines"),
        ("/orders/{order}/invoice", "get", ONE, "orders.get_invoice"),
        ("/orders/{order}/events", "get", operation(responses=EVENTS), "orders.stream_events"),
        ("/orders/{order}/log/stream", "get", operation(responses=EVENTS), "orders.stream_log"),
        ("/orders/{order}/actions/ship-now", "post", ONE, "orders.ship_now"),
        ("/shops/{shop}/orders/actions/import", "post", ONE, "orders.import_"),
        ("/shops/{shop}/draft/revisions/{number}", "get", ONE, "draft_revisions.get"),
    ],
)
def test_names_are_made_of_paths(
    path: str, method: str, made_of: dict[str, Any], name: str
) -> None:
    # What makes a collection of orders, whatever else there is.
    known = {"/orders/{order}/actions/close": {"post": ONE}}

    assert name in names({**known, path: {method: made_of}}, Many=PAGE)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/orders/{order}/actions/{action}", ["orders.force_fail", "orders.pause"]),
        (
            "/shops/{shop}/orders/actions/{action}",
            ["orders.force_fail_many", "orders.pause_many"],
        ),
    ],
)
def test_each_action_of_a_choice_is_a_method(path: str, expected: list[str]) -> None:
    known = {"/orders/{order}": {"get": ONE}}

    found = names({**known, path: {"post": operation(CHOICE, answer=ref("Thing"))}})

    assert found == sorted([*expected, "orders.get"])


def test_names_do_not_depend_on_operation_ids() -> None:
    def paths(identity: str) -> dict[str, Any]:
        return {"/orders/{order}": {"get": operation(operationId=identity, answer=ref("Thing"))}}

    assert names(paths("one")) == names(paths("another")) == ["orders.get"]


def test_two_operations_of_one_name_are_told_apart_by_their_ids() -> None:
    assert names(
        {
            "/shops/{shop}/orders/{order}": {"get": operation(answer=ref("Thing"))},
            "/orders/{order}": {"get": operation(operationId="getOrder", answer=ref("Thing"))},
            "/shops/{shop}": {"get": operation(answer=ref("Thing"))},
        }
    ) == ["orders.an_id", "orders.get", "shops.get"]


def test_what_only_browsers_need_is_left_out() -> None:
    assert names({"/session": {"post": operation(tags=["session"])}}) == []


def test_the_same_document_makes_the_same_files_in_whatever_order_it_comes(
    tmp_path: Path,
) -> None:
    paths = {
        "/orders/{order}": {"get": operation(answer=ref("Thing"))},
        "/orders/{order}/owner": {"get": operation(answer=ref("Owner"))},
    }
    schemas = {"Owner": thing(thing=ref("Thing")), "Thing": thing(name=TEXT)}

    forward = made(tmp_path, paths, **schemas)
    backward = made(
        tmp_path,
        dict(reversed(paths.items())),
        **dict(reversed(schemas.items())),
    )

    assert forward == backward


def test_a_body_becomes_arguments_beside_those_of_the_address(tmp_path: Path) -> None:
    schema = {
        "type": "object",
        "properties": {"order": TEXT, "class": TEXT, "size": {"type": "integer"}},
        "required": ["size"],
    }
    paths = {
        "/orders/{order}/actions/ship": {
            "post": operation(KEY, requestBody=body(schema), answer=ref("Thing"))
        }
    }

    text = made(tmp_path, {**paths, "/orders/{order}": {"get": operation(answer=ref("Thing"))}})[
        "sync/operations/orders.py"
    ]

    function = next(
        one
        for one in ast.walk(ast.parse(text))
        if isinstance(one, ast.FunctionDef) and one.name == "ship"
    )
    assert [one.arg for one in function.args.args] == ["self", "order"]
    assert [one.arg for one in function.args.kwonlyargs] == [
        "size",
        "body_order",
        "class_",
        "idempotency_key",
    ]
    assert '"class": class_' in text
    assert '"order": body_order' in text


def test_shapes_of_values_become_types(tmp_path: Path) -> None:
    view = thing(
        at={"type": "string", "format": "date-time"},
        either={"anyOf": [{"type": "integer"}, {"type": "null"}]},
        inner={"type": "array", "items": ref("Tree")},
        kind={"enum": ["a", "b"]},
        level=ref("Level"),
        old={"type": ["string", "null"]},
        ruled={"type": "string", "anyOf": [{"pattern": "a"}, {"minLength": 3}]},
        some={"type": "object", "additionalProperties": {"type": "number"}},
        whatever={},
    )
    tree = thing(branches={"type": "array", "items": ref("Tree")}, schema=TEXT)
    level = {"enum": ["low", "high"], "type": "string"}

    files = made(
        tmp_path,
        {"/orders/{order}": {"get": operation(answer=ref("OrderView"))}},
        OrderView=view,
        Tree=tree,
        Level=level,
    )

    lines = {line.strip() for line in files["models/orders.py"].splitlines()}
    assert lines >= {
        "at: AwareDatetime",
        "either: int | None",
        "inner: list[Tree]",
        'kind: Annotated[Literal["a", "b"], OPEN]',
        "level: Annotated[Level, OPEN]",
        "old: str | None",
        "ruled: str",
        "some: dict[str, float]",
        "whatever: JsonValue",
        'branches: list["Tree"]',
        'schema_: str = Field(alias="schema")',
        'Level = Literal["low", "high"]',
    }


def test_a_deprecated_operation_is_marked(tmp_path: Path) -> None:
    old = operation(answer=ref("Thing"), deprecated=True)

    text = made(tmp_path, {"/orders/{order}": {"get": old}})["sync/operations/orders.py"]

    assert "from typing_extensions import deprecated" in text
    assert "    @deprecated(" in text


def test_an_answer_that_may_also_be_a_stream_has_two_methods(tmp_path: Path) -> None:
    both = {
        "200": {
            "content": {
                "application/json": {"schema": ref("Thing")},
                "text/event-stream": {"schema": TEXT},
                "text/plain": {"schema": TEXT},
            }
        }
    }

    files = made(
        tmp_path,
        {
            "/orders/{order}": {"get": operation(answer=ref("Thing"))},
            "/orders/{order}/log": {"get": operation(responses=both)},
        },
    )

    assert "def get_log(self, order: str) -> Thing:" in files["sync/operations/orders.py"]
    assert "def stream_log(" in files["sync/operations/orders.py"]


def test_a_long_group_is_divided_into_modules_of_a_readable_length(tmp_path: Path) -> None:
    many = {
        f"/orders/{{order}}/part-{number}": {
            "get": operation(answer=ref(f"Part{number}"), description="Why. " * 90)
        }
        for number in range(60)
    }
    schemas = {
        f"Part{number}": {**thing(name={**TEXT, "description": "What it is. " * 40})}
        for number in range(60)
    }

    files = made(
        tmp_path, {"/orders/{order}": {"get": operation(answer=ref("Thing"))}, **many}, **schemas
    )

    assert "sync/operations/orders_parts_2.py" in files
    assert "models/orders_2.py" in files
    assert max(text.count("\n") for text in files.values()) <= 400


def test_code_that_awaits_becomes_code_that_blocks() -> None:
    text = """
async def rows(self) -> AsyncGenerator[Row, None]:
    async with aclosing(self.pages()) as pages:
        async for page in pages:
            yield await self.row(page)
"""

    assert (
        synchronous(text)
        == """
def rows(self) -> Generator[Row, None, None]:
    with closing(self.pages()) as pages:
        for page in pages:
            yield self.row(page)
"""
    )


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("What it is", '"""What it is."""'),
        ("What it is.", '"""What it is."""'),
        ("One. Two.\n\nThree.", '"""One.\n\nTwo.\n\nThree.\n"""'),
        ('A """quote""" and a \\d', "\"\"\"A '''quote''' and a \\\\d.\n\"\"\""),
        ("", ""),
    ],
)
def test_texts_become_docstrings(text: str, written: str) -> None:
    assert docstring(text, 0) == written


def test_what_is_missing_differs_or_is_too_much_is_stale_until_it_is_written(
    tmp_path: Path,
) -> None:
    files = {"models/a.py": "a\n", "aio/operations/b.py": "b\n", "sync/c.py": "c\n"}
    write_files(files, tmp_path)
    (tmp_path / "models/a.py").write_text("<<<<<<< another branch\n")
    (tmp_path / "aio/operations/b.py").unlink()
    (tmp_path / "models/old.py").write_text("")
    (tmp_path / "sync/primitives.py").write_text("by hand\n")

    stale = ["aio/operations/b.py", "models/a.py", "models/old.py"]
    assert stale_files(files, tmp_path) == stale
    assert write_files(files, tmp_path) == stale
    assert stale_files(files, tmp_path) == []
    assert (tmp_path / "sync/primitives.py").exists()


def test_the_generator_does_not_import_what_it_makes() -> None:
    for module in sorted((ROOT / "tools/client").glob("*.py")):
        text = module.read_text(encoding="utf-8")
        imported = [
            name
            for node in ast.walk(ast.parse(text))
            for name in (
                [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else [one.name for one in node.names]
                if isinstance(node, ast.Import)
                else []
            )
        ]
        assert [one for one in imported if one.startswith("flowyard.client")] == [], module
    assert (ROOT / CLIENT / "errors.py").exists()
