"""What nodes run and how, as JSON: the inner half of :mod:`flowyard.storage.graph_codec`."""

from collections.abc import Mapping
from typing import Any, TypeVar

from flowyard.engine.graph import (
    DEFAULT_ATTEMPT_TIMEOUT_SECONDS,
    DEFAULT_MAP_CONCURRENCY,
    DEFAULT_OPTIONS,
    DEFAULT_QUEUE,
    Activity,
    Compensation,
    ConcurrencyKey,
    Deadline,
    DeadlineAction,
    JsonValue,
    MapSpec,
    NodeOptions,
    RetryPolicy,
    Subflow,
    SubflowMode,
)

Encoded = dict[str, Any]
"""One encoded thing."""

_ValueT = TypeVar("_ValueT")


def pairs(values: Mapping[str, _ValueT]) -> list[list[str | _ValueT]]:
    """Return a mapping as pairs: computed variables have an order, which jsonb objects lose."""
    return [[name, value] for name, value in values.items()]


def without_defaults(encoded: Encoded, defaults: Encoded) -> Encoded:
    """Return what differs from its default."""
    return {
        key: value
        for key, value in encoded.items()
        if key not in defaults or not _is_same(value, defaults[key])
    }


def _is_same(value: JsonValue, default: JsonValue) -> bool:
    """Compare exactly: ``False`` is not ``0`` and ``1`` is not ``1.0``."""
    return type(value) is type(default) and value == default


_ACTIVITY_DEFAULTS: Encoded = {
    "inputs": [],
    "queue": DEFAULT_QUEUE,
    "timeout": DEFAULT_ATTEMPT_TIMEOUT_SECONDS,
    "secret_outputs": [],
    "verbatim": [],
}


def encode_activity(activity: Activity) -> Encoded:
    """Return an activity as JSON."""
    return without_defaults(
        {
            "plugin": activity.plugin,
            "version": activity.version,
            "inputs": pairs(activity.inputs),
            "queue": activity.queue,
            "timeout": activity.timeout_seconds,
            "secret_outputs": sorted(activity.secret_outputs),
            "verbatim": sorted(activity.verbatim),
        },
        _ACTIVITY_DEFAULTS,
    )


def decode_activity(encoded: Mapping[str, Any]) -> Activity:
    """Return the activity that :func:`encode_activity` was given."""
    return Activity(
        plugin=encoded["plugin"],
        version=encoded["version"],
        inputs=dict(encoded.get("inputs", ())),
        queue=encoded.get("queue", DEFAULT_QUEUE),
        timeout_seconds=encoded.get("timeout", DEFAULT_ATTEMPT_TIMEOUT_SECONDS),
        secret_outputs=frozenset(encoded.get("secret_outputs", ())),
        verbatim=frozenset(encoded.get("verbatim", ())),
    )


_SUBFLOW_DEFAULTS: Encoded = {
    "version": None,
    "latest": False,
    "mode": SubflowMode.INDEPENDENT.value,
    "schemes": [],
    "inputs": [],
}


def encode_subflow(subflow: Subflow) -> Encoded:
    """Return a subflow as JSON."""
    return without_defaults(
        {
            "template": subflow.template,
            "version": subflow.version,
            "latest": subflow.is_latest,
            "mode": subflow.mode.value,
            "schemes": list(subflow.schemes),
            "inputs": pairs(subflow.inputs),
        },
        _SUBFLOW_DEFAULTS,
    )


def decode_subflow(encoded: Mapping[str, Any]) -> Subflow:
    """Return the subflow that :func:`encode_subflow` was given."""
    return Subflow(
        template=encoded["template"],
        version=encoded.get("version"),
        is_latest=encoded.get("latest", False),
        mode=SubflowMode(encoded.get("mode", SubflowMode.INDEPENDENT)),
        schemes=tuple(encoded.get("schemes", ())),
        inputs=dict(encoded.get("inputs", ())),
    )


_MAP_DEFAULTS: Encoded = {
    "concurrency": DEFAULT_MAP_CONCURRENCY,
    "tolerated": 0,
    "tolerated_percent": None,
}


def encode_map(spec: MapSpec) -> Encoded:
    """Return what a map runs over as JSON."""
    return without_defaults(
        {
            "items": spec.items,
            "concurrency": spec.concurrency,
            "tolerated": spec.tolerated,
            "tolerated_percent": spec.tolerated_percent,
        },
        _MAP_DEFAULTS,
    )


