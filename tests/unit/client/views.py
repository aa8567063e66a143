"""Answers of the API, as short as they may be."""

from collections.abc import Sequence
from typing import Any

INSTANCE_ID = "0197c0de-0000-7000-8000-000000000001"
AT = "2031-05-01T12:00:00Z"

JsonObject = dict[str, Any]


def node(node_id: str, *, status: str = "pending", **more: Any) -> JsonObject:
    absent = (
        "check_at", "deadline_at", "ended_at", "failure", "mark", "outputs", "parent", "plugin",
        "reached_at", "reason", "resume_at", "subflow", "variables",
    )  # fmt: skip
    return {
        **dict.fromkeys(absent),
        "allowed": [],
        "attempts": [],
        "has_breakpoint": False,
        "kind": "activity",
        "name": node_id,
        "node_id": node_id,
        "retries": 0,
        "status": status,
        "visits": 0,
        **more,
    }


def instance(
    revision: int, status: str, nodes: Sequence[JsonObject] = (), **more: Any
) -> JsonObject:
    absent = (
        "archived_at", "ended_at", "failure", "origin", "outputs", "parent", "parent_instance_id",
        "started_at", "trace_id", "trace_url", "variables",
    )  # fmt: skip
    lists = ("allowed", "breakpoints", "copies", "excluded", "left_out", "links", "schemes")
    return {
        **dict.fromkeys(absent),
        **{name: [] for name in lists},
        "actor": "ops",
        "created_at": AT,
        "inputs": {},
        "instance_id": INSTANCE_ID,
        "is_mock": False,
        "labels": {},
        "maps": {},
        "name": "Release",
        "nodes": list(nodes),
        "phase": "forward",
        "priority": 5,
        "project": "shop",
        "project_id": INSTANCE_ID,
        "revision": revision,
        "status": status,
        "template": "release",
        "template_id": INSTANCE_ID,
        "template_title": "Release",
        "version": 1,
        **more,
    }


def created(status: str = "created") -> JsonObject:
    return {
        "instance_id": INSTANCE_ID,
        "project_id": INSTANCE_ID,
        "template_id": INSTANCE_ID,
        "version": 1,
        "name": "Release",
        "status": status,
        "command_id": 1,
        "created_at": AT,
    }
