"""Documents that tests read, and what is told about them."""

import pytest

from flowyard.document import DocumentError, read_document

RELEASE = """\
flowyard: 1
key: release
title: Release a service
inputs:
  version: {type: string, default: "1.4.2", pattern: '^\\d+\\.\\d+\\.\\d+$'}
  count: integer
constants: {base: "http://127.0.0.1:9000"}
computed: {image: "registry/app:${version}"}
nodes:
  - id: prepare
    name: Prepare
    plugin: http_request@1.0
    inputs: {url: "${base}/prepare", json: {version: "${version}"}}
    export: {bundle: body}
    queue: slow
    timeout: 1.5m
    secret_outputs: [token]
  - id: choose
    exclusive:
      - {when: "${version} == '1'", next: fan}
      - {when: "${count > 3}", next: end, name: enough}
      - {default: true, next: child}
    loop_limit: 50
  - id: fan
    parallel: [a, {next: b, name: the second}]
  - {id: a, plugin: noop@1.0, next: join}
  - {id: b, plugin: noop@1.0}
  - {id: join, converge: true}
  - {id: child, subflow: other@3, inputs: {x: 1}}
outputs: {image: "${image}"}
"""

NODE_A = "  - {id: a, plugin: noop@1.0}"


def flow(*lines: str) -> str:
    """Return a document with the given lines of nodes; the first stands on line 4."""
    return "\n".join(["flowyard: 1", "key: k", "nodes:", *lines]) + "\n"


def problems(text: str) -> list[tuple[str, str | None, int | None, int | None]]:
    with pytest.raises(DocumentError) as caught:
        read_document(text)
    return [(one.code, one.node_id, one.line, one.column) for one in caught.value.problems]
