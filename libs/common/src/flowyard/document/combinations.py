"""Options that make no sense together, each with its reason.

Rules: a combination is refused where one part of it could never matter, or where one part
forbids what the other orders. What is merely unusual is let through. The table of
docs/definition.md names every rule.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flowyard.document.model import DocumentNode
from flowyard.document.part import Part
from flowyard.engine.graph import (
    DEFAULT_ATTEMPT_TIMEOUT_SECONDS,
    DeadlineAction,
    NodeOptions,
    SubflowMode,
)

CODE = "conflicting_options"
"""Code of a combination that is refused."""

DEADLINE_CODE = "deadline"
"""Code of a failure by a deadline."""

NOT_AT_SUBFLOWS = ("run_as", "priority")
"""Options of what is dispatched to a worker: a subflow's own nodes are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One combination that is refused."""

    keys: tuple[str, str]
    """What does not go together; a problem is reported at the first of both."""
    applies: Callable[[DocumentNode, NodeOptions], bool]
    message: str


def _acts(options: NodeOptions, *actions: DeadlineAction) -> bool:
    return options.deadline is not None and options.deadline.action in actions


def _is_inline(node: DocumentNode) -> bool:
    return node.subflow is not None and node.subflow.mode is SubflowMode.INLINE


def _outlasts(node: DocumentNode, options: NodeOptions) -> bool:
    """Tell whether a step may take longer than the deadline of all steps together."""
    if node.activity is None or options.deadline is None:
        return False
    timeout = node.activity.timeout_seconds
    is_written = timeout != DEFAULT_ATTEMPT_TIMEOUT_SECONDS
    return is_written and timeout >= options.deadline.seconds


def _retries_deadlines(options: NodeOptions) -> bool:
    return options.retry is not None and DEADLINE_CODE in options.retry.codes


def _limits_nothing(options: NodeOptions) -> bool:
    retry = options.retry
    return retry is not None and retry.limit_seconds is not None and retry.factor == 1.0


def _limits_the_first(options: NodeOptions) -> bool:
    retry = options.retry
    if retry is None or retry.limit_seconds is None:
        return False
    return retry.limit_seconds < retry.interval_seconds


RULES = (
    Rule(
        keys=("retryable", "ignore_failure"),
        applies=lambda _, one: one.ignores_failure and not one.is_retryable,
        message="Expected retryable where a failure stops the node,"
        " but ignore_failure lets it pass",
    ),
    Rule(
        keys=("skippable", "ignore_failure"),
        applies=lambda _, one: one.ignores_failure and not one.is_skippable,
        message="Expected skippable where a failure stops the node,"
        " but ignore_failure lets it pass",
    ),
    Rule(
        keys=("deadline", "ignore_failure"),
        applies=lambda _, one: one.ignores_failure and _acts(one, DeadlineAction.SKIP),
        message="Expected action fail or notify beside ignore_failure,"
        " but skip passes over what ignore_failure lets pass already",
    ),
    Rule(
        keys=("deadline", "skippable"),
        applies=lambda _, one: not one.is_skippable and _acts(one, DeadlineAction.SKIP),
        message="Expected a node that may be skipped, but skippable: false forbids the action skip",
    ),
    Rule(
        keys=("timeout", "deadline"),
        applies=lambda node, one: (
            _outlasts(node, one) and _acts(one, DeadlineAction.FAIL, DeadlineAction.SKIP)
        ),
        message="Expected a timeout of one step below the deadline of all steps,"
        " but it could never be reached",
    ),
    Rule(
        keys=("retry", "deadline"),
        applies=lambda _, one: _retries_deadlines(one) and not _acts(one, DeadlineAction.FAIL),
        message="Expected a deadline with action fail for the code deadline,"
        " but nothing else fails with it",
    ),
    Rule(
        keys=("retry", "factor"),
        applies=lambda _, one: _limits_nothing(one),
        message="Expected a limit of pauses that grow, but without a factor all are the same",
    ),
    Rule(
        keys=("retry", "interval"),
        applies=lambda _, one: _limits_the_first(one),
        message="Expected a limit that is no shorter than the interval, but it is",
    ),
    Rule(
        keys=("deadline", "map"),
        applies=lambda node, one: node.map is not None and _acts(one, DeadlineAction.NOTIFY),
        message="Expected action fail or skip at a map, but the deadline holds for each item,"
        " and a notice tells of one node",
    ),
    Rule(
        keys=("mode", "map"),
        applies=lambda node, _: node.map is not None and _is_inline(node),
        message="Expected an independent subflow per item, but an inline one is part of the"
        " graph, where it stands once",
    ),
    Rule(
        keys=("mode", "@latest"),
        applies=lambda node, _: (
            _is_inline(node) and node.subflow is not None and node.subflow.is_latest
        ),
        message="Expected a version for an inline subflow, but it is latest: inline nodes are"
        " part of the published version",
    ),
)
"""Every combination that is refused, beside those of :data:`NOT_AT_SUBFLOWS`."""


def check_combinations(node: DocumentNode, fields: Mapping[str, Part]) -> None:
    """Report options of a node that make no sense together, at the option to change.

    Parameters
    ----------
    fields
        What was written, by key.
    """
    for rule in RULES:
        if rule.applies(node, node.options):
            fields[rule.keys[0]].wrong(CODE, rule.message)
    for key in NOT_AT_SUBFLOWS:
        if node.subflow is not None and key in fields:
            fields[key].wrong_key(
                CODE,
                f"Expected {key} at a node with plugin, but a subflow runs no plugin itself:"
                " its nodes do",
            )
