"""What a node runs, and how: plugins, subflows, and the options of both."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]
"""Anything that JSON can hold."""

DEFAULT_QUEUE = "default"
"""Where an activity is dispatched that names no queue."""

DEFAULT_ATTEMPT_TIMEOUT_SECONDS = 60.0
"""How long one step of a plugin may take; what takes longer does it as a wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """What an activity runs."""

    plugin: str
    """Name of the plugin."""
    version: str
    """Exact version of the plugin."""
    inputs: Mapping[str, JsonValue] = field(default_factory=dict)
    """Values by input name; text in them may hold ``${...}`` expressions."""
    queue: str = DEFAULT_QUEUE
    """Which workers may take it."""
    timeout_seconds: float = DEFAULT_ATTEMPT_TIMEOUT_SECONDS
    """How long one step may run in the plugin gateway."""
    secret_outputs: frozenset[str] = frozenset()
    """Names of outputs that are stored sealed."""
    verbatim: frozenset[str] = frozenset()
    """Names of inputs whose text is taken as it is: ``${...}`` in them belongs to a shell."""


class SubflowMode(StrEnum):
    """Where the nodes of a subflow run."""

    INDEPENDENT = "independent"
    """In an instance of their own, which the node waits for."""
    INLINE = "inline"
    """In the same instance, with variables of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subflow:
    """What a subflow node starts."""

    template: str
    """Key of the template in the same project, or ``project/key`` of a common one."""
    version: int | None = None
    """Number of the template version; None until the version is pinned at publication."""
    is_latest: bool = False
    """Take the version that is the latest when the child starts; never pinned."""
    mode: SubflowMode = SubflowMode.INDEPENDENT
    schemes: tuple[str, ...] = ()
    """Execution schemes of the template to run with; empty runs the whole of it."""
    inputs: Mapping[str, JsonValue] = field(default_factory=dict)
    """Values for the child's inputs, with expressions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """When a failed attempt is followed by another one without a person."""

    times: int
    """Most further attempts of one visit."""
    interval_seconds: float
    """Pause before the first of them."""
    factor: float = 1.0
    """By what each further pause is longer."""
    limit_seconds: float | None = None
    """Longest pause; None for no bound but :data:`MAX_RETRY_SECONDS`."""
    jitter: float = 0.0
    """Share of the pause, 0 to 1, that is taken off by chance."""
    codes: tuple[str, ...] = ()
    """Failure codes that are retried; empty means all but ``outcome_unknown``."""


MAX_RETRY_SECONDS = 86_400.0
"""Longest pause before an automatic retry: a day; more is a schedule, not a retry."""


class DeadlineAction(StrEnum):
    """What happens when a node takes longer than it may."""

    FAIL = "fail"
    """Its attempt is cancelled and counts as failed with code ``deadline``."""
    SKIP = "skip"
    """Its attempt is cancelled and the node is passed over."""
    NOTIFY = "notify"
    """It goes on; somebody is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """How long an attempt may take, its waits included."""

    seconds: float
    """From the dispatch of its first step."""
    action: DeadlineAction = DeadlineAction.FAIL
    notice: Activity | None = None
    """What tells somebody; set exactly for the action ``notify``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcurrencyKey:
    """How many attempts with the same key may work at once."""

    limit: int
    key: str
    """Text with ``${...}``; attempts of one project with equal rendered keys share the limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compensation:
    """What undoes a node when its instance is rolled back."""

    activity: Activity | None = None
    """Set exactly when ``subflow`` is not."""
    subflow: Subflow | None = None
    """An independent one."""
    covers_failed: bool = False
    """Also run where the node was begun and did not succeed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeOptions:
    """How an activity, a subflow or a map is run, beside what it runs."""

    is_optional: bool = False
    """May be left out by an execution scheme or at the start."""
    ignores_failure: bool = False
    """Counts as succeeded, marked as ignored, where it would have failed."""
    is_retryable: bool = True
    """A person may retry it."""
    is_skippable: bool = True
    """A person may skip it."""
    retry: RetryPolicy | None = None
    deadline: Deadline | None = None
    run_when: str | None = None
    """Expression without ``${}``; where it is false, the node is passed over."""
    run_as: str | None = None
    """Text with ``${...}``: who the plugin is told to act as; None for who started the instance."""
    priority: int | None = None
    """0 to 9, the higher the sooner it is dispatched; None for the instance's."""
    concurrency: ConcurrencyKey | None = None
    compensation: Compensation | None = None


DEFAULT_OPTIONS = NodeOptions()
"""What a node has that says nothing."""

DEFAULT_PRIORITY = 5
"""Of an instance that asks for none."""
