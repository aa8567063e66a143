"""Reading how a node is run: its options, beside what it runs."""

from collections.abc import Mapping
from typing import NamedTuple

from flowyard.document.canonical import DEFAULT_RETRY_SECONDS
from flowyard.document.conditions import read_condition
from flowyard.document.part import Part
from flowyard.document.patterns import FAILURE_CODE
from flowyard.document.verbatim import Plugins
from flowyard.document.work import read_activity, read_subflow, report_syntax
from flowyard.engine.graph import (
    DEFAULT_OPTIONS,
    MAX_RETRY_SECONDS,
    Activity,
    Compensation,
    ConcurrencyKey,
    Deadline,
    DeadlineAction,
    NodeOptions,
    RetryPolicy,
)
from flowyard.engine.operations import MAX_PRIORITY

OPTION_KEYS = (
    *("optional", "run_when", "ignore_failure", "retryable", "skippable", "retry", "deadline"),
    *("run_as", "priority", "concurrency", "rollback"),
)
"""The keys of options, in the order in which they are written."""

RETRY_KEYS = ("times", "interval", "factor", "limit", "jitter", "codes")
"""The keys of an automatic retry."""

DEADLINE_KEYS = ("after", "action", "notify")
"""The keys of a deadline."""

NOTICE_KEYS = ("plugin", "inputs", "render", "queue", "timeout")
"""The keys of what tells somebody about a deadline."""

CONCURRENCY_KEYS = ("limit", "key")
"""The keys of a concurrency key."""

ROLLBACK_PLUGIN_KEYS = ("plugin", "inputs", "render", "queue", "timeout", "covers_failed")
"""The keys of a compensation by a plugin."""

ROLLBACK_SUBFLOW_KEYS = ("subflow", "schemes", "inputs", "covers_failed")
"""The keys of a compensation by another template."""

MAX_RETRIES = 1000
"""Most automatic retries of one visit; each is a row."""

MAX_FACTOR = 100.0
"""More than this makes the second pause the longest one that there may be."""

MAX_CONCURRENCY = 100_000
"""Most attempts that one concurrency key may let work at once."""

ROLLBACK = "rollback"
"""Key of a compensation, and the name under which its rendered inputs are kept."""

NOTIFY = "notify"
"""Key of a notice, and the name under which its rendered inputs are kept."""


class ReadOptions(NamedTuple):
    """Options, and which verbatim inputs of what they run are rendered all the same."""

    options: NodeOptions
    render: Mapping[str, frozenset[str]]
    """By ``rollback`` and ``notify``; without those that render nothing more."""


def read_options(fields: Mapping[str, Part], plugins: Plugins | None) -> ReadOptions:
    """Return the options of a node; whether they fit together is checked elsewhere."""
    if not any(key in fields for key in OPTION_KEYS):
        return ReadOptions(DEFAULT_OPTIONS, {})
    deadline, notice_render = _deadline(fields.get("deadline"), plugins)
    undo, undo_render = _rollback(fields.get("rollback"), plugins)
    options = NodeOptions(
        is_optional="optional" in fields and fields["optional"].flag(),
        ignores_failure="ignore_failure" in fields and fields["ignore_failure"].flag(),
        is_retryable="retryable" not in fields or fields["retryable"].flag(),
        is_skippable="skippable" not in fields or fields["skippable"].flag(),
        retry=_retry(fields.get("retry")),
        deadline=deadline,
        run_when=read_condition(fields["run_when"]) if "run_when" in fields else None,
        run_as=_text(fields.get("run_as"), "who the plugin acts as"),
        priority=fields["priority"].integer("a priority", least=0, most=MAX_PRIORITY)
        if "priority" in fields
        else None,
        concurrency=_concurrency(fields.get("concurrency")),
        compensation=undo,
    )
    renders = {NOTIFY: notice_render, ROLLBACK: undo_render}
    return ReadOptions(options, {name: render for name, render in renders.items() if render})


def _text(part: Part | None, what: str) -> str | None:
    if part is None:
        return None
    text = part.text(what)
    if isinstance(part.value, str) and not text.strip():
        part.wrong("invalid_value", f"Expected {what}, but the text is empty")
    report_syntax(part, text)
    return text


def _retry(part: Part | None) -> RetryPolicy | None:
    if part is None:
        return None
    if isinstance(part.value, int):
        return RetryPolicy(times=_times(part), interval_seconds=DEFAULT_RETRY_SECONDS)
    fields = part.fields(RETRY_KEYS, "an automatic retry")
    if "times" not in fields and isinstance(part.value, dict):
        part.missing_key("times", "an automatic retry")
    interval = _pause(fields.get("interval"))
    return RetryPolicy(
        times=_times(fields["times"]) if "times" in fields else 1,
        interval_seconds=DEFAULT_RETRY_SECONDS if interval is None else interval,
        factor=_between(fields.get("factor"), "a factor", 1.0, MAX_FACTOR, default=1.0),
        limit_seconds=_pause(fields.get("limit")),
        jitter=_between(fields.get("jitter"), "a share of the pause", 0.0, 1.0, default=0.0),
        codes=_codes(fields.get("codes")),
    )


