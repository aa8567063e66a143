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

KEY_LIMIT = 3

KEYED = f"""\
flowyard: 1
key: keyed
title: One database, three at a time
inputs:
  witness: {{type: string}}
nodes:
  - id: migrate
    plugin: http_request@1.0
    inputs: {{method: POST, url: "${{witness}}/effects"}}
    concurrency: {{limit: {KEY_LIMIT}, key: db}}
    retry: {{times: 5, interval: 200ms, codes: [outcome_unknown]}}
"""

ITEMS = 200

FANNED = """\
flowyard: 1
key: fanned
title: One call for each of many items
inputs:
  witness: {type: string}
  items: {type: list}
nodes:
  - id: fan
    plugin: http_request@1.0
    map: {items: "${items}", concurrency: 40}
    inputs: {method: POST, url: "${witness}/effects", json: "${item}"}
    retry: {times: 5, interval: 200ms, codes: [outcome_unknown]}
outputs: {said: "${[one.body.said for one in nodes.fan.results]}"}
"""

PAUSE_SECONDS = 8

TIMED = f"""\
flowyard: 1
key: timed
title: Something is due while nobody schedules
nodes:
  - id: fan
    parallel: [flaky, late]
  - id: flaky
    plugin: fail@1.0
    retry: {{times: 1, interval: {PAUSE_SECONDS}s}}
    ignore_failure: true
    next: join
  - id: late
    plugin: approval@1.0
    inputs: {{message: Nobody answers}}
    deadline: {{after: {PAUSE_SECONDS}s, action: skip}}
    next: join
  - id: join
    converge: true
"""


def _undone(name: str) -> str:
    return f"""\
  - id: {name}
    plugin: http_request@1.0
    inputs: {{method: POST, url: "${{witness}}/effects", json: {name}}}
    rollback:
      plugin: http_request@1.0
      inputs: {{method: POST, url: "${{witness}}/effects", json: undo {name}}}
"""


HANGING = """\
flowyard: 1
key: hanging
title: The last step never ends
inputs:
  witness: {type: string}
nodes:
"""

HANGS = """\
  - id: hang
    plugin: http_request@1.0
    inputs: {method: POST, url: "${witness}/hangs", json: hang}
"""

HANGING_ALONE = HANGING + HANGS

UNDONE = ("a", "b", "c")

HANGING_AFTER_OTHERS = (
    HANGING.replace("hanging", "undone") + "".join(_undone(name) for name in UNDONE) + HANGS
)

CHILD = """\
flowyard: 1
key: child
inputs:
  witness: {type: string}
  who: {type: string}
nodes:
  - id: work
    plugin: http_request@1.0
    inputs: {method: POST, url: "${witness}/effects", json: "${who}"}
outputs: {said: "${nodes.work.body.said}", url: "${instance.url}"}
"""

PARENT = """\
flowyard: 1
key: parent
inputs:
  witness: {type: string}
nodes:
  - id: fan
    parallel: [apart, inner]
  - id: apart
    subflow: child
    inputs: {witness: "${witness}", who: apart}
    next: join
  - id: inner
    subflow: child
    mode: inline
    inputs: {witness: "${witness}", who: inner}
    next: join
  - id: join
    converge: true
outputs: {apart: "${nodes.apart.said}", inner: "${nodes.inner.said}", url: "${nodes.inner.url}"}
"""
