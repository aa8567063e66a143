"""What is run to be looked at."""

CHILD = """\
flowyard: 1
key: child
title: A flow of its own
inputs:
  witness: {type: string}
nodes:
  - id: work
    plugin: http_request@1.0
    inputs: {method: POST, url: "${witness}/effects"}
"""

TRACED = """\
flowyard: 1
key: traced
title: A retry, a callback, a person and a subflow
inputs:
  witness: {type: string}
nodes:
  - id: unsteady
    plugin: http_request@1.0
    inputs: {method: POST, url: "${witness}/unsteady", json: "${instance.id}"}
    retry: {times: 2, interval: 200ms}
  - id: later
    plugin: http_request@1.0
    inputs:
      method: POST
      url: "${witness}/effects"
      json: {call_back: "{callback_url}"}
      callback: true
  - id: ask
    plugin: approval@1.0
    inputs: {message: "Go on?"}
  - id: below
    subflow: child
    inputs: {witness: "${witness}"}
"""

FAILING = """\
flowyard: 1
key: failing
title: A node that waits for a person
nodes:
  - id: broken
    plugin: fail@1.0
"""

ASKING = """\
flowyard: 1
key: asking
title: It waits for a person
nodes:
  - id: ask
    plugin: approval@1.0
    inputs: {message: "Go on?"}
"""
