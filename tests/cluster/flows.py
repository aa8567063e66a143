"""Definitions that act on a witness."""

EFFECTS_PER_INSTANCE = 4

EFFECTS = """\
flowyard: 1
key: effects
title: Effects that must not be repeated
inputs:
  witness: {type: string}
nodes:
  - id: first
    plugin: http_request@1.0
    inputs: {method: POST, url: "${witness}/effects"}
  - id: fan
    parallel: [left, right]
  - id: left
    plugin: http_request@1.0
    inputs: {method: POST, url: "${witness}/effects"}
    next: join
  - id: right
    plugin: http_request@1.0
    inputs: {method: POST, url: "${witness}/effects"}
    next: join
  - id: join
    converge: true
  - id: last
    plugin: http_request@1.0
    inputs: {method: POST, url: "${witness}/effects"}
"""

CHAIN_NODES = 20

CHAIN = "flowyard: 1\nkey: chain\ntitle: A chain\nnodes:\n" + "".join(
    f"  - id: n{number}\n    plugin: noop@1.0\n" for number in range(CHAIN_NODES)
)
