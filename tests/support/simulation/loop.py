"""An event loop in which time is virtual and every choice comes from a seed.

Theory of operation. All simulated processes share one loop, and each has a queue of its own:
within a process everything happens in the order in which asyncio would have it, between
processes in any order, which the seed decides. Whose a callback is says the context that it
was scheduled in, so that a task, and all tasks that it begins, belong to their process.

A process that has crashed is never run again: no ``finally`` and no ``except`` of its code is.
One that is suspended keeps what becomes due until it goes on, as after SIGSTOP. Time hardly
moves while anything can run, and then jumps to the next timer.
"""

import asyncio
import heapq
import sys
from asyncio import events
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from contextvars import Context, ContextVar, copy_context
from datetime import UTC, datetime, timedelta
from typing import Any

from typing_extensions import TypeVarTuple, Unpack, override

from tests.support.simulation.seeding import seeded

EPOCH = datetime(2031, 5, 1, 8, 0, tzinfo=UTC)
"""When every simulation begins."""

TICK_SECONDS = 2e-6
"""How long a process runs at a time: one that asks for no wait at all must not stop the clock."""

MAX_BURST = 4
"""Most callbacks of one process in a row while another one could run."""

Given = TypeVarTuple("Given")


class NothingLeftError(Exception):
    """Raised when nothing can ever happen any more, and somebody still waits."""


class Process:
    """What crashes and stops as a whole."""

    __slots__ = ("is_alive", "is_suspended", "is_waiting_to_run", "name", "queue")

    def __init__(self, name: str) -> None:
        self.name = name
        self.queue: deque[asyncio.Handle] = deque()
        self.is_alive = True
        self.is_suspended = False
        self.is_waiting_to_run = False

    @property
    def is_running(self) -> bool:
        return self.is_alive and not self.is_suspended


PROCESS: ContextVar[Process] = ContextVar("simulated_process")
"""Whose the running code is."""


class _NumberedRun(asyncio.Task[Any]):
    """A task that is the same in sets of every run: ids of objects are not."""

    _count = 0

    def __init__(self, *args: Any, number: int, **kwargs: Any) -> None:
        self._number = number
        super().__init__(*args, **kwargs)

    @override
    def __hash__(self) -> int:
        return self._number

    @override
    def __eq__(self, other: object) -> bool:
        return self is other


class _NumberedFuture(asyncio.Future[Any]):
    """A future that is the same in sets of every run."""

    def __init__(self, *, loop: asyncio.AbstractEventLoop, number: int) -> None:
        self._number = number
        super().__init__(loop=loop)

    @override
    def __hash__(self) -> int:
        return self._number

    @override
    def __eq__(self, other: object) -> bool:
        return self is other


