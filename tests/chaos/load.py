"""Steady load on the API, by clients that ask again until they are answered."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx

from flowyard.ids import new_id
from tests.chaos.kinds import KINDS, SHARED, draw
from tests.chaos.oracle import Drawn
from tests.support.api_driver import PROJECT, TRY_AGAIN, JsonObject

PAUSE_SECONDS = 0.25
REQUEST_SECONDS = 6
"""After how long a client asks another API, with the same key."""
ANSWER_SECONDS = 300
"""After how long nobody waits any more, for an answer or for a flow: this fails the run."""
LONGEST_PAUSE_SECONDS = 2.0
"""How long a client heeds what it is told to wait, at most: it would rather be a nuisance."""
MOST_ASKED = 12
"""Requests for new instances that may wait for an answer: who is slow is not buried."""
MOST_TOGETHER = 6
"""Instances of one request, at most."""
CANARIES = 12
"""Flows that are timed after each fault; the chance that one scheduler gets none is 1 : 2000."""
CANARY_KIND = "chain"


class UnansweredError(Exception):
    """Raised for a request that nobody answers, or not as expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """An instance that the API has said yes to."""

    instance_id: str
    drawn: Drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class _Later:
    """Why a request is to be sent again, and when."""

    reason: str
    pause_seconds: float = PAUSE_SECONDS


class Client:
    """Asks one API after the other, with one ``Idempotency-Key`` per request."""

    def __init__(self, addresses: Sequence[str], token: str) -> None:
        self._addresses = addresses
        self._asked = 0
        self._http = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {token}"},
            timeout=REQUEST_SECONDS,
            limits=httpx.Limits(max_connections=200),
            trust_env=False,
        )
        self.retried = 0
        self.odd: list[str] = []
        """Answers that no client may ever get."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.aclose()

    async def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Ask until there is an answer that asking again would not change."""
        headers = {"Idempotency-Key": str(new_id())} if method != "GET" else {}
        headers |= options.pop("headers", {})
        deadline = time.monotonic() + ANSWER_SECONDS
        while True:
            answer = await self._sent(method, path, headers=headers, **options)
            if isinstance(answer, httpx.Response):
                return answer
            if time.monotonic() > deadline:
                raise UnansweredError(
                    f"{method} {path} was not answered in {ANSWER_SECONDS} s: {answer.reason}"
                )
            self.retried += 1
            await asyncio.sleep(answer.pause_seconds)

    async def json(self, method: str, path: str, **options: Any) -> Any:
        """Return what is answered, decoded.

        Raises
        ------
        UnansweredError
            Raised for an error, too.
        """
        answer = await self.request(method, path, **options)
        if answer.is_error:
            raise UnansweredError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()

    async def _sent(self, method: str, path: str, **options: Any) -> "httpx.Response | _Later":
        self._asked += 1
        address = self._addresses[self._asked % len(self._addresses)]
        try:
            answer = await self._http.request(method, f"{address}/api/v1{path}", **options)
        except httpx.TransportError as error:
            return _Later(reason=repr(error))
        if answer.status_code == httpx.codes.INTERNAL_SERVER_ERROR:
            self.odd.append(f"{method} {path}: {answer.text}")
            return _Later(reason=answer.text)
        is_in_flight = (
            answer.status_code == httpx.codes.CONFLICT
            and answer.json()["code"] == "request_in_flight"
        )
        if answer.status_code in TRY_AGAIN or is_in_flight:
            pause = float(answer.headers.get("Retry-After", PAUSE_SECONDS))
            return _Later(reason=answer.text, pause_seconds=min(pause, LONGEST_PAUSE_SECONDS))
        return answer


