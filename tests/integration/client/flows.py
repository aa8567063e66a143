"""Flows that the client's tests run, and a project that has them."""

from collections.abc import Iterator

import pytest

from flowyard.client import Flowyard
from tests.support.dev_server import DevServer

PROJECT = "clients"

FLOWS = {
    "greet": """
flowyard: 1
key: greet
inputs:
  name: {type: string}
nodes:
  - id: say
    plugin: assign@1.0
    inputs: {values: {text: "Hello, ${name}!", letters: "${len(name)}"}}
outputs:
  greeting: "${nodes.say.text}"
  letters: "${nodes.say.letters}"
""",
    "break": """
flowyard: 1
key: break
nodes:
  - id: before
    plugin: noop@1.0
  - id: boom
    plugin: fail@1.0
    inputs: {message: It broke, code: broken}
""",
    "rest": """
flowyard: 1
key: rest
inputs:
  seconds: {type: number}
nodes:
  - id: rest
    plugin: sleep@1.0
    inputs: {seconds: "${seconds}"}
  - id: after
    plugin: noop@1.0
""",
    "ask": """
flowyard: 1
key: ask
nodes:
  - id: ask
    plugin: approval@1.0
    inputs: {message: Shall it go on?}
""",
    "many": """
flowyard: 1
key: many
nodes:
  - id: each
    plugin: noop@1.0
    map: {items: [a, b, c]}
""",
}
"""Documents by key."""


def publish(flowyard: Flowyard) -> None:
    """Make the project and its templates, unless they are there."""
    flowyard.projects.create(name=PROJECT, idempotency_key="project")
    for document in FLOWS.values():
        flowyard.templates.apply(PROJECT, document)


@pytest.fixture
def flowyard(dev_server: DevServer) -> Iterator[Flowyard]:
    """Yield a client of a server that has the flows."""
    with Flowyard(dev_server.address, dev_server.token) as client:
        publish(client)
        yield client
