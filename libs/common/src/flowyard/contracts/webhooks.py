"""What webhooks are told, and when: the closed list of events, and the schedule of retries."""

from datetime import timedelta
from enum import StrEnum


class WebhookEvent(StrEnum):
    """What may be subscribed to."""

    INSTANCE_STARTED = "instance.started"
    """An instance has begun."""
    INSTANCE_PAUSED = "instance.paused"
    """An instance was paused by a person."""
    INSTANCE_RESUMED = "instance.resumed"
    """A paused instance goes on."""
    INSTANCE_FAILED = "instance.failed"
    """Nothing in an instance can go on without a person."""
    INSTANCE_RECOVERED = "instance.recovered"
    """A failed instance goes on, after a retry or a skip."""
    INSTANCE_ROLLBACK_STARTED = "instance.rollback_started"
    """An instance begins to undo what has succeeded."""
    INSTANCE_SUCCEEDED = "instance.succeeded"
    """An instance has reached its end."""
    INSTANCE_CANCELLED = "instance.cancelled"
    """An instance was ended by a person, or by its parent."""
    NODE_STARTED = "node.started"
    """An attempt of a node has begun; one event per attempt."""
    NODE_WAITING_FOR_APPROVAL = "node.waiting_for_approval"
    """A person has to say yes or no."""
    NODE_WAITING_FOR_CALLBACK = "node.waiting_for_callback"
    """An outside system has to call back."""
    NODE_RETRYING = "node.retrying"
    """A node has failed; the next automatic attempt is due at a time."""
    NODE_FAILED = "node.failed"
    """A node has failed and waits for a person."""
    NODE_SUCCEEDED = "node.succeeded"
    """A node that does work has succeeded."""
    NODE_SKIPPED = "node.skipped"
    """A node that does work was passed over."""
    NODE_CANCELLED = "node.cancelled"
    """A node that does work was ended together with its instance."""


PING = "webhook.ping"
"""The event of a test delivery; nobody subscribes to it."""

CALL_SECONDS = 15.0
"""How long a receiver may take to answer; the public specification recommends 15 to 30 s."""

RETRY_DELAYS = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 21_600, 36_000)
)
"""Pauses behind the first attempt, the second and so on: 23.7 h together, then it is given up.

Source: the schedule that the specification of Standard Webhooks gives as its example, from
seconds to hours within about a day.
"""

RETRY_JITTER = 0.2
"""Share of a pause that is added by chance, so that many do not come back at once."""