def _times(part: Part) -> int:
    return part.integer("a number of retries", least=1, most=MAX_RETRIES)


def _pause(part: Part | None) -> float | None:
    if part is None:
        return None
    amount = part.seconds("a length of time, as in 30 or 5m", may_be_nothing=True)
    if amount is not None and amount > MAX_RETRY_SECONDS:
        part.wrong("invalid_value", "Expected a pause of at most 1d, but it is longer")
        return None
    return amount


def _between(part: Part | None, what: str, least: float, most: float, *, default: float) -> float:
    number = part.number(what) if part else None
    if part is None or number is None:
        return default
    if not least <= number <= most:
        part.wrong(
            "invalid_value", f"Expected {what} from {least:g} to {most:g}, but it is {number:g}"
        )
        return default
    return float(number)


def _codes(part: Part | None) -> tuple[str, ...]:
    if part is None:
        return ()
    items = part.items("a list of failure codes")
    if isinstance(part.value, list) and not items:
        part.wrong("invalid_value", "Expected failure codes to retry, but there is none")
    found: list[str] = []
    for item in items:
        code = item.word(FAILURE_CODE, "a failure code, as in connection_failed")
        if code and code in found:
            item.wrong("invalid_value", f"Expected codes that differ, but {code} is there twice")
        found.append(code)
    return tuple(found)


def _deadline(part: Part | None, plugins: Plugins | None) -> tuple[Deadline | None, frozenset[str]]:
    if part is None:
        return None, frozenset()
    if not isinstance(part.value, dict):
        return Deadline(seconds=part.seconds("a length of time, as in 10m") or 1.0), frozenset()
    fields = part.fields(DEADLINE_KEYS, "a deadline")
    if "after" not in fields:
        part.missing_key("after", "a deadline")
    notice, render = _notice(fields.get(NOTIFY), plugins)
    action = fields["action"].choice(DeadlineAction, "an action") if "action" in fields else None
    if NOTIFY in fields and action is not DeadlineAction.NOTIFY:
        fields[NOTIFY].wrong(
            "conflicting_options", "Expected notify with action notify only, but it is another one"
        )
    if NOTIFY not in fields and action is DeadlineAction.NOTIFY:
        part.missing_key(NOTIFY, "a deadline with action notify")
    after = fields["after"].seconds("a length of time, as in 10m") if "after" in fields else None
    return Deadline(
        seconds=after or 1.0, action=action or DeadlineAction.FAIL, notice=notice
    ), render


def _notice(part: Part | None, plugins: Plugins | None) -> tuple[Activity | None, frozenset[str]]:
    if part is None:
        return None, frozenset()
    fields = part.fields(NOTICE_KEYS, "a notice")
    if "plugin" not in fields:
        if isinstance(part.value, dict):
            part.missing_key("plugin", "a notice")
        return None, frozenset()
    return read_activity(fields, plugins)


def _concurrency(part: Part | None) -> ConcurrencyKey | None:
    if part is None:
        return None
    fields = part.fields(CONCURRENCY_KEYS, "a concurrency key")
    for key in CONCURRENCY_KEYS:
        if key not in fields and isinstance(part.value, dict):
            part.missing_key(key, "a concurrency key")
    return ConcurrencyKey(
        limit=fields["limit"].integer("a number of attempts", least=1, most=MAX_CONCURRENCY)
        if "limit" in fields
        else 1,
        key=_text(fields.get("key"), "a key") or "",
    )


def _rollback(
    part: Part | None, plugins: Plugins | None
) -> tuple[Compensation | None, frozenset[str]]:
    if part is None:
        return None, frozenset()
    entries = part.entries("what undoes the node")
    kinds = [key for key in ("plugin", "subflow") if key in entries]
    if len(kinds) != 1:
        if isinstance(part.value, dict):
            found = " and ".join(kinds) or "none"
            part.wrong("node_kind", f"Expected one of plugin, subflow, but found {found}")
        return None, frozenset()
    keys = ROLLBACK_PLUGIN_KEYS if kinds == ["plugin"] else ROLLBACK_SUBFLOW_KEYS
    fields = part.fields(keys, f"a rollback with {kinds[0]}")
    covers_failed = "covers_failed" in fields and fields["covers_failed"].flag()
    if "subflow" in fields:
        return Compensation(subflow=read_subflow(fields), covers_failed=covers_failed), frozenset()
    activity, render = read_activity(fields, plugins)
    return Compensation(activity=activity, covers_failed=covers_failed), render
