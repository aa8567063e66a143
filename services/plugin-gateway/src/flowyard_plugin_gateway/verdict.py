"""What follows, for a step that was handed over, from what Postgres knows of it."""

from enum import StrEnum
from uuid import UUID

from flowyard.storage.claims import StepKey, StepRow


class Verdict(StrEnum):
    """What the gateway has to do about a step that it did not claim just now."""

    STALE = "stale"
    """The attempt is absent, closed, or at another step: never run it."""
    RUN = "run"
    """It needs no claim, or this process claimed it and never began it."""
    STORED = "stored"
    """It has ended: give the stored result again."""
    UNKNOWN = "unknown"
    """It was begun, and nobody will know how it ended."""
    JOINED = "joined"
    """It runs in another process: wait for its outcome."""
    ABANDONED = "abandoned"
    """Its runner is dead: its claim is to be given up."""
    BARRED = "barred"
    """The attempt before still runs and is being cancelled: wait for its end."""
    UNCLAIMED = "unclaimed"
    """Nobody holds it any more: it is to be claimed again."""


def judge(
    row: StepRow | None, key: StepKey, *, needs_claim: bool, boot_id: UUID, may_judge: bool
) -> Verdict:
    """Decide about one step.

    Parameters
    ----------
    row
        What a read found; None for an absent attempt.
    key
        The step.
    needs_claim
        False for a step that is harmless when repeated.
    boot_id
        This process.
    may_judge
        False while this process cannot tell a runner that is dead from one that
        could not reach Postgres either.
    """
    if row is None or not row.is_open or row.step != key.step:
        return Verdict.STALE
    if row.is_barred and row.claimed_step is None:
        return Verdict.BARRED
    if not needs_claim:
        return Verdict.RUN
    if row.outcome is not None:
        return Verdict.UNKNOWN if row.is_unknown else Verdict.STORED
    if row.claimed_step is None or row.claimed_step < key.step:
        return Verdict.UNCLAIMED
    if row.claimed_step > key.step:
        return Verdict.STALE
    if row.runner == boot_id:
        return Verdict.RUN
    is_dead = row.runner_status == "gone" or (row.runner_status == "silent" and may_judge)
    return Verdict.ABANDONED if is_dead else Verdict.JOINED
