"""A plugin gateway that speaks the protocol and does to each step what its plugin's name says."""

import asyncio
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from flowyard.contracts.plugin_api import (
    STEP_MESSAGES,
    STEPS_PATH,
    StepBatch,
    StepFinished,
    StepJoined,
    StepMessage,
    StepRefused,
)
from flowyard.contracts.records import ReadyStep, StepResult
from flowyard.telemetry.serving import AppServer


class StandInGateway:
    """Knows done, fail, slow, stale, joined, silent, garbage and die.

    ``slow`` and ``joined`` end once ``release`` is set; ``garbage`` and ``die`` misbehave the
    first time and succeed the second.
    """

    def __init__(self, *, port: int = 0) -> None:
        self.release = asyncio.Event()
        self.batches: list[list[ReadyStep]] = []
        self.unknown: set[str] = set()
        self.is_draining = False
        self.refuses_to_read: str | None = None
        self.running = 0
        self.most_running = 0
        self._seen: set[str] = set()
        self._changed = asyncio.Condition()
        app = Starlette(
            routes=[
                Route(STEPS_PATH, self._steps, methods=["POST"]),
                Route("/readyz", self._ready),
            ]
        )
        self._server = AppServer(app, "127.0.0.1", port, drain_seconds=1)

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def port(self) -> int:
        return self._server.port

    @property
    def steps(self) -> list[ReadyStep]:
        return [step for batch in self.batches for step in batch]

    async def __aenter__(self) -> Self:
        await self._server.__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release.set()
        await self._server.__aexit__(exc_type, exc, traceback)

    async def has_seen(self, count: int) -> None:
        async with asyncio.timeout(5), self._changed:
            await self._changed.wait_for(lambda: len(self.steps) >= count)

    async def runs(self, count: int) -> None:
        async with asyncio.timeout(5), self._changed:
            await self._changed.wait_for(lambda: self.running >= count)

    async def _ready(self, _: Request) -> Response:
        return PlainTextResponse("ok", status_code=503 if self.is_draining else 200)

    async def _steps(self, request: Request) -> Response:
        batch = StepBatch.model_validate_json(await request.body())
        self.batches.append(batch.steps)
        async with self._changed:
            self._changed.notify_all()
        if self.refuses_to_read in {step.plugin for step in batch.steps}:
            return PlainTextResponse("cannot read this", status_code=422)
        return StreamingResponse(self._answer(batch.steps), media_type="application/x-ndjson")

    async def _answer(self, steps: list[ReadyStep]) -> AsyncIterator[bytes]:
        lines: asyncio.Queue[bytes | None] = asyncio.Queue()
        runs = [asyncio.create_task(self._run(step, lines)) for step in steps]
        try:
            for run in runs:
                run.add_done_callback(lambda _: lines.put_nowait(None))
            open_runs = len(runs)
            while open_runs:
                line = await lines.get()
                if line is None:
                    open_runs -= 1
                elif line == b"die":
                    raise ConnectionResetError
                else:
                    yield line
        finally:
            for run in runs:
                run.cancel()

    async def _run(self, step: ReadyStep, lines: asyncio.Queue[bytes | None]) -> None:
        self.running += 1
        async with self._changed:
            self._changed.notify_all()
        self.most_running = max(self.most_running, self.running)
        try:
            async for line in self._lines(step):
                lines.put_nowait(line)
        finally:
            self.running -= 1

    async def _lines(self, step: ReadyStep) -> AsyncIterator[bytes]:
        is_first = step.plugin not in self._seen
        self._seen.add(step.plugin)
        if self.is_draining:
            yield encode(StepRefused(ref=step.ref, code="draining"))
            return
        if step.plugin in self.unknown:
            yield encode(StepRefused(ref=step.ref, code="unknown_plugin"))
            return
        match step.plugin:
            case "stale":
                yield encode(StepRefused(ref=step.ref, code="stale"))
                return
            case "silent":
                return
            case "garbage" if is_first:
                yield b'{"type": "finis\n'
                return
            case "die" if is_first:
                yield b"die"
                return
            case "joined":
                yield encode(StepJoined(ref=step.ref))
                await self.release.wait()
            case "slow":
                await self.release.wait()
            case _:
                pass
        if step.plugin == "fail":
            yield encode(finished(step, "failed"))
        else:
            yield encode(finished(step, "succeeded"))


def finished(step: ReadyStep, outcome: str) -> StepFinished:
    return StepFinished(
        result=StepResult.model_validate(
            {
                "ref": step.ref,
                "outcome": outcome,
                "outputs": {"plugin": step.plugin},
                "code": "broken" if outcome == "failed" else None,
            }
        )
    )


def encode(message: StepMessage) -> bytes:
    return STEP_MESSAGES.dump_json(message) + b"\n"
