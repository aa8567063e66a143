"""How much the browser has to do while somebody drags a node of a large flow."""

import asyncio
from bisect import bisect_right
from collections import defaultdict
from typing import Any

import pytest
from playwright.async_api import CDPSession

from tests.browser.console import Backstage, Console
from tests.browser.designer import Designer

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("chromium")]

FRAME_MS = 16.0
"""What a frame may cost the page's own thread, in 95 of 100: the goal of the console."""

STEPS = 120


def _large(pieces: int) -> str:
    """Return a flow of five nodes per piece."""
    nodes = [
        f"  - {{id: p{at}, parallel: [a{at}, b{at}]}}\n"
        f"  - {{id: a{at}, name: Part A of {at}, plugin: noop@1.0, next: j{at}}}\n"
        f"  - {{id: b{at}, plugin: noop@1.0}}\n"
        f"  - {{id: j{at}, converge: true}}\n"
        f"  - {{id: n{at}, plugin: noop@1.0}}\n"
        for at in range(pieces)
    ]
    return f"flowyard: 1\nkey: large\ntitle: Large\nnodes:\n{''.join(nodes)}"


async def test_dragging_a_node_among_five_hundred_leaves_time_in_each_frame(
    console: Console, backstage: Backstage
) -> None:
    page = console.page
    await backstage.publish(_large(100))
    await console.enter()
    designer = Designer(console)
    await designer.open("large")
    box = await designer.node("Plugin Part A of 0").bounding_box()
    assert box is not None
    x, y = box["x"] + 60, box["y"] + 20
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x + 10, y + 10, steps=4)

    trace = _Trace(await page.context.new_cdp_session(page))
    await trace.begin()
    for step in range(STEPS):
        await page.mouse.move(x + 10 + 2 * step, y + 10 + step % 40 * 3)
        await page.evaluate("new Promise(requestAnimationFrame)")
    frames = await trace.frames()
    await page.mouse.up()

    assert len(frames) >= STEPS
    assert sorted(frames)[int(len(frames) * 0.95)] < FRAME_MS


class _Trace:
    """What Chromium tells of its own work."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session
        self._events: list[dict[str, Any]] = []
        session.on("Tracing.dataCollected", lambda told: self._events.extend(told["value"]))

    async def begin(self) -> None:
        await self._session.send(
            "Tracing.start",
            {"categories": "devtools.timeline,toplevel", "transferMode": "ReportEvents"},
        )

    async def frames(self) -> list[float]:
        """End it, and return the milliseconds of processor time of the page's thread per frame.

        Time of its own, not of the clock: what else this machine does makes no difference.
        """
        async with _Event(self._session, "Tracing.tracingComplete"):
            await self._session.send("Tracing.end")
        thread = self._busiest()
        begun = sorted(
            event["ts"]
            for event in self._events
            if event["name"] == "FireAnimationFrame" and _thread(event) == thread
        )
        work = [0.0] * (len(begun) + 1)
        for task in self._tasks(thread):
            work[bisect_right(begun, task["ts"])] += task.get("tdur", 0) / 1000
        return work[1:-1]

    def _busiest(self) -> tuple[int, int]:
        """Return the thread of the page that was worked on, of several."""
        mains = {
            _thread(event)
            for event in self._events
            if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
        }
        total: dict[tuple[int, int], float] = defaultdict(float)
        for main in mains:
            total[main] = sum(task.get("tdur", 0) for task in self._tasks(main))
        return max(total, key=lambda one: total[one])

    def _tasks(self, thread: tuple[int, int]) -> list[dict[str, Any]]:
        return [
            event
            for event in self._events
            if event["name"].endswith("RunTask") and event["ph"] == "X" and _thread(event) == thread
        ]


class _Event:
    """Waits for an event that begins within a block."""

    def __init__(self, session: CDPSession, name: str) -> None:
        self._seen = asyncio.Event()
        session.on(name, lambda _: self._seen.set())

    async def __aenter__(self) -> None:
        return None

    async def __aexit__(self, *_: object) -> None:
        await self._seen.wait()


def _thread(event: dict[str, Any]) -> tuple[int, int]:
    return (event["pid"], event["tid"])
