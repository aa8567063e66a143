"""Log lines of plugins are stored as they come, many in one statement, behind the run.

Rules and theory of operation
-----------------------------
1. Writing a line takes no time: it is masked, bounded and put into the attempt's buffer.
   It may come from any thread. A line whose end may be the begin of a secret stays behind
   until the next one, for a moment at most (``line_masking``).
2. Buffers are stored together, a moment after the first line. A step that has ended has
   its lines stored before it is answered, so that a finished step's log is complete; if
   Postgres stays away, the answer goes first. A step without lines waits for nothing.
3. Lines are numbered per attempt, over all its steps and wherever they ran. The first step
   begins at 1 without asking; where that place is taken, what is stored is read.
4. An attempt keeps so many lines and bytes, and one line that says that it was cut. A
   process keeps so many bytes that wait to be stored; what is beyond is lost and counted.
"""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import islice
from types import TracebackType
from typing import Self

import asyncpg

from flowyard.clock import Clock
from flowyard.contracts.plugin import LogLevel
from flowyard.storage.cancellations import AttemptKey
from flowyard.storage.database import Database
from flowyard.storage.errors import DatabaseUnavailableError
from flowyard.storage.log_lines import (
    LOG_LEVELS,
    LinePlacedError,
    LogEnd,
    LogLine,
    PlacedLine,
    find_log_ends,
    insert_log_lines,
)
from flowyard.tasks import stop
from flowyard.telemetry.masking import Masker
from flowyard.telemetry.metrics import Metrics
from flowyard_plugin_gateway.line_masking import LineMasker, Said
from flowyard_plugin_gateway.log_bounds import (
    MAX_BYTES,
    MAX_LINES,
    NOTHING,
    Unplaced,
    clean,
    is_cut,
    place_lines,
    size_of,
)

logger = logging.getLogger("flowyard.plugin_gateway")

GATHER_SECONDS = 0.2
"""How long lines gather before they are stored; a person who follows them sees no delay."""

RETRY_SECONDS = 0.5
"""Time between tries while Postgres does not answer."""

ANSWER_WAIT_SECONDS = 5.0
"""Longest time that an answer waits for its lines to be stored."""

CLOSE_SECONDS = 2.0
"""Longest time that the last lines are given when the process goes."""

HOLD_SECONDS = 2.0
"""How long a line that may end with the begin of a secret waits for the one that tells."""

MAX_WAITING_BYTES = 32 * 1024 * 1024
"""Bytes of lines that wait to be stored, over all attempts."""

MAX_BATCH = 1000
"""Lines in one statement."""

MAX_TRIES = 5
"""How often a batch is placed anew before its lines wait for the next round."""


class AttemptLog:
    """The lines of one step that are not stored yet; what a plugin's context writes to.

    Parameters
    ----------
    writer
        Stores the lines.
    key
        Whose they are.
    masker
        Takes secrets out of lines; None where the step has none.
    end
        Where the stored lines end; None if that has to be read.
    """

    __slots__ = (
        "added",
        "end",
        "is_cut",
        "key",
        "lines",
        "lost",
        "masker",
        "size",
        "writer",
        "written",
    )

    def __init__(
        self,
        writer: "LogWriter",
        key: AttemptKey,
        masker: LineMasker | None,
        end: LogEnd | None,
    ) -> None:
        self.writer = writer
        self.key = key
        self.masker = masker
        self.end = end
        self.lines: deque[LogLine] = deque()
        self.is_cut = False
        """True once no further line is kept."""
        self.added = 0
        """Lines that were taken so far."""
        self.size = 0
        """Their bytes."""
        self.written = 0
        """Those of them that are stored, or given up."""
        self.lost = 0
        """Lines that were not taken since the last one, because too many waited."""

    def write(self, level: LogLevel, text: str) -> None:
        """Keep a line; it neither blocks nor raises, and what is too much is counted."""
        self.writer.take(self, level, text)


