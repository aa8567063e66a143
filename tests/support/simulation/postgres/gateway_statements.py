"""What each statement of ``gateway.sql`` does."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson

from tests.support.simulation.postgres.scheduler_statements import pick, rows_of
from tests.support.simulation.postgres.server import Parameters
from tests.support.simulation.postgres.tables import Row, Transaction, jsonb

_ATTEMPT = ("instance_id", "node_id", "number")
_STEP = (*_ATTEMPT, "step")
_UNKNOWN = '{"unknown": true}'


def _is_alive(tx: Transaction, runner: UUID | None, silence: timedelta) -> bool:
    row = tx.get("runner", (runner,))
    return row is not None and row["renewed_at"] > _ago(tx, silence)


def _ago(tx: Transaction, span: timedelta) -> Any:
    return tx.began_at - span


def _runs_and_is_cancelled(tx: Transaction, row: Row, silence: timedelta) -> bool:
    return (
        row["cancel_requested_at"] is not None
        and row["cancel_confirmed_at"] is None
        and row["claimed_step"] is not None
        and row["outcome_step"] != row["claimed_step"]
        and _is_alive(tx, row["runner"], silence)
    )


def _is_barred(tx: Transaction, given: Row, silence: timedelta) -> bool:
    if given["step"] > 0:
        return False
    is_undoing = given["node_id"].endswith(":rollback")
    if given["number"] <= 1 and not is_undoing:
        return False
    for row in tx.scan("attempt"):
        if row["instance_id"] != given["instance_id"]:
            continue
        is_earlier = row["node_id"] == given["node_id"] and row["number"] < given["number"]
        if (is_earlier or is_undoing) and _runs_and_is_cancelled(tx, row, silence):
            return True
    return False


def _find(
    tx: Transaction,
    given: Iterable[Row],
    is_wanted: Callable[[Row, Row], bool],
    *,
    skips_held: bool = False,
) -> list[tuple[int, Row, Row]]:
    """Return places, what was given and rows, in the order of their keys, and hold the rows."""
    found = []
    for place, one in enumerate(given):
        row = tx.get("attempt", (one["instance_id"], one["node_id"], one["number"]))
        if row is not None and is_wanted(one, row):
            found.append((place, one, row))
    found.sort(key=lambda item: (item[2]["instance_id"].int, *_place(item[2])))
    if skips_held:
        found = [item for item in found if tx.may_lock("attempt", tx.key_of("attempt", item[2]))]
    for _, _, row in found:
        tx.lock_row("attempt", tx.key_of("attempt", row))
    return found


def _place(row: Row) -> tuple[str, int]:
    return row["node_id"], row["number"]


def _has(text: str | None, name: str) -> bool:
    return text is not None and name in orjson.loads(text)


def claim_steps(tx: Transaction, parameters: Parameters) -> list[Row]:
    runner, *columns, silence = parameters

    def is_free(given: Row, row: Row) -> bool:
        return (
            row["closed_at"] is None
            and row["step"] == given["step"]
            and (row["claimed_step"] is None or row["claimed_step"] < given["step"])
            and not _is_barred(tx, given, silence)
        )

    places: dict[Any, int] = {}
    for place, given, row in _find(tx, rows_of(columns, *_STEP), is_free):
        if tx.key_of("attempt", row) not in places:
            tx.update(
                "attempt", row, runner=runner, claimed_step=given["step"], claimed_at=tx.began_at
            )
            places[tx.key_of("attempt", row)] = place
    return [{"place": place} for place in places.values()]


def read_steps(tx: Transaction, parameters: Parameters) -> list[Row]:
    *columns, silence, bar_silence = parameters
    answers = []
    for place, given in enumerate(rows_of(columns, *_STEP)):
        row = tx.get("attempt", (given["instance_id"], given["node_id"], given["number"]))
        if row is None:
            continue
        is_of_step = row["outcome_step"] == given["step"]
        outcome = row["outcome"] if is_of_step else None
        answers.append(
            {
                "place": place,
                "is_open": row["closed_at"] is None,
                **pick(row, "step", "claimed_step", "runner"),
                "runner_status": _runner_status(tx, row["runner"], silence),
                "outcome": outcome,
                "is_unknown": _has(outcome, "unknown"),
                "is_barred": _is_barred(tx, given, bar_silence),
            }
        )
    return answers


def _runner_status(tx: Transaction, runner: UUID | None, silence: timedelta) -> str:
    if tx.get("runner", (runner,)) is None:
        return "gone"
    return "alive" if _is_alive(tx, runner, silence) else "silent"


def store_outcomes(tx: Transaction, parameters: Parameters) -> list[Row]:
    runner, *columns = parameters

    def is_own(given: Row, row: Row) -> bool:
        return bool(row["runner"] == runner and row["claimed_step"] == given["step"])

    answers: dict[Any, Row] = {}
    for place, given, row in _find(tx, rows_of(columns, *_STEP, "outcome"), is_own):
        key = tx.key_of("attempt", row)
        if key in answers:
            continue
        values: dict[str, Any] = {"outcome_step": given["step"]}
        if row["outcome_step"] != given["step"]:
            values["outcome"] = given["outcome"]
        elif _has(row["outcome"], "unknown"):
            values["late_outcome"] = given["outcome"]
        stored = tx.update("attempt", row, **values)
        answers[key] = {"place": place, "is_late": _has(stored["outcome"], "unknown")}
    return list(answers.values())


def give_up_claims(tx: Transaction, parameters: Parameters) -> list[Row]:
    *columns, silence = parameters

    def is_abandoned(given: Row, row: Row) -> bool:
        return (
            (row["closed_at"] is None or row["cancel_requested_at"] is not None)
            and row["claimed_step"] == given["step"]
            and row["outcome_step"] != given["step"]
            and not _is_alive(tx, row["runner"], silence)
        )

    answers: dict[Any, Row] = {}
    for place, given, row in _find(tx, rows_of(columns, *_STEP), is_abandoned):
        key = tx.key_of("attempt", row)
        if key not in answers:
            tx.update("attempt", row, outcome=_UNKNOWN, outcome_step=given["step"])
            answers[key] = {"place": place}
    return list(answers.values())


def release_claims(tx: Transaction, parameters: Parameters) -> list[Row]:
    runner, *columns = parameters

    def is_own(given: Row, row: Row) -> bool:
        is_claim = row["runner"] == runner and row["claimed_step"] == given["step"]
        return bool(is_claim and row["outcome_step"] != given["step"])

    for _, _, row in _find(tx, rows_of(columns, *_STEP), is_own):
        tx.update("attempt", row, runner=None, claimed_step=None, claimed_at=None)
    return []


def _kept_state(row: Row) -> str | None:
    """Return what is kept of an attempt that waits, as JSON: of its last outcome, else its row."""
    if row["outcome_step"] == row["step"] and row["outcome"] is not None:
        outcome = orjson.loads(row["outcome"])
        if outcome.get("outcome") == "waiting":
            return jsonb(orjson.dumps(outcome["state"]).decode()) if "state" in outcome else None
    kept: str | None = row["state"]
    return kept


def _kind(tx: Transaction, row: Row, parameters: Parameters) -> str | None:
    runner, plugins, silence, most_tries, given_up_after, _ = parameters
    if row["claimed_step"] is not None and row["outcome_step"] != row["claimed_step"]:
        if row["runner"] == runner:
            return "own"
        return None if _is_alive(tx, row["runner"], silence) else "dead"
    state = _kept_state(row)
    if state in (None, "null"):
        return "over"
    if row["cancel_retry_at"] is not None and row["cancel_retry_at"] > tx.began_at:
        return None
    is_tried = row["cancel_tries"] is not None and row["cancel_tries"] >= most_tries
    if is_tried or row["cancel_requested_at"] < _ago(tx, given_up_after):
        return "given_up"
    keeper = orjson.loads(state or "{}")
    name = f"{keeper.get('plugin')}@{keeper.get('version')}"
    return "waiting" if name in plugins else None


def _is_open_cancellation(row: Row) -> bool:
    return row["cancel_requested_at"] is not None and row["cancel_confirmed_at"] is None


def open_cancellations(tx: Transaction, parameters: Parameters) -> list[Row]:
    found = [
        (row, kind)
        for row in tx.scan("attempt")
        if _is_open_cancellation(row)
        and row["closed_at"] is not None
        and (kind := _kind(tx, row, parameters)) is not None
    ]
    found.sort(key=lambda item: item[0]["cancel_requested_at"])
    return [
        {**pick(row, *_ATTEMPT, "claimed_step"), "kind": kind}
        for row, kind in found[: parameters[5]]
    ]


def take_cancellations(tx: Transaction, parameters: Parameters) -> list[Row]:
    *columns, kept_for = parameters

    def is_free(_: Row, row: Row) -> bool:
        retry_at = row["cancel_retry_at"]
        return _is_open_cancellation(row) and (retry_at is None or retry_at <= tx.began_at)

    found = _find(tx, rows_of(columns, *_ATTEMPT), is_free, skips_held=True)
    return [_taken(tx, row, kept_for) for _, _, row in found]


def _taken(tx: Transaction, row: Row, kept_for: timedelta) -> Row:
    tries = (row["cancel_tries"] or 0) + 1
    tx.update("attempt", row, cancel_tries=tries, cancel_retry_at=tx.began_at + kept_for)
    instance: Row = tx.get("instance", (row["instance_id"],)) or {}
    project: Row = tx.get("project", (instance.get("project_id"),)) or {}
    return {
        **pick(row, *_STEP),
        "tries": tries,
        "inputs": row["inputs"] or "{}",
        "state": _kept_state(row),
        "actor": instance.get("actor", "") if row["actor"] is None else row["actor"],
        "callback_secret": instance.get("callback_secret") or "",
        "traceparent": instance.get("traceparent"),
        "project": project.get("name") or "",
    }


def confirm_cancellations(tx: Transaction, parameters: Parameters) -> list[Row]:
    def is_over(_: Row, row: Row) -> bool:
        return (
            _is_open_cancellation(row)
            and row["closed_at"] is not None
            and (row["claimed_step"] is None or row["outcome_step"] == row["claimed_step"])
        )

    answers: dict[Any, Row] = {}
    for place, _, row in _find(tx, rows_of(parameters, *_ATTEMPT), is_over):
        key = tx.key_of("attempt", row)
        if key not in answers:
            tx.update("attempt", row, cancel_confirmed_at=tx.began_at, state=None)
            answers[key] = {"place": place}
    return list(answers.values())


def cancelled_steps(tx: Transaction, parameters: Parameters) -> list[Row]:
    found = []
    for place, key in enumerate(zip(*parameters, strict=True)):
        row = tx.get("attempt", key)
        if row is None or row["closed_at"] is None or row["cancel_requested_at"] is None:
            continue
        found.append({"place": place})
    return found


def insert_log_lines(tx: Transaction, parameters: Parameters) -> list[Row]:
    names = (*_ATTEMPT, "sequence", "at", "level", "text", "size_so_far")
    for row in rows_of(parameters, *names):
        tx.insert("log_line", row)
    return []


def last_log_lines(tx: Transaction, parameters: Parameters) -> list[Row]:
    found = []
    for place, key in enumerate(zip(*parameters, strict=True)):
        lines = [row for row in tx.scan("log_line") if tuple(row[name] for name in _ATTEMPT) == key]
        if lines:
            last = max(lines, key=lambda row: row["sequence"])
            found.append({"place": place, **pick(last, "sequence", "size_so_far")})
    return found


def renew_runner(tx: Transaction, parameters: Parameters) -> list[Row]:
    boot_id, host = parameters
    row = tx.get("runner", (boot_id,))
    if row is None:
        row = tx.insert("runner", {"boot_id": boot_id, "host": host})
    else:
        row = tx.update("runner", row, renewed_at=tx.began_at)
    return [{"renewed_at": row["renewed_at"]}]


def remove_runner(tx: Transaction, parameters: Parameters) -> list[Row]:
    row = tx.get("runner", (parameters[0],))
    if row is not None:
        tx.delete("runner", row)
    return []


def forget_runners(tx: Transaction, parameters: Parameters) -> list[Row]:
    for row in list(tx.scan("runner")):
        if row["renewed_at"] < _ago(tx, parameters[0]):
            tx.delete("runner", row)
    return []


def fetch_secrets(tx: Transaction, parameters: Parameters) -> list[Row]:
    projects = {row["name"]: row["project_id"] for row in tx.scan("project")}
    found = []
    for project, name in zip(*parameters, strict=True):
        row = tx.get("secret", (projects.get(project), name))
        if row is not None:
            found.append({"project": project, "name": name, "sealed": row["sealed"]})
    return found
