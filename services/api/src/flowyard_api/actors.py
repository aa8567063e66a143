"""Who may act: bearer tokens, remembered for a few seconds."""

import uuid
from collections import OrderedDict
from dataclasses import dataclass

from flowyard.clock import Clock
from flowyard.ids import digest
from flowyard.storage.database import Database
from flowyard.storage.tokens import find_token
from flowyard_api.errors import ApiError

CACHE_SECONDS = 5.0
"""How long a token is trusted without another look: a revoked one works at most that long."""

CACHE_SIZE = 1024
"""Tokens that are remembered; more than any installation has in use at once."""


class UnauthenticatedError(ApiError):
    """Raised for a request without a valid token."""

    code = "unauthenticated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who a request acts as."""

    name: str
    token_id: uuid.UUID


class Actors:
    """Finds the actor that a token stands for.

    Parameters
    ----------
    database
        Where the tokens' digests are.
    clock
        Ages what is remembered.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._known: OrderedDict[str, tuple[Actor, float]] = OrderedDict()

    async def find(self, text: str) -> Actor:
        """Return who a token stands for.

        Raises
        ------
        UnauthenticatedError
            Raised if the token is unknown or revoked.
        """
        key = digest(text)
        known = self._known.get(key)
        now = self._clock.monotonic()
        if known is not None and now < known[1]:
            return known[0]
        async with self._database.transaction() as connection:
            found = await find_token(connection, text)
        if found is None:
            self._known.pop(key, None)
            raise UnauthenticatedError("Expected a valid bearer token, but this one is not")
        actor = Actor(name=found.actor, token_id=found.token_id)
        self._known[key] = (actor, now + CACHE_SECONDS)
        while len(self._known) > CACHE_SIZE:
            self._known.popitem(last=False)
        return actor
