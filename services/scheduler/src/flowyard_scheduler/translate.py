"""Between what stands on wires and rows, and what the engine understands."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson

from flowyard.contracts.records import StepResult
from flowyard.engine.effects import Rejection
from flowyard.engine.events import (
    AttemptKey,
    CancelInstance,
    ChildEnded,
    ChooseBranches,
    DecideApproval,
    DeliverCallback,
    Event,
    Fact,
    ForceFail,
    ForceSucceed,
    PauseInstance,
    PauseNode,
    ResetTimer,
    RestartSubflow,
    ResumeInstance,
    ResumeNode,
    RetryNode,
    SetPriority,
    SetVariables,
    SkipNode,
    SlotGranted,
    StartInstance,
    StepFailed,
    StepStarted,
    StepSucceeded,
    StepWaited,
)
from flowyard.engine.snapshot import Failure, WaitReason
from flowyard.ids import attempt_id, attempt_token
from flowyard.storage.advance_store import HeldInstance, StoredCommand

_WAIT_REASONS = {
    "timer": WaitReason.TIMER,
    "callback": WaitReason.CALLBACK,
    "approval": WaitReason.APPROVAL,
}

_ENDLESS_SECONDS = 1e12
"""More than any wait may take, and no more than a time span can hold."""


def _number_of(payload: Mapping[str, Any]) -> int:
    """Return which attempt a command is about."""
    number = payload["number"]
    if not isinstance(number, int):
        raise TypeError("Expected the number of an attempt")
    return number


def _object_in(payload: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return an object that a command carries; an empty one where it carries none."""
    found = payload.get(key) or {}
    if not isinstance(found, dict):
        raise TypeError(f"Expected an object as {key}")
    return found


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
            return StepStarted(key=key, at=at, started_at=result.started_at)


def _wait_of(result: StepResult, key: AttemptKey, at: datetime) -> StepWaited:
    seconds = result.after_seconds
    return StepWaited(
        key=key,
        at=at,
        reason=_WAIT_REASONS[result.wait_for or "timer"],  # type: ignore[arg-type]  # all three are allowed
        after=None if seconds is None else timedelta(seconds=_bounded(seconds)),
        state=result.state,
        outputs=result.outputs,
        started_at=result.started_at,
    )


def _bounded(seconds: float) -> float:
    return min(max(seconds, 0.0), _ENDLESS_SECONDS)


def event_of(
    command: StoredCommand, at: datetime, withdraw: Callable[[], frozenset[str]]
) -> Event | Rejection:
    """Return what a command row asks for, or why it cannot be understood.

    Parameters
    ----------
    withdraw
        Takes back the instance's queued steps for a pause, and returns their nodes.
    """
    try:
        return _instance_event(command, at, withdraw) or _node_event(command, at)
    except (KeyError, TypeError, ValueError, OverflowError):
        return Rejection(
            code="malformed_command",
            message=f"Expected all that a command {command.kind} needs, but some of it is missing",
        )


def _instance_event(
    command: StoredCommand, at: datetime, withdraw: Callable[[], frozenset[str]]
) -> Event | None:
    payload = command.payload
    match command.kind:
        case "start":
            return StartInstance(at=at)
        case "pause":
            return PauseInstance(at=at, withdrawn=withdraw())
        case "resume":
            return ResumeInstance(at=at)
        case "cancel":
            return CancelInstance(at=at, is_rollback=bool(payload.get("rollback")))
        case "set_variables":
            return SetVariables(at=at, values=dict(payload["values"]))
        case "set_priority":
            return SetPriority(at=at, priority=int(payload["priority"]))
        case _:
            return None


def _node_event(command: StoredCommand, at: datetime) -> Event | Rejection:
    payload = command.payload
    node_id = command.node_id or ""
    match command.kind:
        case "callback":
            return DeliverCallback(
                node_id=node_id, number=_number_of(payload), at=at, data=payload.get("data")
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
                number=_number_of(payload),
                at=at,
                succeeded=payload["succeeded"],
                outputs=_object_in(payload, "outputs"),
                failure=Failure(code=payload["code"], message=payload["message"])
                if "code" in payload
                else None,
            )
        case "slot_granted":
            return SlotGranted(node_id=node_id, number=_number_of(payload), at=at)
        case _:
            return _step_in(command, node_id, at)


def _step_in(command: StoredCommand, node_id: str, at: datetime) -> Event | Rejection:
    """Return how a person steps in at a node."""
    payload = command.payload
    match command.kind:
        case "retry":
            return RetryNode(node_id=node_id, at=at, inputs=payload.get("inputs"))
        case "skip":
            return SkipNode(node_id=node_id, at=at)
        case "force_fail":
            return ForceFail(node_id=node_id, at=at, message=str(payload.get("message") or ""))
        case "force_succeed":
            return ForceSucceed(node_id=node_id, at=at, outputs=dict(payload["outputs"]))
        case "pause_node":
            return PauseNode(node_id=node_id, at=at)
        case "resume_node":
            return ResumeNode(node_id=node_id, at=at)
        case "choose":
            return ChooseBranches(node_id=node_id, at=at, targets=tuple(payload["targets"]))
        case "reset_timer":
            after = timedelta(seconds=payload["after_seconds"])
            return ResetTimer(node_id=node_id, at=at, after=after)
        case "restart":
            return RestartSubflow(node_id=node_id, at=at, inputs=payload.get("inputs"))
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
    content = held.snapshot.graph.find(node_id)
    activity = None if content is None else content.activity
    node = held.snapshot.nodes.get(node_id)
    attempt = None if node is None else node.attempt
    if activity is None or attempt is None or not attempt.is_open:
        return None
    attempt_key = attempt_id(facts.instance_id, node_id, attempt.number)
    record: dict[str, Any] = {
        "ref": {
            "instance_id": facts.instance_id,
            "partition": held.partition,
            "node_id": node_id,
            "number": attempt.number,
            "step": attempt.step,
        },
        "attempt_id": attempt_key,
        "project": facts.project,
        "plugin": activity.plugin,
        "version": activity.version,
        "actor": attempt.actor or facts.actor,
        "inputs": attempt.inputs or {},
        "timeout_seconds": activity.timeout_seconds,
        "callback_token": attempt_token(facts.callback_secret, attempt_key),
        "traceparent": traceparent,
    }
    if attempt.state is not None:
        record["state"] = attempt.state
    if attempt.resume is not None:
        record["resume"] = {"kind": attempt.resume.kind.value, "data": attempt.resume.data}
    if activity.secret_outputs:
        record["secret_outputs"] = sorted(activity.secret_outputs)
    return orjson.dumps(record)
