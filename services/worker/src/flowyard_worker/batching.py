"""How steps are cut into requests."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flowyard_worker.step import TakenStep


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchLimits:
    """What fits into one request."""

    steps: int
    size_bytes: int
    """A single step may be larger; it then travels alone."""


def batches(steps: Sequence[TakenStep], limits: BatchLimits) -> Iterator[list[TakenStep]]:
    """Yield all steps in order, in as few batches as the limits allow."""
    batch: list[TakenStep] = []
    size_bytes = 0
    for step in steps:
        is_full = len(batch) >= limits.steps or size_bytes + len(step.body) > limits.size_bytes
        if batch and is_full:
            yield batch
            batch, size_bytes = [], 0
        batch.append(step)
        size_bytes += len(step.body)
    if batch:
        yield batch
