"""The Postgres in memory does with every statement what a real one does."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from flowyard.storage.database import Database
from flowyard.storage.queries import load_queries
from tests.conformance.storage.benches import (
    FIRST_NUMBER,
    Bench,
    Found,
    MemoryBench,
    Plain,
    RealBench,
)
from tests.conformance.storage.cases import Cases
from tests.conformance.storage.parameters import DRAWS
from tests.support.simulation.postgres.statements import ROOMS

pytestmark = pytest.mark.service

ROUNDS = 25
"""Random states of the tables per statement; a wrong twin differs in one of a few."""

NAMED = [(file, name) for file in DRAWS for name in load_queries(file)]
VOID = frozenset({"pg_advisory_xact_lock"})
GENERATED = {"command": "command_id", "concurrency_slot": "position"}
"""Numbers that servers make up; they are compared where the test has laid them down."""


def comparable(found: Found, plain: Plain) -> Found:
    for table, name in GENERATED.items():
        for row in found[table]:
            if row[name] >= FIRST_NUMBER:
                del row[name]
    return {table: plain.rows(rows, is_ordered=False) for table, rows in found.items()}


def is_ordered(text: str) -> bool:
    """Tell whether the order of a statement's rows says anything."""
    tail = re.sub(r"--[^\n]*", "", text).rpartition(")")[2]
    return "ORDER BY" in tail


async def tried(
    bench: Bench, file: str, name: str, cases: Cases, names: Sequence[str] = ()
) -> tuple[Any, Found]:
    """Return what a statement answers and leaves, with columns as another bench has named them."""
    rows = list(cases.tables())
    parameters = DRAWS[file][name](cases)
    text = load_queries(file)[name]
    answer, found = await bench.try_out(rows, text, parameters)
    plain = Plain(cases.instants)
    if not isinstance(answer, str):
        # Rows are read by name: a twin may have more columns than are asked for.
        kept = [{one: row[one] for one in names or row if one not in VOID} for row in answer]
        return plain.rows(kept, is_ordered=is_ordered(text)), comparable(found, plain)
    return answer, comparable(found, plain)


def differences(real: tuple[Any, Found], in_memory: tuple[Any, Found]) -> Iterator[str]:
    """Return what differs, a row or a table at a time."""
    (answer, found), (twins_answer, twins_found) = real, in_memory
    if answer != twins_answer:
        yield f"answers {answer}, not {twins_answer}"
    for table, rows in found.items():
        twins = twins_found[table]
        if len(rows) != len(twins):
            yield f"{table} has {len(rows)} rows, not {len(twins)}"
        for row, twin in zip(rows, twins, strict=False):
            wrong = {name: (row[name], twin.get(name)) for name in row if row[name] != twin[name]}
            if wrong:
                yield f"{table} holds {wrong}"


@pytest.mark.parametrize(("file", "name"), NAMED)
async def test_a_statement_does_the_same_in_memory(
    database: Database, file: str, name: str
) -> None:
    await lift_identities(database)
    effects = set()
    for round_number in range(ROUNDS):
        seed, now = f"{name} {round_number}", datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - servers go by it
        real = await tried(RealBench(database), file, name, Cases(seed, now))
        names = tuple(real[0][0]) if real[0] and not isinstance(real[0], str) else ()
        in_memory = await tried(MemoryBench(), file, name, Cases(seed, now), names)

        assert list(differences(real, in_memory)) == [], f"round {round_number}"
        effects.add(repr(real))
    assert len(effects) > 1 or name == "clock", "the cases have shown nothing"


async def lift_identities(database: Database) -> None:
    async with database.hot() as connection:
        for table, name in GENERATED.items():
            await connection.execute(
                f"ALTER TABLE {table} ALTER {name} RESTART WITH {FIRST_NUMBER}"
            )


def test_every_statement_of_scheduler_and_gateway_is_compared() -> None:
    assert DRAWS.keys() == ROOMS.keys()
    for file, draws in DRAWS.items():
        assert draws.keys() == load_queries(file).keys()
