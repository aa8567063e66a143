"""What the pictures show: the release of a shop, with a subflow that fails the first time."""

HOST = """\
flowyard: 1
key: update-host
title: Update one host
inputs:
  host: {type: string}
  version: {type: string}
nodes:
  - id: stop
    name: Stop the shop
    plugin: http_request@1.0
    inputs: {method: POST, url: "DEMO/stop"}
  - id: update
    name: Put the version in place
    plugin: http_request@1.0
    inputs: {method: POST, url: "DEMO/update"}
  - id: begin
    name: Start the shop
    plugin: http_request@1.0
    inputs: {method: POST, url: "DEMO/start"}
"""
"""What is done on one host."""

SHOP = """\
flowyard: 1
key: release-shop
title: Release the shop
description: Checks, asks where it is production, updates the hosts and verifies.
inputs:
  version: {type: string, label: Version, default: "2.4.0", group: What}
  place:
    {type: select, label: Place, options: [test, production], default: production, group: What}
  hosts: {type: host_list, label: Hosts, default: [app-1, app-2], group: Where}
  quick: {type: boolean, label: Skip the warm-up, default: false, group: Where}
schemes:
  careful: {description: Everything, keeps: [quiet, warm-up]}
  mend: {description: Without looks beforehand, keeps: []}
nodes:
  - id: prepare
    name: Prepare the version
    plugin: http_request@1.0
    inputs: {method: POST, url: "DEMO/prepare", json: {version: "${version}"}}
  - id: both
    name: Get ready
    parallel: [quiet, mute]
  - id: quiet
    name: Is it quiet?
    plugin: sleep@1.0
    optional: true
    inputs: {seconds: 2}
    next: ready
  - id: mute
    name: Mute the alarms
    plugin: http_request@1.0
    inputs: {method: POST, url: "DEMO/mute"}
    next: ready
  - id: ready
    name: Ready
    converge: true
  - id: where
    name: Which place?
    exclusive:
      - {name: Production, when: "${place == 'production'}", next: ask}
      - {name: Otherwise, default: true, next: host}
  - id: ask
    name: May it go out?
    plugin: approval@1.0
    inputs:
      message:
        "The shop goes to ${version} on ${len(hosts)} hosts. The change board has agreed."
      approvers: [grace, ops-lead]
  - id: host
    name: Update the host
    subflow: update-host
    mode: inline
    inputs: {host: "${hosts[0]}", version: "${version}"}
  - id: warm-up
    name: Warm up the caches
    plugin: sleep@1.0
    optional: true
    inputs: {seconds: 1}
  - id: verify
    name: Does it serve?
    plugin: http_request@1.0
    inputs: {url: "DEMO/verify", query: {version: "${version}"}}
outputs: {version: "${version}"}
"""
"""The flow around it, with each kind of gateway that people meet first."""


def flows_of(demo: str) -> tuple[str, str]:
    """Return both for the demo service at an address, what is used before what uses it."""
    return HOST.replace("DEMO", demo), SHOP.replace("DEMO", demo)
