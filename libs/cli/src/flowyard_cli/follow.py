"""Following an instance: a new view of it whenever something has changed.

The server's event stream begins with the whole instance; from then on every
event carries what has changed. A stream that breaks off is opened again, and so
is one that has been silent for too long; it begins with everything again.
"""

import time
from collections.abc import Iterator
from types import TracebackType
from typing import Self

import orjson

from flowyard_cli.client import API, Client, segment
from flowyard_cli.errors import ServerUnreachableError
from flowyard_cli.terminal import JsonObject
from flowyard_cli.views import InstanceView

SILENCE_SECONDS = 20.0
"""Longer than the server's heartbeat; after this the stream counts as dead."""

PATIENCE_SECONDS = 60.0
"""How long a server may be away before following is given up."""

_FIRST_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 3.0


def instance_path(instance_id: object, *parts: str) -> str:
    """Return the address of an instance or of something below it."""
    return "/".join((f"{API}/instances/{segment(instance_id)}", *parts))


def read_instance(client: Client, instance_id: object) -> InstanceView:
    """Return an instance with all its nodes."""
    return InstanceView.model_validate(client.get(instance_path(instance_id)))


def follow(client: Client, instance_id: object) -> Iterator[InstanceView]:
    """Yield the instance now and after every change, until it is final.

    Raises
    ------
    ServerUnreachableError
        Raised if the server stays away for longer than the patience lasts.
    """
    path = instance_path(instance_id, "events")
    revision = -1
    patience = Patience(client)
    while True:
        with patience, client.stream(path, silence_seconds=SILENCE_SECONDS) as lines:
            for view in _views(lines):
                patience.renew()
                if view.revision > revision:
                    revision = view.revision
                    yield view
                if view.is_final:
                    return
        patience.rest()


class Patience:
    """How long a server may be away, and how often it is tried; a context manager for one try.

    Parameters
    ----------
    client
        Lets the time between two tries go by.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self.renew()

    def __enter__(self) -> Self:
        """Begin to try."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        """Pass over a server that is away, as long as the patience lasts."""
        is_away = isinstance(error, ServerUnreachableError)
        return is_away and time.monotonic() - self._away_since <= PATIENCE_SECONDS

    def renew(self) -> None:
        """Begin anew: the server has answered."""
        self._pause, self._away_since = _FIRST_PAUSE_SECONDS, time.monotonic()

    def rest(self) -> None:
        """Let some time go by before the next try, more each time."""
        self._client.sleep(self._pause)
        self._pause = min(self._pause * 2, _LONGEST_PAUSE_SECONDS)


def _views(lines: Iterator[str]) -> Iterator[InstanceView]:
    """Yield the whole instance that a stream begins with, then with each change put in."""
    view: InstanceView | None = None
    for event in read_events(lines):
        if "instance_id" in event:
            view = InstanceView.model_validate(event)
            yield view
        elif view is not None and int(event.get("revision", 0)) > view.revision:
            view = view.changed_by(event)
            yield view


def read_events(lines: Iterator[str]) -> Iterator[JsonObject]:
    """Yield the JSON objects of an event stream; heartbeats and anything else are passed over."""
    data: list[str] = []
    for line in lines:
        if line.startswith("data:"):
            data.append(line.removeprefix("data:"))
        elif not line and data:
            event = _object("\n".join(data))
            data = []
            if event is not None:
                yield event


def _object(text: str) -> JsonObject | None:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None
