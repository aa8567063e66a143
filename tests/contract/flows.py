"""What the shop has published: a release with a question in it, and what goes wrong at night."""

from flowyard_api.models.templates import DOCUMENT_EXAMPLE

RELEASE = DOCUMENT_EXAMPLE
"""Runs up to the question by itself; approved, it runs through."""

CHECK = """\
flowyard: 1
key: check-host
title: Check a host
nodes:
  - id: check
    name: Does the host answer?
    plugin: fail@1.0
    inputs: {code: http_status, message: "Expected status 200, but got 503"}
  - id: report
    name: Tell everybody
    plugin: noop@1.0
"""
"""Fails at once, and waits for a person."""

COOL_DOWN = """\
flowyard: 1
key: cool-down
title: Wait until the load is gone
inputs:
  note: {type: string, label: Note, default: ""}
nodes:
  - id: rest
    name: Wait an hour
    plugin: sleep@1.0
    inputs: {seconds: 3600}
outputs: {note: "${note}"}
"""
"""Waits for a time."""

BUILD = """\
flowyard: 1
key: build-image
title: Build an image elsewhere
inputs:
  address: {type: string, label: Build server}
nodes:
  - id: build
    name: Have the image built
    plugin: http_request@1.0
    inputs:
      method: POST
      url: "${address}"
      json: {report_to: "{callback_url}"}
      callback: true
"""
"""Waits for a callback, whose address a build server is given."""

PICK = """\
flowyard: 1
key: pick-place
title: Choose where to release to
inputs:
  place: {type: string, label: Place, default: nowhere}
nodes:
  - id: where
    name: Which place?
    exclusive:
      - {name: Production, when: "place == 'production'", next: production}
      - {name: Test, when: "place == 'test'", next: trial}
  - id: production
    plugin: noop@1.0
    next: end
  - id: trial
    plugin: noop@1.0
"""
"""Fails at a gateway none of whose branches holds."""

BACKUP = """\
flowyard: 1
key: backup
title: Back up the database
nodes:
  - id: wait
    name: Wait for a quiet moment
    plugin: sleep@1.0
    inputs: {seconds: 3600}
"""
"""Takes long; it is run by another."""

NIGHTLY = """\
flowyard: 1
key: nightly
title: What is done at night
nodes:
  - id: backup
    name: Back up the database
    subflow: backup
"""
"""Waits for an instance of its own."""

FLOWS = (RELEASE, CHECK, COOL_DOWN, BUILD, PICK, BACKUP, NIGHTLY)
"""All of them, what is used before what uses it."""


def renamed(document: str, key: str) -> str:
    """Return a document under another key."""
    first, _, rest = document.partition("key: ")
    return f"{first}key: {key}\n{rest.partition(chr(10))[2]}"