class LogWriter:
    """Stores the lines of all steps that run here.

    Parameters
    ----------
    database, metrics, clock
        As everywhere.
    """

    def __init__(self, database: Database, metrics: Metrics, clock: Clock) -> None:
        self._database = database
        self._metrics = metrics
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting_bytes = 0
        self._dirty: dict[AttemptLog, None] = {}
        self._answers: dict[AttemptLog, tuple[int, asyncio.TimerHandle, Callable[[], None]]] = {}
        self._wake = asyncio.Event()
        self._hurry = asyncio.Event()
        self._is_closing = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._loop_task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin to store lines."""
        self._loop = asyncio.get_running_loop()
        self._loop_task = asyncio.create_task(self._run(), name="log-writer")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Store what waits, within a bound; the rest is counted as lost. Safe to call twice."""
        task, self._loop_task = self._loop_task, None
        if task is None:
            return
        self._is_closing = True
        self._wake.set()
        self._hurry.set()
        await asyncio.wait({task}, timeout=CLOSE_SECONDS)
        await stop(task)
        for log in list(self._dirty):
            self._drop(log)
        self._give_answers()

    def open(self, key: AttemptKey, step: int, masker: Masker | None) -> AttemptLog:
        """Return where the lines of one step go.

        Parameters
        ----------
        masker
            Finds the step's secrets; None where it has none.
        """
        of_lines = None if masker is None or masker.is_empty else LineMasker(masker)
        return AttemptLog(self, key, of_lines, NOTHING if step == 0 else None)

    def take(self, log: AttemptLog, level: str, text: str) -> None:
        """Keep a line, from any thread."""
        said = Said(level if level in LOG_LEVELS else "info", self._clock.now(), text)
        masker = log.masker
        # What would not be kept is not looked at either.
        if masker is None or self._is_full(log):
            is_first = self._keep(log, [said])
            begins_to_hold = False
        else:
            with masker.lock:
                was_holding = masker.is_holding
                is_first = self._keep(log, masker.take(said))
                begins_to_hold = masker.is_holding and not was_holding
        if self._loop is not None and (is_first or begins_to_hold):
            # A thread may outlive the loop.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._mark, log)

    def _is_full(self, log: AttemptLog) -> bool:
        # The first line that is too much is taken: it becomes the one that says so.
        return log.is_cut or log.added > MAX_LINES or log.size > MAX_BYTES

    def _keep(self, log: AttemptLog, lines: Sequence[Said]) -> bool:
        """Keep lines, and tell whether none waited before: then they have yet to be marked."""
        is_first = False
        for said in lines:
            line = LogLine(sequence=0, at=said.at, level=said.level, text=clean(said.text))
            with self._lock:
                if self._is_full(log):
                    self._count("cut", 1)
                elif self._waiting_bytes > MAX_WAITING_BYTES:
                    log.lost += 1
                    self._count("lost", 1)
                else:
                    is_first = is_first or not log.lines
                    self._append(log, line)
        return is_first

    def _append(self, log: AttemptLog, line: LogLine) -> None:
        lost, log.lost = log.lost, 0
        if lost:
            text = f"{lost} lines were lost here."
            self._append(log, LogLine(sequence=0, at=line.at, level="warning", text=text))
        size = size_of(line)
        log.lines.append(line)
        log.added += 1
        log.size += size
        self._waiting_bytes += size

    def _release(self, log: AttemptLog) -> None:
        """Pass on what was kept back for a line that has not come."""
        if log.masker is None or not log.masker.is_holding:
            return
        with log.masker.lock:
            self._keep(log, log.masker.release())
        self._mark(log)

    def when_stored(self, log: AttemptLog | None, then: Callable[[], None]) -> None:
        """Call back once all lines so far are stored: at once where there are none.

        Parameters
        ----------
        log
            The lines of a step that has ended; None for one that was never begun.
        then
            Is called once, also when storing takes too long.
        """
        if log is not None:
            self._release(log)
        if log is None or log.written == log.added or self._loop is None:
            then()
            return
        timer = self._loop.call_later(ANSWER_WAIT_SECONDS, self._answer, log)
        self._answers[log] = (log.added, timer, then)
        self._mark(log)
        self._hurry.set()

    def _mark(self, log: AttemptLog) -> None:
        if log.masker is not None and log.masker.is_holding and self._loop is not None:
            self._loop.call_later(HOLD_SECONDS, self._release, log)
        if log.lines:
            self._dirty[log] = None
            self._wake.set()

    def _answer(self, log: AttemptLog) -> None:
        _, timer, then = self._answers.pop(log)
        timer.cancel()
        then()

    def _give_answers(self) -> None:
        for log, (wanted, _, _) in list(self._answers.items()):
            if log.written >= wanted:
                self._answer(log)

    async def _run(self) -> None:
        while not self._is_closing or self._dirty:
            await self._wake.wait()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), GATHER_SECONDS)
            self._wake.clear()
            self._hurry.clear()
            try:
                await self._flush()
            except DatabaseUnavailableError:
                logger.warning("Log lines wait for Postgres", extra={"count": len(self._dirty)})
                await self._rest()
            except Exception:
                # The outermost loop: without it no line would ever be stored again.
                logger.exception("Log lines could not be stored")
                await self._rest()

    async def _rest(self) -> None:
        await asyncio.sleep(RETRY_SECONDS)
        self._wake.set()

    async def _flush(self) -> None:
        while self._dirty:
            batch: list[AttemptLog] = []
            count = 0
            for log in self._dirty:
                batch.append(log)
                count += len(log.lines)
                if count >= MAX_BATCH:
                    break
            await self._store(batch)
            for log in batch:
                if not log.lines:
                    self._dirty.pop(log, None)
            self._give_answers()

    async def _store(self, batch: Sequence[AttemptLog]) -> None:
        try:
            await self._store_together(batch)
        except asyncpg.PostgresError as error:
            if len(batch) > 1:
                for log in batch:
                    await self._store([log])
                return
            logger.exception(
                "Postgres refuses log lines",
                extra={"instance_id": str(batch[0].key.instance_id), "sqlstate": error.sqlstate},
            )
            self._drop(batch[0])

    async def _store_together(self, batch: Sequence[AttemptLog]) -> None:
        for _ in range(MAX_TRIES):
            await self._read_ends([log for log in batch if log.end is None])
            first = self._first(batch)
            placed = place_lines(first)
            try:
                async with self._database.hot() as connection:
                    await insert_log_lines(connection, placed)
            except LinePlacedError:
                # Another run of the attempt wrote; what it left is read, and the rest follows it.
                for log in batch:
                    log.end = None
                continue
            self._stored(batch, placed, [len(lines) for _, _, lines in first])
            return
        raise LinePlacedError("Expected a free place for log lines, but others were first")

    def _first(self, batch: Sequence[AttemptLog]) -> list[Unplaced]:
        with self._lock:
            return [(log.key, log.end, list(islice(log.lines, MAX_BATCH))) for log in batch]

    async def _read_ends(self, logs: Sequence[AttemptLog]) -> None:
        if not logs:
            return
        async with self._database.hot() as connection:
            ends = await find_log_ends(connection, [log.key for log in logs])
        for place, log in enumerate(logs):
            log.end = ends.get(place, NOTHING)

    def _stored(
        self, batch: Sequence[AttemptLog], placed: Sequence[PlacedLine], counts: Sequence[int]
    ) -> None:
        ends = {one.key: LogEnd(one.line.sequence, one.size_so_far) for one in placed}
        self._count("stored", len(placed))
        self._count("cut", sum(counts) - len(placed))
        for log, count in zip(batch, counts, strict=True):
            log.end = ends.get(log.key, log.end)
            log.is_cut = log.end is not None and is_cut(log.end)
            self._forget(log, count)

    def _drop(self, log: AttemptLog) -> None:
        self._count("lost", len(log.lines))
        self._forget(log, len(log.lines))
        if not log.lines:
            self._dirty.pop(log, None)

    def _forget(self, log: AttemptLog, count: int) -> None:
        with self._lock:
            for _ in range(count):
                self._waiting_bytes -= size_of(log.lines.popleft())
            log.written += count

    def _count(self, result: str, amount: int) -> None:
        self._metrics.count("flowyard_plugin_gateway_log_lines_total", amount, result=result)
