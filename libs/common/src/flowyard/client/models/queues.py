"""Models of queues.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from flowyard.client.model import Answer


class ProjectLoadView(Answer):
    """One project's part of a queue."""

    project: str
    waiting: int
    """Steps that wait for room in the window."""
    handed_out: int
    """Steps that workers have, or soon will."""
    oldest_waiting_seconds: float
    """Age of the oldest one that waits; 0 without any."""
    waiting_starts: int
    """New instances that begin with this queue, and wait for room."""


class QueueView(Answer):
    """How much waits in one queue, as of about a second ago."""

    queue: str
    waiting: int
    """Steps that wait for room in the window: nobody could take them up yet."""
    handed_out: int
    """Steps that are handed out and not finished, running or not."""
    running: int
    """Those of them that have been running for more than a second."""
    window: int
    """Most steps that are handed out now; it follows what workers take up."""
    ended_per_second: float
    """Steps that end, over the last few seconds."""
    oldest_waiting_seconds: float
    """Age of the oldest step that is not known to run, handed out or not; 0 without any."""
    waiting_starts: int
    """New instances that begin with this queue, and wait for room."""
    oldest_start_seconds: float
    """For how long the first of them has waited."""
    projects: list[ProjectLoadView]
    """What is whose, of the projects with the most."""