class VirtualLoop(asyncio.BaseEventLoop):
    """The loop; it knows no sockets, and whoever asks it for a thread is given none."""

    def __init__(self, seed: int) -> None:
        self._random = seeded(f"loop {seed}")
        self._now = 0.0
        self._timers: list[tuple[float, int, asyncio.TimerHandle, Context]] = []
        self._count = 0
        self._ready: list[Process] = []
        self._is_closed = False
        self.world = Process("world")
        """What is no process of Flowyard: the servers, the network, the people."""
        self.world_context = Context()
        self.world_context.run(PROCESS.set, self.world)
        self.faults: list[dict[str, Any]] = []
        """What no task has taken: exceptions of callbacks."""

    @override
    def time(self) -> float:
        return self._now

    def instant(self) -> datetime:
        return EPOCH + timedelta(seconds=self._now)

    @override
    def get_debug(self) -> bool:
        return False

    @override
    def is_running(self) -> bool:
        return not self._is_closed

    @override
    def is_closed(self) -> bool:
        return self._is_closed

    @override
    def close(self) -> None:
        self._is_closed = True
        self._ready.clear()
        self._timers.clear()

    @override
    def call_soon(
        self,
        callback: Callable[[Unpack[Given]], object],
        *args: *Given,
        context: Context | None = None,
    ) -> asyncio.Handle:
        within = copy_context() if context is None else context
        handle = asyncio.Handle(callback, args, self, within)
        self._enqueue(handle, within)
        return handle

    @override
    def call_soon_threadsafe(
        self,
        callback: Callable[[Unpack[Given]], object],
        *args: *Given,
        context: Context | None = None,
    ) -> asyncio.Handle:
        return self.call_soon(callback, *args, context=context)

    @override
    def call_later(
        self,
        delay: float,
        callback: Callable[[Unpack[Given]], object],
        *args: *Given,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        return self.call_at(self._now + delay, callback, *args, context=context)

    @override
    def call_at(
        self,
        when: float,
        callback: Callable[[Unpack[Given]], object],
        *args: *Given,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        within = copy_context() if context is None else context
        handle = asyncio.TimerHandle(when, callback, args, self, within)
        self._count += 1
        heapq.heappush(self._timers, (when, self._count, handle, within))
        return handle

    def in_world(self, delay: float, callback: Callable[..., Any], *args: Any) -> None:
        """Have something happen outside of all processes, after a delay."""
        self.call_at(self._now + delay, callback, *args, context=self.world_context)

    def context_of(self, process: Process) -> Context:
        context = self.world_context.copy()
        context.run(PROCESS.set, process)
        return context

    @override
    def create_future(self) -> asyncio.Future[Any]:
        self._count += 1
        return _NumberedFuture(loop=self, number=self._count)

    @override
    def create_task(
        self,
        coro: Generator[Any, None, Any] | Coroutine[Any, Any, Any],
        *,
        name: object = None,
        context: Context | None = None,
    ) -> asyncio.Task[Any]:
        self._count += 1
        return _NumberedRun(coro, loop=self, name=name, context=context, number=self._count)

    @override
    def call_exception_handler(self, context: dict[str, Any]) -> None:
        # A pending task that goes away, and an answer that nobody has taken, belonged to a process
        # that has crashed.
        is_left = "future" in context and not isinstance(context["future"], asyncio.Task)
        if not self._is_closed and context.get("exception") is not None and not is_left:
            self.faults.append(context)

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Is called by a timer that is cancelled; it is passed over when its time comes."""

    @override
    def run_until_complete(self, future: Any) -> Any:
        """Run until a coroutine has ended; it belongs to the world."""
        task = self.create_task(future, context=self.world_context)
        with _running(self):
            while not task.done():
                if self._ready:
                    self._run_some()
                    self._now += TICK_SECONDS
                    if self._timers and self._timers[0][0] <= self._now:
                        self._ring()
                else:
                    self._jump()
        return task.result()

    def suspend(self, process: Process) -> None:
        process.is_suspended = True

    def go_on(self, process: Process) -> None:
        process.is_suspended = False
        self._offer(process)

    def crash(self, process: Process) -> None:
        process.is_alive = False
        process.queue.clear()

    def _enqueue(self, handle: asyncio.Handle, context: Context) -> None:
        process = context.get(PROCESS, self.world)
        if process.is_alive:
            process.queue.append(handle)
            self._offer(process)

    def _offer(self, process: Process) -> None:
        if process.queue and process.is_running and not process.is_waiting_to_run:
            process.is_waiting_to_run = True
            self._ready.append(process)

    def _run_some(self) -> None:
        ready = self._ready
        place = int(self._random.random() * len(ready)) if len(ready) > 1 else 0
        process = ready[place]
        left = 1 + int(self._random.random() * MAX_BURST) if len(ready) > 1 else MAX_BURST
        queue = process.queue
        while queue and left and process.is_running:
            left -= 1
            handle = queue.popleft()
            if not handle.cancelled():
                handle._run()
        if not queue or not process.is_running:
            process.is_waiting_to_run = False
            ready.remove(process)

    def _jump(self) -> None:
        while self._timers and self._timers[0][2].cancelled():
            heapq.heappop(self._timers)
        if not self._timers:
            raise NothingLeftError("Expected something to happen, but nothing is left")
        self._now = max(self._now, self._timers[0][0])
        self._ring()

    def _ring(self) -> None:
        while self._timers and self._timers[0][0] <= self._now:
            _, _, handle, within = heapq.heappop(self._timers)
            if not handle.cancelled():
                self._enqueue(handle, within)


class VirtualClock:
    """The clocks of one process: the monotonic one is right, the other one may be set."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self.ahead = timedelta()

    def now(self) -> datetime:
        return self._loop.instant() + self.ahead

    def monotonic(self) -> float:
        return self._loop.time()


class SeededIds:
    """Ids and secrets that are the same in every run of a seed."""

    def __init__(self, loop: VirtualLoop, seed: int) -> None:
        self._loop = loop
        self._random = seeded(f"ids {seed}")

    def milliseconds(self) -> int:
        return int(self._loop.instant().timestamp() * 1000)

    def random_bytes(self, count: int) -> bytes:
        return self._random.randbytes(count)


@contextmanager
def _running(loop: VirtualLoop) -> Generator[None, None, None]:
    before = events._get_running_loop()
    hooks = sys.get_asyncgen_hooks()
    events._set_running_loop(loop)
    # What a crash leaves behind is not finished: nothing of a dead process runs.
    sys.set_asyncgen_hooks(firstiter=lambda _: None, finalizer=lambda _: None)
    try:
        yield
    finally:
        sys.set_asyncgen_hooks(*hooks)
        events._set_running_loop(before)
