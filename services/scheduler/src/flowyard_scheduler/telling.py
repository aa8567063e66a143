"""What the scheduler's log lines say of instances and their steps."""

import logging
from collections.abc import Iterable

from flowyard.storage.advance_store import HeldInstance, StepKey
from flowyard.telemetry.logs import TRACEPARENT
from flowyard_scheduler.decide import Outcome
from flowyard_scheduler.holding import Holding

LOGGER = logging.getLogger("flowyard.scheduler")


def facts_of(held: HeldInstance) -> dict[str, object]:
    """Return what a log line names an instance by."""
    facts = held.snapshot.facts
    return {
        "instance_id": str(facts.instance_id),
        "project": facts.project,
        TRACEPARENT: held.traceparent,
    }


def tell_stored(outcomes: Iterable[Outcome]) -> None:
    """Say how far instances have come, for whoever looks closely."""
    if not LOGGER.isEnabledFor(logging.DEBUG):
        return
    for outcome in outcomes:
        held = outcome.write.held
        LOGGER.debug(
            "An instance has moved on",
            extra={
                **facts_of(held),
                "status": held.snapshot.status.value,
                "revision": held.snapshot.revision,
            },
        )


def tell_sent(keys: Iterable[StepKey], holding: Holding) -> None:
    """Say which steps go out, for whoever looks closely."""
    if not LOGGER.isEnabledFor(logging.DEBUG):
        return
    for key in keys:
        held = holding.get(key.instance_id)
        trace = None if held is None else held.traces.get(key.node_id)
        LOGGER.debug(
            "A step goes out",
            extra={
                **({} if held is None else facts_of(held)),
                **({} if trace is None else {TRACEPARENT: trace.traceparent}),
                "instance_id": str(key.instance_id),
                "node_id": key.node_id,
                "attempt": key.number,
                "step": key.step,
            },
        )
