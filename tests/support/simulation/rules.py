"""What must hold while a simulation runs, and what must have become of everything in the end."""

import logging
import uuid
from collections import Counter
from collections.abc import Iterator

import orjson
from typing_extensions import override

from flowyard.contracts.records import INSTANCE_EVENTS, ReadyStep, StepRef, StepResult
from flowyard.contracts.topics import INSTANCE_EVENT, SCHEDULER_GROUP
from flowyard.engine.lifecycle import FINAL_INSTANCE_STATUSES
from flowyard.messaging.ports import IncomingRecord, TopicPartition
from flowyard.storage.advance_store import HeldInstance
from tests.support.simulation.history import History, short
from tests.support.simulation.people import People, Started
from tests.support.simulation.postgres.tables import Row
from tests.support.simulation.services import SimulatedScheduler
from tests.support.simulation.world import World

_EXPECTED = frozenset({"A step was left behind", "Outcomes were lost"})
"""Errors that are right: a gateway was told to stop, and a step, or Postgres, took longer than it
waits."""

_FINAL_NODE = frozenset({"succeeded", "skipped", "cancelled"})
_FINAL_INSTANCE = frozenset({"succeeded", "cancelled"})


class RowRules:
    """What no commit may do."""

    def __init__(self, history: History) -> None:
        self._history = history

    def watch(self, table: str, before: Row | None, after: Row | None) -> None:
        if before is None or after is None:
            return
        if table == "instance":
            self._watch_instance(before, after)
        elif table == "node":
            self._watch_node(before, after)

    def _watch_instance(self, before: Row, after: Row) -> None:
        if after["revision"] != before["revision"] + 1:
            self._history.breaks(
                f"revision of {short(before['instance_id'])} went from {before['revision']}"
                f" to {after['revision']}"
            )
        if before["status"] in _FINAL_INSTANCE and after["status"] != before["status"]:
            self._history.breaks(f"instance {short(before['instance_id'])} ended twice")

    def _watch_node(self, before: Row, after: Row) -> None:
        if before["status"] not in _FINAL_NODE or before["visits"] != after["visits"]:
            return
        if after["reason"] in ("paused", "breakpoint"):
            # A loop has come back to it, and it is entered when it may go on.
            return
        if (before["status"], before["ended_at"]) != (after["status"], after["ended_at"]):
            self._history.breaks(
                f"node {before['node_id']} of {short(before['instance_id'])} ended twice"
            )