def decode_map(encoded: Mapping[str, Any]) -> MapSpec:
    """Return what :func:`encode_map` was given."""
    return MapSpec(**encoded)


def encode_options(options: NodeOptions) -> Encoded:
    """Return a node's options as JSON; empty for the defaults."""
    if options is DEFAULT_OPTIONS:
        return {}
    return without_defaults(
        {
            "optional": options.is_optional,
            "ignores_failure": options.ignores_failure,
            "retryable": options.is_retryable,
            "skippable": options.is_skippable,
            "retry": None if options.retry is None else _encode_retry(options.retry),
            "deadline": None if options.deadline is None else _encode_deadline(options.deadline),
            "run_when": options.run_when,
            "run_as": options.run_as,
            "priority": options.priority,
            "concurrency": None
            if options.concurrency is None
            else {"key": options.concurrency.key, "limit": options.concurrency.limit},
            "compensation": None
            if options.compensation is None
            else _encode_compensation(options.compensation),
        },
        _OPTIONS_DEFAULTS,
    )


_OPTIONS_DEFAULTS: Encoded = {
    "optional": False,
    "ignores_failure": False,
    "retryable": True,
    "skippable": True,
    "retry": None,
    "deadline": None,
    "run_when": None,
    "run_as": None,
    "priority": None,
    "concurrency": None,
    "compensation": None,
}


def decode_options(encoded: Mapping[str, Any]) -> NodeOptions:
    """Return the options that :func:`encode_options` was given."""
    if not encoded:
        return DEFAULT_OPTIONS
    retry, deadline = encoded.get("retry"), encoded.get("deadline")
    concurrency, compensation = encoded.get("concurrency"), encoded.get("compensation")
    return NodeOptions(
        is_optional=encoded.get("optional", False),
        ignores_failure=encoded.get("ignores_failure", False),
        is_retryable=encoded.get("retryable", True),
        is_skippable=encoded.get("skippable", True),
        retry=None if retry is None else _decode_retry(retry),
        deadline=None if deadline is None else _decode_deadline(deadline),
        run_when=encoded.get("run_when"),
        run_as=encoded.get("run_as"),
        priority=encoded.get("priority"),
        concurrency=None if concurrency is None else ConcurrencyKey(**concurrency),
        compensation=None if compensation is None else _decode_compensation(compensation),
    )


def _encode_retry(policy: RetryPolicy) -> Encoded:
    return without_defaults(
        {
            "times": policy.times,
            "interval": policy.interval_seconds,
            "factor": policy.factor,
            "limit": policy.limit_seconds,
            "jitter": policy.jitter,
            "codes": list(policy.codes),
        },
        {"factor": 1.0, "limit": None, "jitter": 0.0, "codes": []},
    )


def _decode_retry(encoded: Mapping[str, Any]) -> RetryPolicy:
    return RetryPolicy(
        times=encoded["times"],
        interval_seconds=encoded["interval"],
        factor=encoded.get("factor", 1.0),
        limit_seconds=encoded.get("limit"),
        jitter=encoded.get("jitter", 0.0),
        codes=tuple(encoded.get("codes", ())),
    )


def _encode_deadline(deadline: Deadline) -> Encoded:
    return without_defaults(
        {
            "seconds": deadline.seconds,
            "action": deadline.action.value,
            "notice": None if deadline.notice is None else encode_activity(deadline.notice),
        },
        {"notice": None},
    )


def _decode_deadline(encoded: Mapping[str, Any]) -> Deadline:
    notice = encoded.get("notice")
    return Deadline(
        seconds=encoded["seconds"],
        action=DeadlineAction(encoded["action"]),
        notice=None if notice is None else decode_activity(notice),
    )


def _encode_compensation(undo: Compensation) -> Encoded:
    return without_defaults(
        {
            "activity": None if undo.activity is None else encode_activity(undo.activity),
            "subflow": None if undo.subflow is None else encode_subflow(undo.subflow),
            "covers_failed": undo.covers_failed,
        },
        {"activity": None, "subflow": None, "covers_failed": False},
    )


def _decode_compensation(encoded: Mapping[str, Any]) -> Compensation:
    activity, subflow = encoded.get("activity"), encoded.get("subflow")
    return Compensation(
        activity=None if activity is None else decode_activity(activity),
        subflow=None if subflow is None else decode_subflow(subflow),
        covers_failed=encoded.get("covers_failed", False),
    )
