"""Reading instances whole, as the engine sees them."""

import uuid
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

import asyncpg
import orjson

from flowyard.engine.graph import Graph
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.pruning import planned
from flowyard.engine.snapshot import (
    NO_PLAN,
    AttemptState,
    Failure,
    InstanceFacts,
    NodeMark,
    NodeState,
    ParentLink,
    Phase,
    Plan,
    Resume,
    ResumeKind,
    Snapshot,
    WaitReason,
)
from flowyard.storage.advance_store import (
    QUERIES,
    AttemptTrace,
    HeldInstance,
    StoredCommand,
    plain,
)
from flowyard.storage.graph_codec import decode_graph
from flowyard.storage.plan_codec import decode_plan

UNREADABLE = (AttributeError, KeyError, TypeError, ValueError)
"""What decoding raises about a row that another release, or a person, has written."""

_NO_GRAPH = Graph(nodes={}, edges=(), start_id="", end_id="")


async def load_graph(connection: asyncpg.Connection, template_id: uuid.UUID, version: int) -> Graph:
    """Return the graph of a template version, which exists as long as its instances do."""
    text = await connection.fetchval(QUERIES["load_graph"], template_id, version)
    return decode_graph(orjson.loads(text))


async def load_instances(
    connection: asyncpg.Connection,
    instance_ids: Iterable[uuid.UUID],
    graphs: dict[tuple[uuid.UUID, int], Graph],
    *,
    public_url: str = "",
    inbox: list[StoredCommand] | None = None,
) -> dict[uuid.UUID, HeldInstance]:
    """Return instances as they are stored, keyed by id; unknown ids are left out.

    One that does not decode stands in nobody's way: it is returned as unreadable.

    Parameters
    ----------
    graphs
        Graphs by template id and version; filled with those that were missing.
    public_url
        Where people reach Flowyard; instances have no address without it.
    inbox
        Filled with the open commands of the instances, of each in the order in which they
        were given.
    """
    rows = await connection.fetch(QUERIES["load_instances"], list(instance_ids))
    held: dict[uuid.UUID, HeldInstance] = {}
    for row in rows:
        key = (row["template_id"], row["version"])
        if key not in graphs:
            with suppress(*UNREADABLE):
                graphs[key] = await load_graph(connection, *key)
        held[row["instance_id"]] = _held(row, graphs.get(key), public_url)
        if inbox is not None:
            inbox.extend(_commands(row))
    begun = [instance_id for instance_id, one in held.items() if one.snapshot.revision > 0]
    if begun:
        for row in await connection.fetch(QUERIES["load_nodes"], begun):
            one = held[row["instance_id"]]
            try:
                _add_node(one, row)
            except UNREADABLE:
                one.is_readable = False
    return held


def _commands(row: asyncpg.Record) -> Iterator[StoredCommand]:
    instance_id = plain(row["instance_id"])
    for command in _json(row["commands"]) or ():
        yield StoredCommand(instance_id=instance_id, **command)


def instance_url(public_url: str, instance_id: uuid.UUID) -> str:
    """Return where people look at an instance."""
    return f"{public_url.rstrip('/')}/instances/{instance_id}"


def _json(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)


def _failure(text: str | None) -> Failure | None:
    return None if text is None else Failure(**orjson.loads(text))


def _held(row: asyncpg.Record, graph: Graph | None, public_url: str) -> HeldInstance:
    plan = NO_PLAN
    try:
        plan = decode_plan(_json(row["plan"]))
        graph = None if graph is None else planned(graph, plan)
    except UNREADABLE:
        graph = None
    snapshot = Snapshot(
        facts=_facts(row, plan, public_url),
        graph=graph or _NO_GRAPH,
        status=InstanceStatus(row["status"]),
        given=orjson.loads(row["given"]),
        variables=_json(row["variables"]) or {},
        outputs=_json(row["outputs"]),
        failure=_failure(row["failure"]),
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        revision=row["revision"],
        phase=Phase(row["phase"]),
        breakpoints=frozenset(orjson.loads(row["breakpoints"])),
        priority=row["priority"],
    )
    return HeldInstance(
        snapshot=snapshot,
        project_id=plain(row["project_id"]),
        partition=row["partition"],
        traceparent=row["traceparent"],
        version=row["version"],
        is_readable=graph is not None,
    )


def _facts(row: asyncpg.Record, plan: Plan, public_url: str) -> InstanceFacts:
    parent = None
    if row["parent_instance_id"] is not None:
        parent = ParentLink(
            instance_id=row["parent_instance_id"],
            node_id=row["parent_node_id"],
            number=row["parent_number"],
        )
    return InstanceFacts(
        instance_id=plain(row["instance_id"]),
        project=row["project"],
        name=row["name"],
        actor=row["actor"],
        callback_secret=row["callback_secret"],
        parent=parent,
        template=row["template"],
        url=instance_url(public_url, row["instance_id"]) if public_url else "",
        plan=plan,
    )


def _add_node(held: HeldInstance, row: asyncpg.Record) -> None:
    attempt = None
    if row["number"] is not None:
        attempt = _attempt(row)
        if row["dispatched_step"] is not None and attempt.is_open:
            held.dispatched[row["node_id"]] = (attempt.number, row["dispatched_step"])
        if row["trace"] is not None:
            held.traces[row["node_id"]] = _trace(row)
    node = NodeState(
        node_id=row["node_id"],
        status=NodeStatus(row["status"]),
        visits=row["visits"],
        reason=None if row["reason"] is None else WaitReason(row["reason"]),
        check_at=row["check_at"],
        arrived=row["arrived"],
        expected=row["expected"],
        attempt=attempt,
        outputs=_json(row["outputs"]) or {},
        failure=_failure(row["failure"]),
        reached_at=row["reached_at"],
        ended_at=row["ended_at"],
        mark=None if row["mark"] is None else NodeMark(row["mark"]),
        retries=row["retries"],
        resume_at=row["resume_at"],
        deadline_at=row["deadline_at"],
        since=row["since"],
        variables=_json(row["variables"]) or {},
    )
    snapshot = held.snapshot
    snapshot.nodes[node.node_id] = node
    snapshot.active_count += node.is_active
    snapshot.failed_count += node.is_stopped


def _trace(row: asyncpg.Record) -> AttemptTrace:
    found = orjson.loads(row["trace"])
    return AttemptTrace(
        number=row["number"],
        traceparent=found["traceparent"],
        links=tuple(found["links"]),
    )


def _attempt(row: asyncpg.Record) -> AttemptState:
    resume = _json(row["resume"])
    return AttemptState(
        number=row["number"],
        status=NodeStatus(row["attempt_status"]),
        step=row["step"],
        inputs=_json(row["inputs"]),
        state=_json(row["state"]),
        outputs=_json(row["attempt_outputs"]),
        resume=None
        if resume is None
        else Resume(kind=ResumeKind(resume["kind"]), data=resume["data"]),
        wait_until=row["wait_until"],
        opened_at=row["opened_at"],
        started_at=row["started_at"],
        closed_at=row["closed_at"],
        failure=_failure(row["attempt_failure"]),
        actor=row["actor"],
        visit=row["visit"],
    )
