"""Which plugin gateway gets the next batch: in turn, and the ones that failed rest."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from flowyard.clock import Clock
from flowyard_worker.plugin_client import PluginClient


@dataclass(slots=True)
class _Standing:
    client: PluginClient
    failures: int = 0
    rests_until: float = 0.0
    failing_since: float = 0.0
    """When the first of the failures in a row was seen."""


class PluginGateways:
    """The known plugin gateways and how each has done lately.

    Parameters
    ----------
    clients
        One for each gateway, at least one.
    clock
        For the rests.
    first_rest_seconds, longest_rest_seconds
        How long a gateway rests after its first failure in a row, and at most; the
        rest doubles with each failure.
    absent_seconds
        After how long without an answer a gateway counts as absent.
    """

    def __init__(
        self,
        clients: Sequence[PluginClient],
        *,
        clock: Clock,
        first_rest_seconds: float,
        longest_rest_seconds: float,
        absent_seconds: float = 30.0,
    ) -> None:
        self._standings = {client.url: _Standing(client) for client in clients}
        self._turn = list(self._standings)
        self._clock = clock
        self._first_rest = first_rest_seconds
        self._longest_rest = longest_rest_seconds
        self._absent_seconds = absent_seconds

    @property
    def urls(self) -> frozenset[str]:
        """The addresses of all gateways."""
        return frozenset(self._standings)

    def are_all_but_absent_in(self, urls: AbstractSet[str]) -> bool:
        """Tell whether every gateway is one of these, those apart that are gone for long.

        Someone is in: that nobody answers says nothing about what they would answer.
        """
        others = [one for url, one in self._standings.items() if url not in urls]
        return bool(urls) and all(self._is_absent(one) for one in others)

    def _is_absent(self, standing: _Standing) -> bool:
        lasted = self._clock.monotonic() - standing.failing_since
        return standing.failures > 0 and lasted >= self._absent_seconds

    @property
    def clients(self) -> tuple[PluginClient, ...]:
        """All gateways."""
        return tuple(standing.client for standing in self._standings.values())

    def choose(self, *, besides: AbstractSet[str]) -> PluginClient | None:
        """Return the next gateway that is none of ``besides`` and does not rest."""
        now = self._clock.monotonic()
        for index, url in enumerate(self._turn):
            standing = self._standings[url]
            if url not in besides and standing.rests_until <= now:
                self._turn.append(self._turn.pop(index))
                return standing.client
        return None

    def rest_seconds(self, *, besides: AbstractSet[str]) -> float:
        """Return how long it takes until the first of the others may be asked again."""
        ends = [s.rests_until for url, s in self._standings.items() if url not in besides]
        return max(0.0, min(ends, default=0.0) - self._clock.monotonic())

    def failed(self, url: str) -> None:
        """Let a gateway rest; failures of requests that ran side by side count once."""
        standing = self._standings[url]
        now = self._clock.monotonic()
        if standing.rests_until > now:
            return
        if standing.failures == 0:
            standing.failing_since = now
        rest = min(self._longest_rest, self._first_rest * 2.0 ** min(standing.failures, 16))
        standing.failures += 1
        standing.rests_until = now + rest

    def succeeded(self, url: str) -> None:
        """Forget a gateway's failures."""
        standing = self._standings[url]
        standing.failures = 0
        standing.rests_until = 0.0
