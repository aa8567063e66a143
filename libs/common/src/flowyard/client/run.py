"""What has become of an instance that somebody waited for."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from pydantic import JsonValue

from flowyard.client.errors import ClientError
from flowyard.client.models import FailureView, InstanceView, NodeView
from flowyard.errors import PermanentError, RetryableError


@dataclass(frozen=True, slots=True)
class Run:
    """An instance that does not go on by itself any more.

    Attributes
    ----------
    instance
        All that the API says about it.
    """

    instance: InstanceView

    @property
    def instance_id(self) -> UUID:
        """Return its id."""
        return self.instance.instance_id

    @property
    def status(self) -> str:
        """Return ``succeeded``, ``failed`` or ``cancelled``."""
        return self.instance.status

    @property
    def is_succeeded(self) -> bool:
        """Tell whether it has come to its end."""
        return self.status == "succeeded"

    @property
    def outputs(self) -> dict[str, JsonValue]:
        """Return its outputs by name; none where it has not succeeded."""
        return self.instance.outputs or {}

    @property
    def duration(self) -> timedelta | None:
        """Return how long it took; None where it has not begun, or may go on."""
        begun, ended = self.instance.started_at, self.instance.ended_at
        return None if begun is None or ended is None else ended - begun

    @property
    def failed_nodes(self) -> list[NodeView]:
        """Return the nodes that have failed, innermost ones only, in the order of the graph.

        A subflow fails with the node that fails within it, and a map with its item:
        of these, only the node and the item are returned.
        """
        failed = [node for node in self.instance.nodes if node.status == "failed"]
        ids = [node.node_id for node in failed]
        return [
            node
            for node in failed
            if not any(one.startswith((f"{node.node_id}.", f"{node.node_id}:")) for one in ids)
        ]

    @property
    def failure(self) -> FailureView | None:
        """Return why it has failed: its first failed node's reason, or else its own."""
        reasons = [node.failure for node in self.failed_nodes if node.failure is not None]
        return reasons[0] if reasons else self.instance.failure


class RunError(ClientError):
    """Root of what is raised for an instance that has not succeeded.

    Attributes
    ----------
    run
        What has become of it.
    """

    code = "run_error"

    def __init__(self, message: str, run: Run) -> None:
        super().__init__(message)
        self.run = run


class RunFailedError(RunError, PermanentError):
    """Raised for an instance that has failed.

    Attributes
    ----------
    node
        The node that has failed; None where the instance itself is broken.
    failure
        Its code and message.
    """

    code = "run_failed"

    def __init__(self, run: Run) -> None:
        self.node = next(iter(run.failed_nodes), None)
        self.failure = run.failure
        why = "" if self.failure is None else f": {self.failure.message} ({self.failure.code})"
        where = "it has failed" if self.node is None else f"node {self.node.node_id} has failed"
        super().__init__(f"Expected {_named(run.instance)} to succeed, but {where}{why}", run)


class RunCancelledError(RunError, PermanentError):
    """Raised for an instance that somebody has cancelled."""

    code = "run_cancelled"

    def __init__(self, run: Run) -> None:
        super().__init__(f"Expected {_named(run.instance)} to succeed, but it was cancelled", run)


class RunTimeoutError(ClientError, RetryableError, TimeoutError):
    """Raised for an instance that goes on when the time to wait is over; it still goes on.

    Attributes
    ----------
    instance_id
        Waits may begin again with it.
    instance
        As it was last seen; None where it was not seen.
    """

    code = "run_timeout"

    def __init__(self, instance_id: UUID, instance: InstanceView | None, seconds: float) -> None:
        name = f"instance {instance_id}" if instance is None else _named(instance)
        status = "" if instance is None else f": it is {instance.status}"
        super().__init__(f"Expected {name} to end within {seconds:g} s, but it has not{status}")
        self.instance_id = instance_id
        self.instance = instance


def checked(run: Run) -> Run:
    """Return a run that has succeeded.

    Raises
    ------
    RunFailedError, RunCancelledError
        Raised for any other.
    """
    if run.status == "failed":
        raise RunFailedError(run)
    if not run.is_succeeded:
        raise RunCancelledError(run)
    return run


def _named(instance: InstanceView) -> str:
    return f"instance {instance.instance_id} of {instance.template}"
