"""Between what stands on wires and rows, and what the engine understands."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import orjson

from flowyard.contracts.records import StepResult
from flowyard.engine.effects import Rejection
from flowyard.engine.events import (
    AttemptKey,
    CancelInstance,
    ChildEnded,
    DecideApproval,
    DeliverCallback,
    Event,
    Fact,
    PauseInstance,
    ResumeInstance,
    RetryNode,
    SkipNode,
    StartInstance,
    StepFailed,
    StepStarted,
    StepSucceeded,
    StepWaited,
)
from flowyard.engine.snapshot import Failure, WaitReason
from flowyard.ids import attempt_id, callback_token
from flowyard.storage.advance_store import HeldInstance, StoredCommand

_WAIT_REASONS = {
    "timer": WaitReason.TIMER,
    "callback": WaitReason.CALLBACK,
    "approval": WaitReason.APPROVAL,
}

_ENDLESS_SECONDS = 1e12
"""More than any wait may take, and no more than a time span can hold."""


def fact_of(result: StepResult, at: datetime) -> Fact:
    """Return the fact that a worker's report states, as of the given instant."""
    ref = result.ref
    key = AttemptKey(node_id=ref.node_id, number=ref.number, step=ref.step)
    match result.outcome:
        case "succeeded":
            return StepSucceeded(
                key=key, at=at, outputs=result.outputs or {}, started_at=result.started_at
            )
        case "failed":
            return StepFailed(
                key=key,
                at=at,
                code=result.code or "failed",
                message=result.message or "",
                outputs=result.outputs,
                started_at=result.started_at,
            )
        case "waiting":
            return _wait_of(result, key, at)
        case "running":
            return StepStarted(key=key, at=at)


def _wait_of(result: StepResult, key: AttemptKey, at: datetime) -> StepWaited:
    seconds = result.after_seconds
    return StepWaited(
        key=key,
        at=at,
        reason=_WAIT_REASONS[result.wait_for or "timer"],  # type: ignore[arg-type]  # all three are allowed
        after=None if seconds is None else timedelta(seconds=min(seconds, _ENDLESS_SECONDS)),
        state=result.state,
        started_at=result.started_at,
    )


def event_of(
    command: StoredCommand, at: datetime, withdraw: Callable[[], frozenset[str]]
) -> Event | Rejection:
    """Return what a command row asks for, or why it cannot be understood.

    Parameters
    ----------
    withdraw
        Takes back the instance's queued steps for a pause, and returns their nodes.
    """
    match command.kind:
        case "start":
            return StartInstance(at=at)
        case "pause":
            return PauseInstance(at=at, withdrawn=withdraw())
        case "resume":
            return ResumeInstance(at=at)
        case "cancel":
            return CancelInstance(at=at)
        case _:
            return _event_at_node(command, command.node_id or "", at)


def _event_at_node(command: StoredCommand, node_id: str, at: datetime) -> Event | Rejection:
    payload = command.payload
    match command.kind:
        case "retry":
            return RetryNode(node_id=node_id, at=at, inputs=payload.get("inputs"))
        case "skip":
            return SkipNode(node_id=node_id, at=at)
        case "callback":
            return DeliverCallback(
                node_id=node_id, number=payload["number"], at=at, data=payload.get("data")
            )
        case "approve" | "reject":
            return DecideApproval(
                node_id=node_id,
                at=at,
                approved=command.kind == "approve",
                comment=payload.get("comment", ""),
                actor=command.actor,
            )
        case "child_ended":
            return ChildEnded(
                node_id=node_id,
                number=payload["number"],
                at=at,
                succeeded=payload["succeeded"],
                outputs=payload.get("outputs") or {},
                failure=Failure(code=payload["code"], message=payload["message"])
                if "code" in payload
                else None,
            )
        case _:
            return Rejection(
                code="unknown_command",
                message=f"Expected a known command, but {command.kind} is none",
            )


def ready_step(held: HeldInstance, node_id: str, traceparent: str | None) -> bytes | None:
    """Return the record of a node's present step, or None when none is to be handed out.

    Written out by hand rather than through the model: it is made once per node of
    every instance. A test holds it to :class:`flowyard.contracts.records.ReadyStep`.
    """
    facts = held.snapshot.facts
    activity = held.snapshot.graph.nodes[node_id].activity
    node = held.snapshot.nodes.get(node_id)
    attempt = None if node is None else node.attempt
    if activity is None or attempt is None or not attempt.is_open:
        return None
    record: dict[str, Any] = {
        "ref": {
            "instance_id": facts.instance_id,
            "partition": held.partition,
            "node_id": node_id,
            "number": attempt.number,
            "step": attempt.step,
        },
        "attempt_id": attempt_id(facts.instance_id, node_id, attempt.number),
        "project": facts.project,
        "plugin": activity.plugin,
        "version": activity.version,
        "inputs": attempt.inputs or {},
        "timeout_seconds": activity.timeout_seconds,
        "callback_token": callback_token(
            facts.callback_secret, facts.instance_id, node_id, attempt.number
        ),
        "traceparent": traceparent,
    }
    if attempt.state is not None:
        record["state"] = attempt.state
    if attempt.resume is not None:
        record["resume"] = {"kind": attempt.resume.kind.value, "data": attempt.resume.data}
    if activity.secret_outputs:
        record["secret_outputs"] = sorted(activity.secret_outputs)
    return orjson.dumps(record)
