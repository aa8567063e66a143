"""Every statement that the scheduler and plugin gateways run, by its text."""

from functools import cache, partial

from flowyard.storage.queries import load_queries
from tests.support.simulation.postgres import (
    batch_statement,
    census_statements,
    event_statements,
    gateway_statements,
    load_statements,
    scheduler_statements,
    slot_statements,
    start_statements,
)
from tests.support.simulation.postgres.batch_statement import GUARD, write_batch
from tests.support.simulation.postgres.server import Handler

ROOMS = {
    "scheduler": (scheduler_statements, batch_statement),
    "gateway": (gateway_statements,),
    "slots": (slot_statements,),
    "census": (census_statements,),
    "loads": (load_statements,),
    "starts": (start_statements,),
    "events": (event_statements,),
}


EXTRA: dict[str, Handler] = {}
"""Statements that the product does not have: a bug may put one there."""


def known_statements() -> dict[str, Handler]:
    """Return what carries out each statement, by its text."""
    return {**_of_the_product(), **EXTRA}


@cache
def _of_the_product() -> dict[str, Handler]:
    found: dict[str, Handler] = {"SELECT 1": scheduler_statements.clock}
    for file, modules in ROOMS.items():
        for name, text in load_queries(file).items():
            handlers = [getattr(module, name) for module in modules if hasattr(module, name)]
            if len(handlers) != 1:
                raise LookupError(f"Expected one handler of {file}.{name}, but found {handlers}")
            found[text] = handlers[0]
    return found


def unguarded_batch() -> tuple[str, Handler]:
    """Return the statement of a batch without its guard, and what carries it out."""
    text = load_queries("scheduler")["write_batch"]
    if text.count(GUARD) != 1:
        raise LookupError(f"Expected {GUARD!r} once in write_batch")
    return text.replace(GUARD, ""), partial(write_batch, is_guarded=False)
