"""What the worker says of its steps, for whoever looks closely."""

import logging
from collections.abc import Iterable

from flowyard_worker.step import TakenStep

_log = logging.getLogger("flowyard.worker")


def tell_handed_over(steps: Iterable[TakenStep], url: str) -> None:
    """Say to which gateway steps go."""
    if _log.isEnabledFor(logging.DEBUG):
        for step in steps:
            _log.debug("A step is handed over", extra={**step.log_facts, "gateway": url})


def tell_ended(step: TakenStep, outcome: str) -> None:
    """Say what a step has ended with."""
    if _log.isEnabledFor(logging.DEBUG):
        _log.debug("A step has ended", extra={**step.log_facts, "outcome": outcome})
