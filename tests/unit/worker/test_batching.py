import pytest

from flowyard_worker.batching import BatchLimits, batches
from tests.unit.worker.fakes import taken


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([], []),
        ([1], [1]),
        ([1, 1, 1], [3]),
        ([1, 1, 1, 1], [3, 1]),
        ([5, 5, 1], [2, 1]),
        ([50, 1, 50], [1, 1, 1]),
    ],
)
def test_steps_are_cut_by_number_and_by_size(sizes: list[int], expected: list[int]) -> None:
    steps = [taken([], body=b"x" * size) for size in sizes]

    cut = list(batches(steps, BatchLimits(steps=3, size_bytes=10)))

    assert [len(batch) for batch in cut] == expected
    assert [step for batch in cut for step in batch] == steps
