"""Random rows, and random parameters of every statement: few values, so that much meets."""

import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import orjson

from tests.support.simulation.seeding import seeded

IDS = [uuid.UUID(int=number << 64 | number) for number in range(1, 5)]
PROJECTS = [uuid.UUID(int=100 + number) for number in range(2)]
TEMPLATES = [uuid.UUID(int=200 + number) for number in range(3)]
RUNNERS = [uuid.UUID(int=300 + number) for number in range(3)]
HOOKS = [uuid.UUID(int=400 + number) for number in range(2)]
NODES = ["a", "b", "a:rollback", "Z"]
KEYS = ["db", "web"]
SHORT, MINUTE = timedelta(seconds=30), timedelta(minutes=4)
"""Spans that are told apart from each other and from the time that a test takes."""

Row = dict[str, Any]
Parameters = list[Any]


class Cases:
    """Draws one state of the tables and parameters for it.

    Parameters
    ----------
    now
        Around which its instants lie: about the present one of the servers.
    """

    def __init__(self, seed: str, now: datetime) -> None:
        self.random = seeded(seed)
        self._hooks = seeded(f"{seed} webhooks")
        hours = (timedelta(hours=-2), timedelta(minutes=-2), timedelta(seconds=-1))
        self.instants = [now + span for span in (*hours, timedelta(minutes=2), timedelta(hours=2))]
        self.past = self.instants[:3]

    def maybe(self, value: object) -> Any:
        return value if self.random.random() < 0.5 else None

    def one(self, *values: Any) -> Any:
        return self.random.choice(values)

    def some(self, values: list[Any]) -> list[Any]:
        return self.random.sample(values, k=self.random.randint(0, len(values)))

    def instant(self) -> datetime:
        return self.random.choice(self.instants)

    def json(self) -> str:
        value = self.one({}, {"b": 1, "a": [1.5, None, "é"]}, {"long": {"x": True}, "z": "1"})
        return orjson.dumps(value).decode()

    def keys(self, *parts: list[Any]) -> list[tuple[Any, ...]]:
        """Return some of the combinations of keys, each once."""
        found: list[tuple[Any, ...]] = [()]
        for part in parts:
            found = [(*head, value) for head in found for value in part]
        return self.random.sample(found, k=self.random.randint(0, min(6, len(found))))

    def attempts(self) -> list[tuple[Any, ...]]:
        return self.keys(IDS, NODES, [1, 2])

    def tables(self) -> Iterator[tuple[str, Row]]:
        """Yield rows in an order in which they may be inserted."""
        for place, project_id in enumerate(PROJECTS):
            yield "project", {"project_id": project_id, "name": f"p{place}"}
        for place, template_id in enumerate(TEMPLATES):
            yield from self._template(place, template_id)
        for (project_id,) in self.keys(PROJECTS):
            yield "secret", {"project_id": project_id, "name": "s", "sealed": "x", "actor": "ann"}
        for place, instance_id in enumerate(IDS[: self.random.randint(1, 4)]):
            yield "instance", self._instance(place, instance_id)
        for instance_id, node_id in self.keys(IDS, NODES):
            yield "node", self._node(instance_id, node_id)
        for key in self.attempts():
            yield "attempt", self._attempt(*key)
        for number in range(self.random.randint(0, 5)):
            yield "command", self._command(number + 1)
        for position, key in enumerate(self.attempts(), 1):
            yield "concurrency_slot", self._slot(position, *key)
        yield from self._rest()

    def _template(self, place: int, template_id: uuid.UUID) -> Iterator[tuple[str, Row]]:
        home = PROJECTS[place % 2]
        yield (
            "template",
            {
                "template_id": template_id,
                "project_id": home,
                "key": f"t{place}",
                "latest_version": self.one(1, 2),
                "is_common": self.random.random() < 0.5,
            },
        )
        for number in (1, 2):
            schemes = self.one([], [{"name": "fast"}])
            version = {"template_id": template_id, "number": number, "source": "", "actor": "ann"}
            graph = orjson.dumps({"schemes": schemes}).decode()
            yield (
                "template_version",
                {**version, "document": "{}", "graph": graph, "content_hash": ""},
            )
        if self.maybe(1):
            shown = {"template_id": template_id, "project_id": PROJECTS[1 - place % 2]}
            yield "template_visibility", {**shown, "actor": "ann"}

    def _instance(self, place: int, instance_id: uuid.UUID) -> Row:
        status = self.one("created", "running", "paused", "failed", "succeeded", "cancelled")
        has_ended = status in ("succeeded", "cancelled")
        row = {
            "instance_id": instance_id,
            "project_id": self.one(*PROJECTS),
            "template_id": self.one(*TEMPLATES),
            "version": self.one(1, 2),
            "name": "run",
            "status": status,
            "revision": self.one(0, 1, 2),
            "partition": place,
            "given": self.json(),
            "variables": self.maybe(self.json()),
            "outputs": self.maybe(self.json()),
            "actor": self.one("ann", ""),
            "traceparent": self.maybe("00-1"),
            "callback_secret": "s",
            "labels": ("{}", '{"team": "shop", "tier": "1"}')[place % 2],
            "ended_at": self.one(*self.past) if has_ended else None,
        }
        if place and self.maybe(1):
            parent = {"parent_instance_id": IDS[0], "parent_node_id": NODES[place % 2]}
            row |= {**parent, "parent_number": place}
        return row

    def node(self) -> Row:
        status = self.one(
            "ready", "running", "waiting", "failed", "succeeded", "skipped", "cancelled"
        )
        is_open = status in ("ready", "running", "waiting", "failed")
        reasons = ("queued", "running", "timer", "callback", "child", "retry", "incident")
        return {
            "status": status,
            "visits": self.one(1, 2),
            "reason": self.one(*reasons) if is_open else None,
            "check_at": self.instant() if is_open else None,
            "arrived": 0,
            "expected": 1,
            "number": self.one(None, 1, 2),
            "outputs": self.maybe(self.json()),
            "failure": None,
            "reached_at": self.instant(),
            "ended_at": None if is_open else self.one(*self.past),
            "mark": None,
            "retries": 0,
            "resume_at": self.maybe(self.instant()),
            "deadline_at": self.maybe(self.instant()),
            "variables": self.maybe(self.json()),
        }

    def _node(self, instance_id: uuid.UUID, node_id: str) -> Row:
        key = {"instance_id": instance_id, "node_id": node_id, "revision": 1}
        return {**key, "partition": IDS.index(instance_id), **self.node()}

    def outcome(self) -> str:
        state = {"plugin": "wait", "version": "1.0"}
        value = self.one(
            {"unknown": True},
            {"outcome": "succeeded"},
            {"outcome": "waiting", "state": state},
            {"outcome": "waiting", "state": None},
        )
        return orjson.dumps(value).decode()

    def state(self) -> str | None:
        name = self.one("wait", "other")
        return self.maybe(orjson.dumps({"plugin": name, "version": "1.0"}).decode())  # type: ignore[no-any-return]

    def _attempt(self, instance_id: uuid.UUID, node_id: str, number: int) -> Row:
        is_claimed, is_cancelled = self.maybe(1), self.maybe(1)
        outcome = self.maybe(self.outcome())
        return {
            "instance_id": instance_id,
            "node_id": node_id,
            "number": number,
            "step": self.one(0, 1),
            "status": "running",
            "queue": self.one(None, "default"),
            "inputs": self.maybe(self.json()),
            "state": self.state(),
            "outputs": self.maybe(self.json()),
            "wait_until": self.maybe(self.instant()),
            "actor": self.one(None, "", "bob"),
            "opened_at": self.one(*self.past),
            "closed_at": self.maybe(self.one(*self.past)),
            "dispatched_step": self.one(None, 0, 1),
            "runner": self.one(*RUNNERS) if is_claimed else None,
            "claimed_step": self.one(0, 1) if is_claimed else None,
            "outcome": outcome,
            "outcome_step": None if outcome is None else self.one(0, 1),
            "cancel_requested_at": self.one(*self.past) if is_cancelled else None,
            "cancel_confirmed_at": self.maybe(self.past[0]) if is_cancelled else None,
            "cancel_tries": self.one(None, 1, 5),
            "cancel_retry_at": self.maybe(self.instant()),
        }

    def _command(self, command_id: int) -> Row:
        place = self.random.randrange(4)
        outcome = self.one(None, None, "applied")
        return {
            "command_id": command_id,
            "instance_id": IDS[place],
            "partition": place,
            "kind": self.one("start", "start", "cancel", "callback"),
            "node_id": self.one(None, "a"),
            "payload": self.json(),
            "actor": "ann",
            "created_at": self.one(*self.past),
            "outcome": outcome,
            "settled_at": None if outcome is None else self.past[0],
        }

    def _slot(self, position: int, instance_id: uuid.UUID, node_id: str, number: int) -> Row:
        granted_at = self.maybe(self.past[1])
        return {
            "instance_id": instance_id,
            "node_id": node_id,
            "number": number,
            "project_id": PROJECTS[0],
            "key": self.one(*KEYS),
            "limit": self.one(1, 2),
            "position": position,
            "asked_at": self.past[0],
            "granted_at": granted_at,
            "releasing_at": None if granted_at is None else self.maybe(self.past[position % 3]),
        }

    def _webhooks(self) -> Iterator[tuple[str, Row]]:
        draw = self._hooks
        if draw.random() < 0.5:
            yield "webhook_level", {"is_single": True, "version": draw.choice([1, 2])}
        for webhook_id in draw.sample(HOOKS, k=draw.randint(0, 2)):
            reason = draw.choice([None, "person"])
            yield (
                "webhook",
                {
                    "webhook_id": webhook_id,
                    "project_id": draw.choice(PROJECTS),
                    "url": "http://there",
                    "events": draw.choice([["node.failed"], ["instance.failed", "node.failed"]]),
                    "templates": draw.choice([[], ["t1"]]),
                    "labels": draw.choice(["{}", '{"team": "shop"}']),
                    "secret": "x",
                    "is_enabled": reason is None,
                    "disabled_reason": reason,
                    "created_by": "ann",
                    "updated_by": "ann",
                },
            )

    def _rest(self) -> Iterator[tuple[str, Row]]:
        for boot_id in self.some(RUNNERS):
            yield (
                "runner",
                {
                    "boot_id": boot_id,
                    "host": "h",
                    "started_at": self.past[0],
                    "renewed_at": self.one(*self.past),
                },
            )
        yield from self._webhooks()
        for partition in self.some([0, 1, 2]):
            driven = {"partition": partition, "broker_id": "old", "assigned_at": self.past[0]}
            yield "partition_broker", driven
        for scheduler_id in self.some(RUNNERS):
            yield (
                "scheduler_load",
                {
                    "scheduler_id": scheduler_id,
                    "load": self.json(),
                    "reported_at": self.one(*self.past),
                },
            )
        for instance_id, node_id, sequence in self.keys(IDS, NODES, [1, 2]):
            yield (
                "log_line",
                {
                    "instance_id": instance_id,
                    "node_id": node_id,
                    "number": 1,
                    "sequence": sequence,
                    "at": self.past[0],
                    "level": "info",
                    "text": "line",
                    "size_so_far": sequence * 10,
                },
            )


Draw = Callable[[Cases], Parameters]
