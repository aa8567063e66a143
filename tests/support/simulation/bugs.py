"""Bugs that the simulation has to find: each takes one rule out of the product."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from msgspec.structs import replace

from flowyard.engine.advance import advance
from flowyard.engine.effects import Decision
from flowyard.storage import advance_store, advance_write
from flowyard_scheduler import decide as deciding
from flowyard_scheduler.loop import Loop
from tests.support.simulation.postgres import statements


@contextmanager
def _offset_before_commit() -> Iterator[None]:
    """Have offsets committed as soon as records are read, before what they ask for is stored."""
    catch_up = Loop._catch_up

    async def early(self: Loop, intake: Any) -> None:
        self._offsets.update(intake.offsets)
        await catch_up(self, intake)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Loop, "_catch_up", early)
        yield


@contextmanager
def _missing_revision_guard() -> Iterator[None]:
    """Store a batch whatever revision an instance has."""
    text, handler = statements.unguarded_batch()
    queries: Mapping[str, str] = {**advance_store.QUERIES, "write_batch": text}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(advance_write, "QUERIES", queries)
        patched.setitem(statements.EXTRA, text, handler)
        yield


@contextmanager
def _dropped_early_callback() -> Iterator[None]:
    """Settle a callback that comes before its wait, instead of keeping it."""
    from_engine = advance

    def forgetful(*given: Any, **more: Any) -> Decision:
        decision = from_engine(*given, **more)
        return replace(decision, is_deferred=False) if decision.is_deferred else decision

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(deciding, "advance", forgetful)
        yield


BUGS = {
    "offset-before-commit": _offset_before_commit,
    "missing-revision-guard": _missing_revision_guard,
    "dropped-early-callback": _dropped_early_callback,
}
"""What can be put into the product, by name."""


@contextmanager
def with_bug(name: str | None) -> Iterator[None]:
    """Run the product with a bug; None for the product as it is."""
    if name is None:
        yield
        return
    with BUGS[name]():
        yield
