"""One run: load, faults, peace, and then the ledger."""

import asyncio
import json
import shutil
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import asyncpg

from tests.chaos.arena import Arena
from tests.chaos.books import Books, read_books, slowest, unrest
from tests.chaos.evidence import DETECTORS, TOLD, Meter, bad_lines, dead_letters, held, tails
from tests.chaos.faults import SERVERS, Fault, schedule
from tests.chaos.ledger import Ledger
from tests.chaos.load import Client, Load
from tests.chaos.nemesis import Nemesis
from tests.chaos.outside import Outside

METER_SECONDS = 2.0
REST_SECONDS = 150
"""How long everything may take to come to rest after the last fault: a lost record is
published again after 60 s at the latest, twice in a row at the very worst."""
LOOK_SECONDS = 0.5
EMPTY_SECONDS = 20

Looked = TypeVar("Looked", int, list[str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be repeated exactly.

    Attributes
    ----------
    seconds
        How long there are load and faults; start and rest come on top.
    rate
        Instances per second.
    """

    seed: int
    seconds: float
    rate: float = 5.0


@dataclass(slots=True, kw_only=True)
class Report:
    """What a run has come to."""

    plan: Plan
    findings: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    """Kinds of faults that this machine does not allow."""
    counts: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    recoveries: list[tuple[float, str]] = field(default_factory=list)
    rest_seconds: float = 0.0
    slowest: list[str] = field(default_factory=list)
    """What has waited the longest."""
    history: list[str] = field(default_factory=list)
    logs: str = ""

    def summary(self) -> str:
        """Return a page for people."""
        recovery = max(self.recoveries, default=(0.0, "nothing was healed"))
        lines = [
            *(f"WARNING: {one}" for one in self.missing),
            f"seed {self.plan.seed}, {self.plan.seconds:.0f} s of load and faults",
            *(f"  {name}: {count}" for name, count in self.counts.items()),
            f"  faults: {self.faults.total()}",
            *(f"    {name}: {count}" for name, count in sorted(self.faults.items())),
            f"  slowest recovery: {recovery[0]:.1f} s after {recovery[1]}",
            f"  at rest {self.rest_seconds:.1f} s after the last fault",
            "  slowest of all:",
            *(f"    {one}" for one in self.slowest),
            f"  findings: {len(self.findings)}",
        ]
        return "\n".join(lines)

    def complaint(self) -> str:
        """Return all that somebody needs who looks for the fault."""
        return "\n".join(
            [
                self.summary(),
                *(f"! {one}" for one in self.findings[:60]),
                f"repeat it: make chaos SEED={self.plan.seed} MINUTES={self.plan.seconds / 60:g}",
                "history:",
                *self.history,
                self.logs,
            ]
        )


class ChaosRun:
    """Drives one arena through one plan."""

    def __init__(self, arena: Arena, outside: Outside, plan: Plan) -> None:
        self._arena = arena
        self._outside = outside
        self._plan = plan
        self._report = Report(plan=plan)
        self._meter = Meter()
        self._canaries: list[asyncio.Task[None]] = []
        self._healed_at = 0.0

    def run(self) -> Report:
        """Do it all, and return what it has come to."""
        return asyncio.run(self._run())

    async def _run(self) -> Report:
        cluster = self._arena.cluster
        addresses = [process.url for process in cluster.of("api")]
        self._outside.apis = addresses
        made = json.loads(cluster.run("token", "create", "--actor", "chaos", "--output", "json"))
        async with Client(addresses, made["token"]) as client:
            load = Load(
                client, seed=self._plan.seed, rate=self._plan.rate, witness=self._outside.url
            )
            await load.prepare()
            try:
                await self._break_under(load)
                await self._rest()
                await self._compare(load, client)
            except Exception as error:  # noqa: BLE001  # a run that breaks off tells why, too
                self._report.findings.append(f"the run broke off: {error!r}")
        if self._report.findings:
            self._report.logs = self._tails()
        return self._report

    def _tails(self) -> str:
        names = [*self._arena.processes, *SERVERS]
        return tails({name: self._arena.hittable(name).log for name in names}, names)

    async def _break_under(self, load: Load) -> None:
        """Have load and faults for as long as planned, then let everything that was asked end."""
        stopping = asyncio.Event()
        loading = asyncio.create_task(load.run(stopping))
        metering = asyncio.create_task(self._measure())
        faults = schedule(self._plan.seed, self._plan.seconds, self._arena.targets)
        nemesis = Nemesis(self._arena, faults, healed=self._healed(load))
        nemesis.start()
        try:
            await asyncio.sleep(self._plan.seconds)
            await asyncio.to_thread(nemesis.stop)
            self._healed_at = time.monotonic()
            await asyncio.to_thread(self._arena.wait_ready)
            stopping.set()
            await loading
            await asyncio.gather(*self._canaries)
        finally:
            await asyncio.to_thread(nemesis.stop)
            metering.cancel()
            self._note(nemesis)

    def _note(self, nemesis: Nemesis) -> None:
        report = self._report
        report.history = nemesis.history
        report.missing = self._arena.missing
        report.findings += [f"the nemesis failed: {one}" for one in nemesis.errors]
        report.findings += [
            f"{name} ended by itself" for name in nemesis.ended_by_themselves if name != "postgres"
        ]
        report.faults = Counter(
            f"{one.kind.value} {_group(one.target)}" for one in nemesis.carried_out
        )

    def _healed(self, load: Load) -> Callable[[Fault], None]:
        loop = asyncio.get_running_loop()

        def healed(fault: Fault) -> None:
            loop.call_soon_threadsafe(
                lambda: self._canaries.append(loop.create_task(self._time_recovery(load, fault)))
            )

        return healed

    async def _time_recovery(self, load: Load, fault: Fault) -> None:
        what = f"{fault.kind.value} {fault.target}"
        recoveries = self._report.recoveries
        await load.time_canary(lambda seconds: recoveries.append((seconds, what)))

    async def _measure(self) -> None:
        while True:
            await self._meter.look(self._arena.processes)
            await asyncio.sleep(METER_SECONDS)

    async def _rest(self) -> None:
        """Wait until nothing of all this goes on any more."""
        connection = await asyncpg.connect(self._arena.cluster.postgres.url)
        try:
            restless = await _last(lambda: unrest(connection), REST_SECONDS)
        finally:
            await connection.close()
        self._report.rest_seconds = time.monotonic() - self._healed_at
        if restless:
            self._report.findings.append(f"{restless} rows have not come to rest")
        self._report.findings += await _last(
            lambda: asyncio.to_thread(held, self._arena.processes), EMPTY_SECONDS
        )

    async def _compare(self, load: Load, client: Client) -> None:
        connection = await asyncpg.connect(self._arena.cluster.postgres.url)
        try:
            books = await read_books(connection)
            self._report.slowest = await slowest(connection)
        finally:
            await connection.close()
        ledger = Ledger(
            books=books,
            accepted=load.accepted,
            cancelled=frozenset(load.cancelled),
            calls=self._outside.calls(),
        )
        report = self._report
        report.findings += [*load.errors, *client.odd, *self._outside.odd, *ledger.findings()]
        await self._detect()
        self._count(books, ledger, load, client)

    async def _detect(self) -> None:
        await self._meter.look(self._arena.processes)
        sums, report = self._meter.sums, self._report
        report.findings += [f"{name} = {sums[name]}" for name in DETECTORS if sums[name]]
        with suppress(OSError):
            report.findings += await dead_letters(self._arena.cluster.kafka.servers)
        logs = {name: process.log for name, process in self._arena.processes.items()}
        report.findings += [f"{count} x {what}" for what, count in bad_lines(logs).items()]

    def _count(self, books: Books, ledger: Ledger, load: Load, client: Client) -> None:
        report = self._report
        report.counts = Counter(
            {
                "instances accepted": len(load.accepted),
                "instances": len(books.instances),
                "nodes": len(books.nodes),
                "attempts": len(books.attempts),
                "effects outside": len(self._outside.calls()),
                "outcomes unknown": len(ledger.unknown),
                "requests repeated": client.retried,
            }
        )
        report.counts.update({name: self._meter.sums[name] for name in TOLD})


async def _last(look: Callable[[], Awaitable[Looked]], seconds: float) -> Looked:
    """Look until there is nothing to be seen, and return what is seen at last."""
    deadline = time.monotonic() + seconds
    while True:
        seen = await look()
        if not seen or time.monotonic() > deadline:
            return seen
        await asyncio.sleep(LOOK_SECONDS)


def _group(target: str) -> str:
    """Return what a target is one of: ``worker-1`` is a worker, a link leads to a server."""
    before, arrow, after = target.partition(">")
    return f"link to {_group(after)}" if arrow else before.rstrip("0123456789").rstrip("-")


def keep(arena_folder: Path, place: Path) -> None:
    """Copy what a run has left on its disks to where it stays."""
    shutil.copytree(
        arena_folder, place, dirs_exist_ok=True, ignore=shutil.ignore_patterns("filler")
    )
