"""Flows that are watched in the console, each with something to step in for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

CLOSED = "http://127.0.0.1:1/"
"""Where nobody listens."""

CALL = f"""\
flowyard: 1
key: calls
title: Call a service
inputs:
  team: {{type: string, default: shop}}
nodes:
  - id: call
    name: Call the service
    plugin: http_request@1.0
    inputs: {{method: GET, url: "{CLOSED}", headers: {{x-team: "${{team}}"}}}}
  - id: after
    name: Tell the team
    plugin: assign@1.0
    optional: true
    inputs: {{values: {{status: "${{nodes.call.status}}"}}}}
  - id: lint
    name: Look it over
    plugin: noop@1.0
    optional: true
"""

APPROVED = """\
flowyard: 1
key: releases
title: Release with a yes
inputs:
  version: {type: string, default: "1.4.2"}
nodes:
  - id: ask
    name: May it go out?
    plugin: approval@1.0
    inputs:
      message: "Release ${version} to production?"
      approvers: [ada, ops-lead]
      timeout: 86400
  - id: out
    name: Bring it out
    plugin: noop@1.0
"""

CHILD = """\
flowyard: 1
key: site-work
title: Work at a site
inputs:
  site: {type: string}
nodes:
  - id: prepare
    name: Prepare the site
    plugin: noop@1.0
  - id: permit
    name: Permit the work
    plugin: approval@1.0
    inputs: {message: "Work at ${site}?"}
"""

PARENT = """\
flowyard: 1
key: all-sites
title: Work everywhere
nodes:
  - id: both
    parallel: [north, south]
  - id: north
    name: Work in the north
    subflow: site-work
    inputs: {site: north}
    next: done
  - id: south
    name: Work in the south
    subflow: site-work
    mode: inline
    inputs: {site: south}
    next: done
  - id: done
    converge: true
  - id: later
    name: Clean up
    subflow: site-work
    inputs: {site: office}
"""


def map_of(addresses: list[str]) -> str:
    """Return a flow that asks several addresses, one after the other."""
    items = ", ".join(f'"{address}"' for address in addresses)
    return f"""\
flowyard: 1
key: asks-all
title: Ask all
nodes:
  - id: ask
    name: Ask each of them
    plugin: http_request@1.0
    map: {{items: [{items}], concurrency: 1, tolerate: 1}}
    inputs: {{url: "${{item}}"}}
  - id: permit
    name: Go on?
    plugin: approval@1.0
"""


LARGE_MAP = """\
flowyard: 1
key: touches-all
title: Touch all
inputs:
  count: {type: integer}
nodes:
  - id: touch
    name: Touch each of them
    plugin: noop@1.0
    map: {items: "${list(range(count))}", concurrency: 200}
"""


def checking(address: str) -> str:
    """Return a flow that looks at an address until it is well, and logs what it finds."""
    return f"""\
flowyard: 1
key: checks
title: Check until it is well
nodes:
  - id: look
    name: Look at it
    plugin: http_check@1.0
    inputs:
      http: {{url: "{address}"}}
      interval: 0.5
"""


def long_flow(count: int, plugin: str = "noop@1.0") -> str:
    """Return a flow of so many activities, in rows of parallel branches."""
    lines = ["flowyard: 1", f"key: long-{count}", f"title: {count} nodes", "nodes:"]
    width = 10
    for row in range(count // width):
        names = [f"n{row}-{column}" for column in range(width)]
        lines.append(f"  - {{id: split{row}, parallel: [{', '.join(names)}]}}")
        lines += [f"  - {{id: {name}, plugin: {plugin}, next: meet{row}}}" for name in names]
        lines.append(f"  - {{id: meet{row}, converge: true}}")
    return "\n".join(lines) + "\n"


class Weather:
    """An HTTP server that is well or not."""

    def __init__(self) -> None:
        self.status = 503
        self.address = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 {self.status} Weather\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        writer.write(head.encode())
        await writer.drain()
        writer.close()


@asynccontextmanager
async def weather() -> AsyncIterator[Weather]:
    """Serve it on a port of its own."""
    it = Weather()
    server = await asyncio.start_server(it.answer, "127.0.0.1", 0)
    it.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    async with server:
        yield it
