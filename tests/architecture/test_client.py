"""The client is what the API is, and costs its users no more than it has to."""

import inspect
import subprocess
import sys

from flowyard.client import AsyncFlowyard, Flowyard
from flowyard.client.aio.operations import Operations as AwaitingOperations
from flowyard.client.sync.operations import Operations
from tests.support.project import ROOT
from tools.client.document import METHODS, Document
from tools.client.naming import named_operations
from tools.client.package import made_files, stale_files
from tools.openapi import openapi_document

DOCUMENT = openapi_document()

HEAVY = (
    "aiokafka", "asyncpg", "fastapi", "flowyard.contracts", "flowyard.engine",
    "flowyard.messaging", "flowyard.storage", "flowyard.telemetry", "opentelemetry", "sqlalchemy",
    "uvicorn",
)  # fmt: skip


def test_the_client_is_what_the_document_says() -> None:
    assert stale_files(made_files(DOCUMENT)) == []


def test_every_operation_is_a_method_of_both_clients() -> None:
    named = named_operations(Document(DOCUMENT))
    for client in (Operations, AwaitingOperations):
        groups = inspect.get_annotations(client, eval_str=True)
        missing = [one for one in named if not hasattr(groups[one.group], one.method)]
        assert missing == []
    said = {(one.operation.method, one.operation.path) for one in named}
    there = {
        (method, path)
        for path, item in DOCUMENT["paths"].items()
        for method in METHODS
        if method in item and "session" not in item[method]["tags"]
    }
    assert said == there


def test_both_clients_have_the_same_methods_and_arguments() -> None:
    def shape(client: type) -> dict[str, list[str]]:
        return {
            name.removeprefix("a") if name == "aclose" else name: list(
                inspect.signature(member).parameters
            )
            for name, member in inspect.getmembers(client, inspect.isfunction)
            if not name.startswith("_") or name == "__init__"
        }

    assert shape(Flowyard) == shape(AsyncFlowyard)


def test_importing_the_client_brings_no_server_with_it() -> None:
    code = "import sys, flowyard.client; print(*sys.modules)"

    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )

    loaded = done.stdout.split()
    assert [one for one in loaded if one in HEAVY or one.startswith("flowyard_")] == []