class OffsetRules:
    """No offset is committed ahead of the work that its records ask for."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._seen: dict[tuple[str, TopicPartition], int] = {}
        self._cluster = world.cluster

    def watch(self, group: str, place: TopicPartition, offset: int) -> None:
        if self._cluster is not self._world.cluster:
            self._cluster = self._world.cluster
            self._seen.clear()
        log = self._cluster.logs(place.topic)[place.partition]
        first = self._seen.get((group, place), 0)
        for record in log._records[max(first - log.first, 0) : max(offset - log.first, 0)]:
            if group == SCHEDULER_GROUP and place.topic == INSTANCE_EVENT:
                self._check_result(record)
            else:
                self._check_step(record)
        self._seen[group, place] = max(first, offset)

    def _check_result(self, record: IncomingRecord) -> None:
        event = INSTANCE_EVENTS.validate_json(record.value)
        if not isinstance(event, StepResult) or event.outcome == "running":
            return
        row = self._row(event.ref)
        if row is None or row["closed_at"] is not None or row["step"] != event.ref.step:
            return
        # Nothing but a wait leaves an attempt open at the step that has ended.
        if event.outcome != "waiting" or self._node_reason(row) in ("queued", "running"):
            self._break(record, event.ref)

    def _check_step(self, record: IncomingRecord) -> None:
        ref = ReadyStep.model_validate_json(record.value).ref
        row = self._row(ref)
        if row is None or row["closed_at"] is not None or row["step"] != ref.step:
            return
        if self._node_reason(row) in ("queued", "running") and not self._is_reported(ref):
            self._break(record, ref)

    def _row(self, ref: StepRef) -> Row | None:
        key = (ref.instance_id, ref.node_id, ref.number)
        return self._world.server.tables.rows["attempt"].get(key)

    def _node_reason(self, attempt: Row) -> str | None:
        key = (attempt["instance_id"], attempt["node_id"])
        node = self._world.server.tables.rows["node"].get(key)
        return None if node is None else node["reason"]

    def _is_reported(self, ref: StepRef) -> bool:
        values = [*self._world.lost]
        for log in self._cluster.logs(INSTANCE_EVENT):
            values += [record.value for record in log._records]
        return any(_reports(value, ref) for value in values)

    def _break(self, record: IncomingRecord, ref: StepRef) -> None:
        self._world.history.breaks(
            f"offset of {record.topic} {record.partition} was committed beyond {record.offset},"
            f" and step {ref.step} of {ref.node_id} of {short(ref.instance_id)} is not stored"
        )


def _reports(value: bytes, ref: StepRef) -> bool:
    if str(ref.instance_id).encode() not in value:
        return False
    event = INSTANCE_EVENTS.validate_json(value)
    return isinstance(event, StepResult) and event.ref == ref


class LoggedErrors(logging.Handler):
    """Takes note of what services log as errors: but for some, none of them is expected."""

    def __init__(self, history: History) -> None:
        super().__init__(logging.ERROR)
        self._history = history

    @override
    def emit(self, record: logging.LogRecord) -> None:
        if record.msg in _EXPECTED:
            return
        error = record.exc_info[1] if record.exc_info else None
        self._history.breaks(f"logged {record.getMessage()} {error!r}")


def check_end(world: World, people: People) -> None:
    """Break what does not hold once everything has ended."""
    rows = world.server.tables.rows
    for text in [
        *left_behind(world),
        *_wrong_instances(people, rows),
        *_wrong_effects(world),
        *_wrong_events(people, rows),
        *_stuck(world),
    ]:
        world.history.breaks(text)


def unfinished(world: World) -> Iterator[str]:
    """Return what has not ended yet."""
    rows = world.server.tables.rows
    for row in rows["instance"].values():
        if row["status"] not in _FINAL_INSTANCE:
            waits = [
                f"{node['node_id']} {node['status']} {node['reason']}"
                for node in rows["node"].values()
                if node["instance_id"] == row["instance_id"] and node["reason"] is not None
            ]
            yield f"{short(row['instance_id'])} is {row['status']}: {', '.join(waits)}"


def left_behind(world: World) -> Iterator[str]:
    """Return what is left of instances that have ended, in rows and in memory."""
    yield from _left_in_rows(world.server.tables.rows)
    yield from _left_in_memory(world)


def _left_in_rows(rows_of: dict[str, dict[tuple[object, ...], Row]]) -> Iterator[str]:
    yield from (f"slot left: {_name(row)}" for row in rows_of["concurrency_slot"].values())
    for row in rows_of["command"].values():
        if row["outcome"] is None:
            yield f"command left open: {row['kind']} {row['node_id']} {short(row['instance_id'])}"
    for row in rows_of["attempt"].values():
        if row["closed_at"] is None:
            yield f"attempt left open: {_name(row)}"
        if row["cancel_requested_at"] is not None and row["cancel_confirmed_at"] is None:
            yield f"cancellation left open: {_name(row)}"
    for row in rows_of["node"].values():
        if row["reason"] is not None:
            yield f"node left: {_name(row)} {row['reason']}"


def _name(row: Row) -> str:
    return f"{row['node_id']} {row['number']} of {short(row['instance_id'])}"


def _wrong_instances(
    people: People, rows: dict[str, dict[tuple[object, ...], Row]]
) -> Iterator[str]:
    oracles = {one.instance_id: one for one in people.started}
    cancelled = {
        row["instance_id"]
        for row in rows["command"].values()
        if row["kind"] == "cancel" and row["outcome"] == "applied"
    }
    if len(people.started) != people.planned:
        yield f"{len(people.started)} of {people.planned} instances were started"
    for instance_id, row in rows["instance"].items():
        started = oracles.get(_root(rows["instance"], row))
        if started is None:
            yield f"instance {short(row['instance_id'])} belongs to nobody"
        else:
            is_cancelled = instance_id[0] in cancelled
            yield from _wrong_instance(row, started, rows["node"], is_cancelled=is_cancelled)


def _root(instances: dict[tuple[object, ...], Row], row: Row) -> uuid.UUID:
    while row["parent_instance_id"] is not None:
        row = instances[row["parent_instance_id"],]
    root: uuid.UUID = row["instance_id"]
    return root


def _wrong_instance(
    row: Row, started: Started, nodes: dict[tuple[object, ...], Row], *, is_cancelled: bool
) -> Iterator[str]:
    name = short(row["instance_id"])
    expected = "cancelled" if is_cancelled else "succeeded"
    if row["status"] != expected:
        yield f"instance {name} is {row['status']}, not {expected}"
    if is_cancelled:
        return
    flow = started.flow if row["parent_instance_id"] is None else started.child
    found = {
        node["node_id"]: node["status"]
        for node in nodes.values()
        if node["instance_id"] == row["instance_id"]
    }
    if found != dict.fromkeys(flow.succeeded, "succeeded"):
        yield f"instance {name} has the nodes {sorted(found.items())}"
    outputs = orjson.loads(row["outputs"] or "{}")
    if outputs != flow.outputs:
        yield f"instance {name} gives {outputs}, not {flow.outputs}"


def _wrong_effects(world: World) -> Iterator[str]:
    for effect, times in world.witness.effects.items():
        if times > 1:
            step = f"{effect.node_id} {effect.number}/{effect.step}"
            yield f"step {step} of {short(effect.instance_id)} ran {times} times"
    for key, row in world.server.tables.rows["attempt"].items():
        is_work = row["queue"] is not None
        if is_work and row["status"] == "succeeded" and key not in world.witness.begun:
            yield f"attempt {_name(row)} succeeded and never began"


def _wrong_events(people: People, rows: dict[str, dict[tuple[object, ...], Row]]) -> Iterator[str]:
    """Return what a webhook was told twice, or not at all."""
    told = Counter((row["instance_id"], row["event"]) for row in rows["webhook_delivery"].values())
    for (instance_id, event), count in told.items():
        if count > 1:
            yield f"{event} of {short(instance_id)} was told {count} times"
    for row in rows["instance"].values():
        if people.untold is None or row["instance_id"] in people.untold:
            continue
        # Whoever is cancelled before the start never begins.
        first = [] if row["status"] == "cancelled" else ["started"]
        for name in (*first, row["status"]):
            if not told[row["instance_id"], f"instance.{name}"]:
                yield f"{name} of {short(row['instance_id'])} was not told"


def _left_in_memory(world: World) -> Iterator[str]:
    for unit in world.of_kind("scheduler"):
        loop = unit.service.loop if isinstance(unit.service, SimulatedScheduler) else None
        if loop is None:
            continue
        if len(loop._timers):
            yield f"{unit.name} keeps {len(loop._timers)} timers"
        ended = [one for one in loop._holding._held.values() if _knows_end(one)]
        if ended:
            yield f"{unit.name} keeps {len(ended)} instances that have ended"
        if loop._outgoing.deferred:
            yield f"{unit.name} keeps callbacks of {len(loop._outgoing.deferred)} instances"
        for queue in loop._dispatcher.queues:
            kept = loop._dispatcher.waiting_count(queue), loop._dispatcher.handed_out_count(queue)
            if any(kept):
                yield f"{unit.name} keeps {kept} steps of {queue}"


def _knows_end(held: HeldInstance) -> bool:
    # Another owner may have ended it meanwhile: such an entry is old, and goes as the oldest.
    return held.snapshot.status in FINAL_INSTANCE_STATUSES


def _stuck(world: World) -> Iterator[str]:
    for unit in world.units:
        for metrics in unit.metrics:
            for key, count in metrics.counts.items():
                if key[0] == "flowyard_scheduler_stuck_nodes_total":
                    yield f"{unit.name} counted {count} stuck nodes: {key[1]}"
