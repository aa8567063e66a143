"""The one form in which the parts of a node are written; what has its default is left out."""

from collections.abc import Mapping

from flowyard.document.patterns import LATEST
from flowyard.engine.graph import (
    DEFAULT_ATTEMPT_TIMEOUT_SECONDS,
    DEFAULT_MAP_CONCURRENCY,
    DEFAULT_OPTIONS,
    DEFAULT_QUEUE,
    Activity,
    Compensation,
    Deadline,
    DeadlineAction,
    JsonValue,
    MapSpec,
    NodeOptions,
    RetryPolicy,
    Scheme,
    Subflow,
    SubflowMode,
)

DEFAULT_RETRY_SECONDS = 5.0
"""Pause before an automatic retry that names none: a restart of what was called takes as long."""

Written = dict[str, JsonValue]
"""A mapping as it is written, its keys in order."""

Renders = Mapping[str, frozenset[str]]
"""Verbatim inputs that are rendered all the same, by ``plugin``, ``rollback`` or ``notify``."""


def put(target: Written, key: str, value: JsonValue) -> None:
    """Set a key unless the value is empty."""
    if value not in (None, "", {}, []):
        target[key] = value


_EXACT = 2.0**53
"""Below it a whole number is the same as a float; JSON's writers hold no more than 64 bits."""


def number(amount: float) -> int | float:
    """Return a number without a fraction that says nothing."""
    return int(amount) if abs(amount) < _EXACT and amount == int(amount) else amount


def put_activity(
    value: Written, activity: Activity, render: frozenset[str], exports: Mapping[str, str]
) -> None:
    """Write what runs a plugin."""
    value["plugin"] = f"{activity.plugin}@{activity.version}"
    put(value, "inputs", dict(activity.inputs))
    put(value, "render", list[JsonValue](sorted(render)))
    put(value, "export", dict(exports))
    if activity.queue != DEFAULT_QUEUE:
        value["queue"] = activity.queue
    if activity.timeout_seconds != DEFAULT_ATTEMPT_TIMEOUT_SECONDS:
        value["timeout"] = number(activity.timeout_seconds)
    put(value, "secret_outputs", list[JsonValue](sorted(activity.secret_outputs)))


def put_subflow(value: Written, subflow: Subflow, exports: Mapping[str, str]) -> None:
    """Write what starts another template."""
    version = LATEST if subflow.is_latest else subflow.version
    value["subflow"] = subflow.template if version is None else f"{subflow.template}@{version}"
    if subflow.mode is not SubflowMode.INDEPENDENT:
        value["mode"] = subflow.mode.value
    put(value, "schemes", list[JsonValue](subflow.schemes))
    put(value, "inputs", dict(subflow.inputs))
    put(value, "export", dict(exports))


def map_form(spec: MapSpec) -> Written:
    """Return over what a map runs, as it is written."""
    value: Written = {"items": spec.items}
    if spec.concurrency != DEFAULT_MAP_CONCURRENCY:
        value["concurrency"] = spec.concurrency
    if spec.tolerated_percent is not None:
        value["tolerate"] = f"{number(spec.tolerated_percent)}%"
    elif spec.tolerated:
        value["tolerate"] = spec.tolerated
    return value


def put_options(value: Written, options: NodeOptions, renders: Renders) -> None:
    """Write how a node is run."""
    if options == DEFAULT_OPTIONS:
        return
    flags = {
        "optional": options.is_optional,
        "ignore_failure": options.ignores_failure,
    }
    value |= {key: True for key, is_set in flags.items() if is_set}
    put(value, "run_when", options.run_when)
    if not options.is_retryable:
        value["retryable"] = False
    if not options.is_skippable:
        value["skippable"] = False
    if options.retry is not None:
        value["retry"] = _retry(options.retry)
    if options.deadline is not None:
        value["deadline"] = _deadline(options.deadline, renders.get("notify", frozenset()))
    put(value, "run_as", options.run_as)
    if options.priority is not None:
        value["priority"] = options.priority
    if options.concurrency is not None:
        limit = options.concurrency
        value["concurrency"] = {"limit": limit.limit, "key": limit.key}
    if options.compensation is not None:
        value["rollback"] = _rollback(options.compensation, renders.get("rollback", frozenset()))


def scheme_form(scheme: Scheme) -> Written:
    """Return an execution scheme as it is written."""
    value: Written = {"keeps": list[JsonValue](sorted(scheme.keeps))}
    if scheme.is_default:
        value["default"] = True
    put(value, "description", scheme.description)
    return value


def _retry(policy: RetryPolicy) -> JsonValue:
    value: Written = {"times": policy.times}
    if policy.interval_seconds != DEFAULT_RETRY_SECONDS:
        value["interval"] = number(policy.interval_seconds)
    if policy.factor != 1.0:
        value["factor"] = number(policy.factor)
    if policy.limit_seconds is not None:
        value["limit"] = number(policy.limit_seconds)
    if policy.jitter:
        value["jitter"] = number(policy.jitter)
    put(value, "codes", list[JsonValue](policy.codes))
    return policy.times if len(value) == 1 else value


def _deadline(deadline: Deadline, render: frozenset[str]) -> JsonValue:
    if deadline.action is DeadlineAction.FAIL:
        return number(deadline.seconds)
    value: Written = {"after": number(deadline.seconds), "action": deadline.action.value}
    if deadline.notice is not None:
        notice: Written = {}
        put_activity(notice, deadline.notice, render, {})
        value["notify"] = notice
    return value


def _rollback(undo: Compensation, render: frozenset[str]) -> JsonValue:
    value: Written = {}
    if undo.activity is not None:
        put_activity(value, undo.activity, render, {})
    elif undo.subflow is not None:
        put_subflow(value, undo.subflow, {})
    if undo.covers_failed:
        value["covers_failed"] = True
    return value