class Load:
    """Starts instances at a rate, and does what people do about them.

    Parameters
    ----------
    rate
        Instances per second.
    """

    def __init__(self, client: Client, *, seed: int, rate: float, witness: str) -> None:
        self._client = client
        self._seed = seed
        self._rate = rate
        self._witness = witness
        self._chance = random.Random(f"load {seed}")  # noqa: S311  # it has to be repeatable
        self._drawn = 0
        self._canaries = 0
        self._asking = asyncio.Semaphore(MOST_ASKED)
        self.accepted: list[Accepted] = []
        self.cancelled: set[str] = set()
        """Instances whose cancellation was applied."""
        self.errors: list[str] = []

    async def prepare(self) -> None:
        """Publish all templates."""
        await self._client.json("POST", "/projects", json={"name": PROJECT})
        for source in [SHARED, *(kind.source for kind in KINDS)]:
            await self._client.json(
                "POST",
                f"/projects/{PROJECT}/templates/actions/apply",
                content=source,
                headers={"Content-Type": "application/yaml"},
            )

    async def run(self, stopping: asyncio.Event) -> None:
        """Go on until told to stop, then until all that was asked is answered and done."""
        async with asyncio.TaskGroup() as group:
            while not stopping.is_set():
                batch = self._next_batch()
                await self._asking.acquire()
                starting = group.create_task(self._told(self._start(group, batch)))
                starting.add_done_callback(lambda _: self._asking.release())
                pause = len(batch) / self._rate
                try:
                    await asyncio.wait_for(stopping.wait(), pause)
                except TimeoutError:
                    continue

    async def time_canary(self, tell: Callable[[float], None]) -> None:
        """Start some flows now, and tell after how many seconds all of them have ended.

        There are enough of them to meet both schedulers.
        """
        await self._told(self._time_canary(tell))

    async def _time_canary(self, tell: Callable[[float], None]) -> None:
        began = time.monotonic()
        self._canaries += 1
        chance = random.Random(f"canary {self._seed} {self._canaries}")  # noqa: S311
        chain = next(kind for kind in KINDS if kind.key == CANARY_KIND)
        prefix = f"{self._seed}-canary-{self._canaries}"
        batch = [chain.draw(chance, f"{prefix}-{number}") for number in range(CANARIES)]
        started = await self._create(batch, canary=prefix)
        left = {one.instance_id for one in started}
        while left:
            if time.monotonic() > began + ANSWER_SECONDS:
                raise UnansweredError(f"canaries have not ended in {ANSWER_SECONDS} s: {left}")
            await asyncio.sleep(PAUSE_SECONDS)
            shown = await self._client.json(
                "GET", f"/projects/{PROJECT}/instances", params={"label": f"canary:{prefix}"}
            )
            left -= {one["instance_id"] for one in shown["items"] if one["status"] == "succeeded"}
        tell(time.monotonic() - began)

    def _next_batch(self) -> list[Drawn]:
        size = self._chance.randint(1, MOST_TOGETHER)
        batch = [draw(self._chance, self._drawn + number, self._seed) for number in range(size)]
        self._drawn += size
        return batch

    async def _start(self, group: asyncio.TaskGroup, batch: Sequence[Drawn]) -> None:
        for accepted in await self._create(batch):
            if accepted.drawn.deed:
                group.create_task(self._told(self._do(accepted)))

    async def _create(self, batch: Sequence[Drawn], **labels: str) -> list[Accepted]:
        items = [
            {
                "template": one.kind,
                "labels": {"tag": one.tag, **labels},
                "inputs": {"tag": one.tag, "witness": self._witness, **one.inputs},
            }
            for one in batch
        ]
        created = await self._client.json(
            "POST", f"/projects/{PROJECT}/instances/actions/bulk-create", json={"items": items}
        )
        accepted = [
            Accepted(instance_id=shown["instance_id"], drawn=one)
            for one, shown in zip(batch, created["items"], strict=True)
        ]
        self.accepted += accepted
        return accepted

    async def _told(self, work: Any) -> None:
        """Do something; what it fails with is told at the end, and stops nothing else."""
        try:
            await work
        except (UnansweredError, httpx.HTTPError, ValueError, KeyError) as error:
            self.errors.append(repr(error))

    async def _do(self, accepted: Accepted) -> None:
        drawn = accepted.drawn
        await asyncio.sleep(drawn.deed_after)
        match drawn.deed:
            case "approve" | "reject":
                await self._decide(accepted)
            case "pause":
                if await self._operate(accepted, "pause"):
                    await asyncio.sleep(drawn.deed_after)
                    await self._operate(accepted, "resume")
            case "cancel":
                if await self._operate(accepted, "cancel"):
                    self.cancelled.add(accepted.instance_id)
            case deed:
                raise ValueError(f"Nobody knows how to {deed}")

    async def _decide(self, accepted: Accepted) -> None:
        path = f"/instances/{accepted.instance_id}"
        deadline = time.monotonic() + ANSWER_SECONDS
        while not _waits_for_approval(await self._client.json("GET", f"{path}/nodes/ask")):
            if time.monotonic() > deadline:
                raise UnansweredError(f"Nobody is asked by {accepted}")
            await asyncio.sleep(PAUSE_SECONDS)
        settled = await self._settled(
            accepted, f"/nodes/ask/actions/{accepted.drawn.deed}", {"comment": accepted.drawn.tag}
        )
        if settled is None or settled["outcome"] != "applied":
            raise UnansweredError(f"The decision of {accepted} came to {settled}")

    async def _operate(self, accepted: Accepted, verb: str) -> bool:
        """Tell whether an operation was applied; it is not when the instance has ended."""
        settled = await self._settled(accepted, f"/actions/{verb}", None)
        return settled is not None and settled["outcome"] == "applied"

    async def _settled(self, accepted: Accepted, path: str, body: Any) -> JsonObject | None:
        """Return a command once it has an outcome; None where it was refused at once."""
        place = f"/instances/{accepted.instance_id}"
        answer = await self._client.request("POST", place + path, json=body)
        if answer.status_code == httpx.codes.CONFLICT:
            return None
        if answer.is_error:
            raise UnansweredError(f"{path}: {answer.status_code} {answer.text}")
        command_id = answer.json()["command_id"]
        deadline = time.monotonic() + ANSWER_SECONDS
        while True:
            shown: JsonObject = await self._client.json("GET", f"{place}/commands/{command_id}")
            if shown["outcome"] is not None:
                return shown
            if time.monotonic() > deadline:
                raise UnansweredError(f"{path} of {accepted} was never settled: {shown}")
            await asyncio.sleep(PAUSE_SECONDS)


def _waits_for_approval(node: JsonObject) -> bool:
    return bool(node["status"] == "waiting" and node["reason"] == "approval")
