"""Valid inputs of every kind, to be damaged."""

import json
from pathlib import Path
from typing import Any

import orjson

from tests.support.environment import cases_folder
from tests.support.project import ROOT
from tests.unit.interchange.test_damaged_files import FILES

REF = {
    "instance_id": "00000000-0000-0000-0000-000000000001",
    "partition": 3,
    "node_id": "work",
    "number": 1,
    "step": 0,
}
RESULT: dict[str, Any] = {
    "type": "result",
    "ref": REF,
    "outcome": "succeeded",
    "outputs": {"x": 1, "y": ["a", {"b": None}]},
    "started_at": "2026-01-01T00:00:00Z",
}
WAIT: dict[str, Any] = {
    "type": "result",
    "ref": REF,
    "outcome": "waiting",
    "wait_for": "timer",
    "after_seconds": 1.5,
    "state": {"$sealed": "x"},
}
FAILURE: dict[str, Any] = {
    "type": "result",
    "ref": REF,
    "outcome": "failed",
    "code": "broken",
    "message": "It broke",
}
BELL: dict[str, Any] = {"type": "doorbell", "instance_id": REF["instance_id"], "partition": 3}
STEP: dict[str, Any] = {
    "ref": REF,
    "attempt_id": REF["instance_id"],
    "project": "shop",
    "plugin": "noop",
    "version": "1.0",
    "inputs": {"a": {"$secret": "TOKEN"}, "b": {"$concat": ["Bearer ", {"$secret": "TOKEN"}]}},
    "timeout_seconds": 60.0,
    "callback_token": "t",
    "resume": {"kind": "callback", "data": {"done": True}},
}
BATCH: dict[str, Any] = {"steps": [STEP, {**STEP, "inputs": {}}]}
ANSWER: dict[str, Any] = {"type": "finished", "result": RESULT}
ANSWERS = [
    ANSWER,
    {"type": "joined", "ref": REF},
    {"type": "refused", "ref": REF, "code": "stale"},
]
RECORDS = [RESULT, WAIT, FAILURE, BELL]
COMMAND: tuple[str, str | None, dict[str, Any]] = (
    "callback",
    "work",
    {"number": 1, "data": {"done": True}},
)
COMMANDS: list[tuple[str, str | None, dict[str, Any]]] = [
    COMMAND,
    *((kind, None, {}) for kind in ("start", "pause", "resume", "cancel")),
    ("set_variables", None, {"values": {"name": "abc"}}),
    ("set_priority", None, {"priority": 4}),
    *((kind, "work", {"inputs": {"x": 1}}) for kind in ("retry", "restart")),
    *((kind, "work", {}) for kind in ("skip", "pause_node", "resume_node")),
    ("force_fail", "work", {"message": "m"}),
    ("force_succeed", "work", {"outputs": {"x": 1}}),
    ("choose", "ask", {"targets": ["work"]}),
    ("reset_timer", "work", {"after_seconds": 5}),
    *((kind, "work", {"comment": "c"}) for kind in ("approve", "reject")),
    ("slot_granted", "work", {"number": 1}),
    ("child_ended", "work", {"number": 1, "succeeded": True, "outputs": {}}),
]
IMPORT = orjson.dumps(FILES[0]).decode()


def definitions() -> list[str]:
    """Return the texts of the examples."""
    return [path.read_text() for path in sorted((ROOT / "examples").glob("*.yaml"))]


def imports() -> list[str]:
    """Return files of bk-sops: those that the tests write, and those that were recorded."""
    found = [orjson.dumps(one).decode() for one in FILES]
    folder = cases_folder()
    return found if folder is None else [*found, *_recorded(folder)]


def _recorded(folder: Path) -> list[str]:
    texts = [path.read_text() for path in sorted(folder.glob("export_*"))]
    trees = folder / "bksops_trees.json"
    if trees.exists():
        texts += [json.dumps(one["tree"]) for one in json.loads(trees.read_text())]
    return texts


def conditions() -> list[str]:
    """Return conditions of bamboo."""
    folder = cases_folder()
    recorded = None if folder is None else folder / "boolrule.json"
    found = ['${n} == 3 and "${s}" in ("a", "text")', "1 == 1", "(1 > 0 or a.b != 'x') and 2 < 3"]
    if recorded is not None and recorded.exists():
        found += [one["expr"] for one in json.loads(recorded.read_text())]
    return found
