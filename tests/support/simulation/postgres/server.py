"""Sessions and statements: who runs what in which transaction, and who waits for whom."""

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from tests.support.simulation.postgres.tables import BlockedError, Row, Tables, Transaction

Parameters = Sequence[Any]
Handler = Callable[[Transaction, Parameters], list[Row]]
"""Carries out a statement, and returns its rows."""

Reply = Callable[[list[Row] | Exception], None]
"""Is given the rows of a statement, or its error."""


class UnknownStatementError(Exception):
    """Raised for a statement that nobody has taught to this server."""

    def __init__(self, text: str) -> None:
        super().__init__(f"Expected a statement that is known, but got {text[:200]}")


class Server:
    """One Postgres in memory.

    Parameters
    ----------
    clock
        What time it is for the server.
    statements
        What it can carry out, by text.
    """

    def __init__(self, clock: Callable[[], datetime], statements: Mapping[str, Handler]) -> None:
        self._clock = clock
        self._statements = statements
        self.tables = Tables()

    def begin(self) -> Transaction:
        return Transaction(self.tables, self._clock)

    def now(self) -> datetime:
        return self._clock()

    def run(
        self, transaction: Transaction | None, text: str, parameters: Parameters, reply: Reply
    ) -> None:
        """Carry out a statement, as soon as the rows are free that it needs.

        Parameters
        ----------
        transaction
            The session's, or None: then it is committed by itself.
        reply
            Called once, perhaps later.
        """
        handler = self._statements.get(text)
        if handler is None:
            raise UnknownStatementError(text)
        within = transaction or self.begin()
        self._attempt(handler, parameters, within, reply, is_own=transaction is None)

    def _attempt(
        self,
        handler: Handler,
        parameters: Parameters,
        within: Transaction,
        reply: Reply,
        *,
        is_own: bool,
    ) -> None:
        within.waits_for = None
        if within.is_over:
            # The session has gone while the statement waited.
            return
        if within.is_failed:
            message = "current transaction is aborted"
            reply(asyncpg.exceptions.InFailedSQLTransactionError(message))
            return
        undo = within.savepoint()
        try:
            rows = handler(within, parameters)
        except BlockedError as error:
            undo()
            if _is_circle(within, error.holder):
                self._fail(
                    within, asyncpg.exceptions.DeadlockDetectedError("deadlock"), reply, is_own
                )
                return
            within.waits_for = error.holder
            error.holder.when_over(
                lambda: self._attempt(handler, parameters, within, reply, is_own=is_own)
            )
        except asyncpg.PostgresError as error:
            undo()
            self._fail(within, error, reply, is_own)
        else:
            if is_own:
                within.end(commits=True)
            reply(rows)

    @staticmethod
    def _fail(within: Transaction, error: Exception, reply: Reply, is_own: bool) -> None:  # noqa: FBT001
        within.is_failed = True
        if is_own:
            within.end(commits=False)
        reply(error)


def _is_circle(waiting: Transaction, holder: Transaction) -> bool:
    following: Transaction | None = holder
    while following is not None:
        if following is waiting:
            return True
        following = following.waits_for
    return False


def delay(source: random.Random, longest: float) -> float:
    """Return a delay: mostly short, now and then long."""
    share = source.random()
    return longest * share * share * share
