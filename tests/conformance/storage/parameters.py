"""Random parameters of every statement, by its file and name."""

import uuid
from typing import Any

import orjson

from tests.conformance.storage.cases import (
    HOOKS,
    IDS,
    KEYS,
    MINUTE,
    NODES,
    PROJECTS,
    RUNNERS,
    SHORT,
    TEMPLATES,
    Cases,
    Draw,
    Parameters,
)


def columns(rows: list[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [[row[place] for row in rows] for place in range(width)]


def _keys(cases: Cases, *more: Any) -> Parameters:
    """Return columns of attempts, with a column more for each draw of a value."""
    rows = [(*key, *(draw() for draw in more)) for key in cases.attempts()]
    return list(columns(rows, 3 + len(more)))


def _steps(cases: Cases, *more: Any) -> Parameters:
    return _keys(cases, lambda: cases.one(0, 1), *more)


def _owned(cases: Cases) -> Parameters:
    return [cases.some([0, 1, 2]), cases.one(3, 4)]


def _span(cases: Cases) -> Any:
    return cases.one(SHORT, MINUTE)


def _ids(cases: Cases) -> Parameters:
    return [cases.some(IDS)]


def _lines(cases: Cases) -> Parameters:
    return list(columns(cases.keys([PROJECTS[0]], KEYS), 2))


def _child(cases: Cases) -> Parameters:
    key = cases.one("t0", "t1", "t2", "p0/t0", "p1/t1", "p0/t2", "p9/t0", "gone")
    version = cases.one(None, 1, 2, 7)
    child = [RUNNERS[0], 3, "secret", cases.one(*IDS), key, version]
    given = [cases.one("a", "b"), cases.one(1, 2), "start", cases.json(), cases.maybe(cases.json())]
    trace = cases.maybe(f"00-{'a' * 32}-{'b' * 16}-01")
    return [*child, *given, cases.one([], ["fast"], ["slow"]), trace]


def write_batch(cases: Cases) -> Parameters:
    instances = [_written_instance(cases, one) for one in cases.some(IDS)]
    nodes = [_written_node(cases, *key) for key in cases.keys(IDS, NODES)]
    opened = [_opened(cases, *key) for key in cases.keys(IDS, NODES, [3])]
    changed = [_changed(cases, *key) for key in cases.attempts()]
    settled = [_settled(cases, number) for number in cases.some([1, 2, 3, 9])]
    parts = ((instances, 3), (nodes, 13), (opened, 10), (changed, 11), (settled, 5))
    drawn = [column for rows, width in parts for column in columns(rows, width)]
    return [*drawn, cases.one(0, 1)]


def _more(**values: Any) -> str | None:
    """Return one JSON object of what is known; JSON is given as text."""
    found = {name: value for name, value in values.items() if value is not None}
    return orjson.dumps(found).decode() if found else None


def _json(text: str | None) -> Any:
    return None if text is None else orjson.Fragment(text)


def _written_instance(cases: Cases, instance_id: Any) -> tuple[Any, ...]:
    revision = cases.one(0, 1, 2)
    if cases.maybe(1):
        return (instance_id, revision, None)
    status = cases.one("running", "failed", "succeeded")
    changes = _more(
        status=status,
        variables=_json(cases.json()),
        outputs=_json(cases.maybe(cases.json())),
        started_at=cases.past[0],
        ended_at=cases.past[0] if status == "succeeded" else None,
        phase=cases.one("forward", "rollback"),
        breakpoints=[],
        priority=5,
    )
    return (instance_id, revision, changes)


def _written_node(cases: Cases, instance_id: Any, node_id: str) -> tuple[Any, ...]:
    node = cases.node()
    names = ("status", "visits", "reason", "check_at", "number", "outputs", "reached_at")
    more = _more(
        arrived=node["arrived"] or None,
        expected=node["expected"],
        failure=cases.maybe({"code": "broken", "message": "It is."}),
        mark=cases.maybe("skipped"),
        retries=cases.maybe(2),
        resume_at=node["resume_at"],
        deadline_at=node["deadline_at"],
        variables=_json(node["variables"]),
    )
    told = tuple(node[name] for name in (*names, "ended_at"))
    return (instance_id, node_id, *told, IDS.index(instance_id), 3, cases.maybe(more))


def _opened(cases: Cases, instance_id: Any, node_id: str, number: int) -> tuple[Any, ...]:
    more = _more(
        outputs=_json(cases.maybe(cases.json())),
        failure=cases.maybe({"code": "broken", "message": "It is."}),
        closed_at=cases.maybe(cases.past[2]),
        actor=cases.maybe("ann"),
    )
    inputs = cases.maybe(cases.json())
    return (
        *(instance_id, node_id, number, 0, "ready", "default"),
        *(inputs, cases.past[1], 1, more),
    )


def _changed(cases: Cases, instance_id: Any, node_id: str, number: int) -> tuple[Any, ...]:
    step = cases.one(0, 1)
    if cases.maybe(1):
        return (instance_id, node_id, number, step, *(None,) * 4, step, True, None)
    more = _more(
        state=_json(cases.state()),
        resume=cases.maybe({"kind": "timer", "data": {}}),
        wait_until=cases.maybe(cases.instant()),
        failure=cases.maybe({"code": "broken", "message": "It is."}),
    )
    told = ("waiting", cases.maybe(cases.json()), cases.past[0], cases.maybe(cases.past[2]))
    return (instance_id, node_id, number, step, *told, cases.maybe(step), False, more)


def _settled(cases: Cases, command_id: int) -> tuple[Any, ...]:
    if cases.maybe(1):
        return (command_id, cases.one(*IDS), "applied", None, None)
    return (command_id, cases.one(*IDS), "rejected", "not_allowed", "It may not.")


def _event(cases: Cases, place: int) -> tuple[Any, ...]:
    data = '{"instance": {"name": "run"}}'
    known = (cases.one(*HOOKS), "node.failed", cases.one(*IDS))
    return (uuid.UUID(int=500 + place), *known, data, cases.past[0])


SCHEDULER: dict[str, Draw] = {
    "clock": lambda _: [],
    "load_instances": _ids,
    "load_nodes": _ids,
    "load_graph": lambda cases: [cases.one(*TEMPLATES), cases.one(1, 2, 3)],
    "open_commands": _ids,
    "partitions_of": _ids,
    "instances_with_commands": lambda cases: [*_owned(cases), _span(cases), 100],
    "due_nodes": lambda cases: [*_owned(cases), _span(cases), 100],
    "reasonless_nodes": lambda cases: [*_owned(cases), 100],
    "open_steps": _owned,
    "ended_child": lambda cases: [IDS[0], cases.one("a", "b"), cases.one(1, 2, 3)],
    "brokers": lambda cases: [cases.some([0, 1, 2])],
    "note_brokers": lambda cases: [cases.some([0, 1, 2]), "new"],
    "start_child": _child,
    "cancel_child": lambda cases: [IDS[0], cases.one("a", "b"), cases.one(1, 2, 3), "ann"],
    "request_cancels": _keys,
    "notify_parent": lambda cases: [cases.one(*IDS), "a", cases.json(), "ann"],
    "mark_dispatched": _steps,
    "write_batch": write_batch,
}
GATEWAY: dict[str, Draw] = {
    "claim_steps": lambda cases: [RUNNERS[0], *_steps(cases), _span(cases)],
    "read_steps": lambda cases: [*_steps(cases), _span(cases), _span(cases)],
    "store_outcomes": lambda cases: [cases.one(*RUNNERS), *_steps(cases, cases.outcome)],
    "give_up_claims": lambda cases: [*_steps(cases), _span(cases)],
    "release_claims": lambda cases: [cases.one(*RUNNERS), *_steps(cases)],
    "open_cancellations": lambda cases: [
        RUNNERS[0], ["wait@1.0"], _span(cases), 5, cases.one(MINUTE, 100 * MINUTE), 100,
    ],
    "take_cancellations": lambda cases: [*_keys(cases), MINUTE],
    "confirm_cancellations": _keys,
    "cancelled_steps": _keys,
    "insert_log_lines": lambda cases: _keys(
        cases,
        lambda: cases.one(1, 3),
        lambda: cases.past[0],
        lambda: "info",
        lambda: cases.one("text", "more"),
        lambda: 7,
    ),
    "last_log_lines": _keys,
    "renew_runner": lambda cases: [cases.one(*RUNNERS), "here"],
    "remove_runner": lambda cases: [cases.one(*RUNNERS)],
    "forget_runners": lambda cases: [_span(cases)],
    "fetch_secrets": lambda _: [["p0", "p1", "p1", "p9"], ["s", "s", "t", "s"]],
}  # fmt: skip
SLOTS: dict[str, Draw] = {
    "ask_slots": lambda cases: _keys(
        cases, lambda: PROJECTS[0], lambda: cases.one(*KEYS), lambda: cases.one(1, 2, 3)
    ),
    "hold_back_slots": _keys,
    "releasing_slots": lambda cases: [*_owned(cases), 100],
    "drop_slots": _keys,
    "give_back_slots": _keys,
    "give_back_orphans": _lines,
    "granted_slots": _keys,
    "lock_lines": lambda cases: [*_lines(cases), *_keys(cases)],
    "grant_slots": _lines,
    "tell_granted": lambda cases: [*_keys(cases), "scheduler"],
}
STARTS: dict[str, Draw] = {
    "unstarted": _ids,
    "open_starts": lambda cases: [*_owned(cases), _span(cases), 100],
    "count_open_starts": lambda cases: [cases.one(1, 100)],
}
LOADS: dict[str, Draw] = {
    "report_load": lambda cases: [cases.one(*RUNNERS), cases.json()],
    "read_loads": lambda cases: [_span(cases)],
    "forget_loads": lambda cases: [cases.one(*RUNNERS), _span(cases)],
}
CENSUS: dict[str, Draw] = {"count_waiting": _owned, "count_live": _owned}
EVENTS: dict[str, Draw] = {
    "webhook_version": lambda _: [],
    "enabled_webhooks": lambda _: [],
    "record_events": lambda cases: columns([_event(cases, place) for place in range(3)], 6),
}
DRAWS: dict[str, dict[str, Draw]] = {
    "scheduler": SCHEDULER,
    "gateway": GATEWAY,
    "slots": SLOTS,
    "starts": STARTS,
    "loads": LOADS,
    "census": CENSUS,
    "events": EVENTS,
}
"""What is drawn for each statement, by its file and name."""
