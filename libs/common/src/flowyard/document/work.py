"""Reading what a node runs: a plugin, another template, or one of both per item of a list."""

from collections.abc import Mapping
from typing import NamedTuple

from flowyard.document.part import Part
from flowyard.document.patterns import (
    LATEST,
    PLUGIN_REFERENCE,
    QUEUE_NAME,
    SCHEME_NAME,
    SUBFLOW_REFERENCE,
)
from flowyard.document.verbatim import Plugins, with_verbatim
from flowyard.engine.expressions import check, has_expressions
from flowyard.engine.graph import (
    DEFAULT_ATTEMPT_TIMEOUT_SECONDS,
    DEFAULT_MAP_CONCURRENCY,
    DEFAULT_QUEUE,
    MAX_MAP_ITEMS,
    Activity,
    JsonValue,
    MapSpec,
    Subflow,
    SubflowMode,
)

MAP_KEYS = ("items", "concurrency", "tolerate")
"""The keys of a map, in the order in which they are written."""

ALL_PERCENT = 100.0
"""Every item of a map."""


class ReadActivity(NamedTuple):
    """An activity, and which of its verbatim inputs are rendered all the same."""

    activity: Activity
    render: frozenset[str]


def read_activity(fields: Mapping[str, Part], plugins: Plugins | None) -> ReadActivity:
    """Return what runs a plugin, from the keys ``plugin``, ``inputs`` and those beside them.

    Parameters
    ----------
    plugins
        Say which inputs are verbatim; texts in those are not checked as expressions.
    """
    reference = PLUGIN_REFERENCE.fullmatch(
        fields["plugin"].word(PLUGIN_REFERENCE, "a plugin with its version, as in noop@1.0")
    )
    name, version = (reference[1], reference[2]) if reference else ("", "")
    inputs = fields.get("inputs")
    render = names(fields.get("render"), "a list of inputs")
    for part in fields["render"].items() if "render" in fields else ():
        if inputs is None or part.value not in inputs.values():
            part.wrong("unknown_input", "Expected a given input to render, but it is not given")
    activity = Activity(
        plugin=name,
        version=version,
        inputs={} if inputs is None else dict(inputs.values()),
        queue=fields["queue"].word(QUEUE_NAME, "the name of a queue")
        if "queue" in fields
        else DEFAULT_QUEUE,
        timeout_seconds=_timeout(fields.get("timeout")),
        secret_outputs=names(fields.get("secret_outputs"), "a list of outputs"),
    )
    if inputs is not None:
        verbatim = with_verbatim(activity, plugins, render)
        report_syntax(
            inputs, {key: one for key, one in activity.inputs.items() if key not in verbatim}
        )
    return ReadActivity(activity, render)


def read_subflow(fields: Mapping[str, Part]) -> Subflow:
    """Return what starts another template, from the key ``subflow`` and those beside it."""
    reference = SUBFLOW_REFERENCE.fullmatch(
        fields["subflow"].word(
            SUBFLOW_REFERENCE, "the key of a template, as in other, other@3 or other@latest"
        )
    )
    version = reference[2] if reference else None
    schemes = fields["schemes"].items("a list of schemes") if "schemes" in fields else []
    return Subflow(
        template=reference[1] if reference else "",
        version=int(version) if version and version != LATEST else None,
        is_latest=version == LATEST,
        mode=_mode(fields.get("mode")),
        schemes=tuple(one.word(SCHEME_NAME, "the name of a scheme") for one in schemes),
        inputs=expressions(fields["inputs"]) if "inputs" in fields else {},
    )


def read_map(part: Part) -> MapSpec:
    """Return over what a map runs, from the key ``map``."""
    fields = part.fields(MAP_KEYS, "a map")
    if "items" not in fields and isinstance(part.value, dict):
        part.missing_key("items", "a map")
    tolerated, percent = _tolerated(fields.get("tolerate"))
    return MapSpec(
        items=_items(fields["items"]) if "items" in fields else [],
        concurrency=fields["concurrency"].integer("a number of items", least=1, most=MAX_MAP_ITEMS)
        if "concurrency" in fields
        else DEFAULT_MAP_CONCURRENCY,
        tolerated=tolerated,
        tolerated_percent=percent,
    )


def expressions(part: Part) -> dict[str, JsonValue]:
    """Return a mapping of values whose expressions are checked in place."""
    values = dict(part.values())
    report_syntax(part, values)
    return values


def report_syntax(part: Part, value: JsonValue) -> None:
    """Report what can never be evaluated in a value that stands at a part."""
    for problem in check(value):
        path = (*part.path, *problem.path)
        part.report.add(
            "expression_syntax",
            problem.reason,
            path,
            node_id=part.node_id,
            place=part.report.places.within(path, problem.offset + problem.position),
        )


def names(part: Part | None, what: str) -> frozenset[str]:
    """Return a list of names without an order."""
    return frozenset(item.text("a name") for item in part.items(what)) if part else frozenset()


def _timeout(part: Part | None) -> float:
    amount = part.seconds("a length of time, as in 30 or 5m") if part else None
    return amount or DEFAULT_ATTEMPT_TIMEOUT_SECONDS


def _mode(part: Part | None) -> SubflowMode:
    return SubflowMode.INDEPENDENT if part is None else part.choice(SubflowMode, "a mode")


def _items(part: Part) -> JsonValue:
    if isinstance(part.value, str):
        if not has_expressions(part.value):
            part.wrong("invalid_value", "Expected a list or ${...} that yields one, but it is text")
    elif len(part.items("a list, or ${...} that yields one")) > MAX_MAP_ITEMS:
        part.wrong("invalid_value", f"Expected at most {MAX_MAP_ITEMS} items, but there are more")
    report_syntax(part, part.value)
    return part.value


def _tolerated(part: Part | None) -> tuple[int, float | None]:
    if part is None:
        return 0, None
    if not isinstance(part.value, str):
        return part.integer("a number of items, or a share such as 20%", least=0), None
    text = part.value.strip()
    percent = _percent(text.removesuffix("%")) if text.endswith("%") else None
    if percent is None:
        part.wrong("invalid_value", f"Expected a share from 0% to 100%, but {text!r} is none")
    return 0, percent


def _percent(text: str) -> float | None:
    try:
        percent = float(text)
    except ValueError:
        return None
    return percent if 0 <= percent <= ALL_PERCENT else None
