# Made by `make client` from aio/client.py: change that instead.
"""The client that awaits."""

from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from types import TracebackType
from typing import Literal, Self
from uuid import UUID

import httpx

from flowyard.client.call import Call, given, segment
from flowyard.client.events import ServerEvent
from flowyard.client.model import Json
from flowyard.client.models import InstanceView, Link, LogLineView
from flowyard.client.retrying import Retries
from flowyard.client.run import Run
from flowyard.client.settings import find_server
from flowyard.client.sync.connection import Connection
from flowyard.client.sync.following import Following, LogFollowing, follow_project
from flowyard.client.sync.operations import Operations
from flowyard.client.sync.running import OnChange, Waiting
from flowyard.ids import new_id


def _user_agent() -> str:
    try:
        return f"flowyard-python/{version('flowyard')}"
    except PackageNotFoundError:
        return "flowyard-python"


class Flowyard(Operations):
    """A Flowyard, as a program sees it: every operation in groups, and what is made of several.

    It may be used by several tasks at once.

    Parameters
    ----------
    server
        Address of the API, as in ``https://flowyard.example``; None takes FLOWYARD_SERVER.
    token
        From ``flowyard token create --actor NAME``; None takes FLOWYARD_TOKEN.
    timeout
        Seconds that one answer may take.
    retries
        When a request is sent again; ``NO_RETRIES`` for never.
    user_agent
        Begins the name under which requests appear in the server's logs.
    http
        Carries requests, for certificates and proxies of one's own; it is not closed.

    Raises
    ------
    NoServerError
        Raised if server or token are named nowhere.
    """

    def __init__(
        self,
        server: str | None = None,
        token: str | None = None,
        *,
        timeout: float = 30.0,
        retries: Retries | None = None,
        user_agent: str | None = None,
        http: httpx.Client | None = None,
    ) -> None:
        address, proof = find_server(server, token)
        self._connection = Connection(
            address,
            proof,
            timeout=timeout,
            retries=retries or Retries(),
            user_agent=" ".join(one for one in (user_agent, _user_agent()) if one),
            http=http,
        )
        super().__init__(self._connection)

    @property
    def server(self) -> str:
        """Return the address of the API."""
        return self._connection.server

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close all connections."""
        self.close()

    def close(self) -> None:
        """Close all connections; may be called again."""
        self._connection.close()

    def follow(
        self, instance_id: UUID | str, *, items_below: int | None = None
    ) -> Iterator[InstanceView]:
        """Yield an instance now and after every change, whole, until it is final.

        A connection that breaks off is opened again, and nothing is missed or told twice.

        Parameters
        ----------
        items_below
            Leaves out items of maps from this index on: there may be thousands.

        Raises
        ------
        NotFoundError
            Raised if there is no such instance.
        UnreachableError
            Raised if the server stays away for too long.
        """
        return Following(self._connection, instance_id, items_below=items_below).views()

    def follow_project(self, project: str) -> Iterator[ServerEvent]:
        """Yield what changes in a project, for ever: ``changed`` and ``drafts`` name it.

        ``open`` comes first, and again after a connection was lost: read lists then.
        """
        return follow_project(self._connection, project)

    def follow_log(
        self,
        instance_id: UUID | str,
        node_id: str,
        number: int,
        *,
        after: int = 0,
        level: Literal["debug", "info", "warning", "error"] | None = None,
    ) -> Iterator[LogLineView]:
        """Yield the lines that an attempt logs, those that are there first, until it has ended.

        A connection that breaks off is opened again, and no line is missed or told twice. An
        attempt that has not begun is waited for, until its instance has ended.

        Parameters
        ----------
        number
            Of the attempt, from 1.
        after
            Begins behind this ``sequence``.
        level
            Leaves out what matters less.

        Raises
        ------
        NotFoundError
            Raised if there is no such node, or the instance has ended without that attempt.
        UnreachableError
            Raised if the server stays away for too long.
        """
        return LogFollowing(
            self._connection, instance_id, node_id, number, after=after, level=level
        ).lines()

    def wait(
        self,
        instance_id: UUID | str,
        *,
        timeout: float | None = None,
        check: bool = True,
        on_change: OnChange | None = None,
    ) -> Run:
        """Wait until an instance does not go on by itself, and return what has become of it.

        Parameters
        ----------
        timeout
            Seconds to wait; None for as long as it takes.
        check
            Whether to raise for an instance that has failed or was cancelled.
        on_change
            Is called with the instance at first and after every change.

        Raises
        ------
        RunFailedError, RunCancelledError
            Raised if it has not succeeded, with the failed node and its error.
        RunTimeoutError
            Raised if the time is over; the instance goes on.
        """
        waiting = Waiting(self._connection, timeout=timeout, check=check, on_change=on_change)
        return waiting.wait(instance_id)

    def run_and_wait(
        self,
        project: str,
        template: str,
        *,
        inputs: Mapping[str, Json] | None = None,
        timeout: float | None = None,
        check: bool = True,
        version: int | None = None,
        preset: str | None = None,
        name: str | None = None,
        labels: Mapping[str, str] | None = None,
        links: Sequence[Link] | None = None,
        schemes: Sequence[str] | None = None,
        excluded: Sequence[str] | None = None,
        priority: int | None = None,
        idempotency_key: str | None = None,
        cancel_on_interrupt: bool = False,
        on_change: OnChange | None = None,
    ) -> Run:
        """Start an instance of a template, wait for it, and return what has become of it.

        A server that restarts meanwhile and connections that break are waited for. The
        arguments that are not explained here are those of ``instances.create``.

        Parameters
        ----------
        timeout
            Seconds to wait; None for as long as it takes.
        check
            Whether to raise for an instance that has failed or was cancelled.
        idempotency_key
            Names the run: started again within 24 h under the same key, it is waited for
            instead, as by a script that was restarted.
        cancel_on_interrupt
            Whether Ctrl-C, or the cancellation of the task, cancels the instance.
        on_change
            Is called with the instance at first and after every change.

        Raises
        ------
        RunFailedError, RunCancelledError
            Raised if it has not succeeded, with the failed node and its error.
        RunTimeoutError
            Raised if the time is over; the instance goes on.
        InvalidError
            Raised for inputs that do not fit the template, or a template that is not there.
        TooManyRequestsError
            Raised if the server has too much to do for longer than the client is patient.
        """
        start = Call(
            "POST",
            f"/api/v1/projects/{segment(project)}/instances",
            body=given(
                {
                    "template": template,
                    "version": version,
                    "inputs": inputs,
                    "preset": preset,
                    "name": name,
                    "labels": labels,
                    "links": links,
                    "schemes": schemes,
                    "excluded": excluded,
                    "priority": priority,
                }
            ),
            is_keyed=True,
            # One for all that follows: interrupted before it is answered, it is found by this.
            key=idempotency_key or str(new_id()),
        )
        waiting = Waiting(self._connection, timeout=timeout, check=check, on_change=on_change)
        return waiting.start(start, cancel_on_interrupt=cancel_on_interrupt)
