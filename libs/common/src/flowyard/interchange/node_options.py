"""Options of nodes in our words; what has no place here, or makes no sense together, is said."""

from collections.abc import Mapping

from flowyard.document.canonical import DEFAULT_RETRY_SECONDS
from flowyard.document.options import MAX_RETRIES
from flowyard.engine.graph import MAX_RETRY_SECONDS, JsonValue
from flowyard.interchange.diagnostics import Findings
from flowyard.interchange.flow import FlowNode, FlowNodeKind
from flowyard.interchange.part import Part
from flowyard.interchange.references import References

JsonObject = dict[str, JsonValue]
"""Values by name."""

ACTIONS: Mapping[str, str] = {"forced_fail": "fail", "forced_fail_and_skip": "skip"}
"""What a node that takes too long comes to, by the name that bk-sops has for it."""

LOST_OPTIONS: Mapping[str, str] = {
    "stage_name": "the name of its stage",
    "labels": "its labels",
    "loop": "that it runs in a loop",
}
"""What a definition cannot hold, in words."""


def written_options(node: FlowNode, references: References, findings: Findings) -> JsonObject:
    """Return the keys of a node that say how it is run."""
    for option, meaning in LOST_OPTIONS.items():
        if option in node.options:
            findings.about(option).warning("option_lost", f"Lost: {meaning} ({option})")
    options = Part(dict(node.options), findings)
    written: JsonObject = {}
    if options.get("optional").flag(default=True):
        written["optional"] = True
    is_ignored = options.get("error_ignorable").flag(default=False)
    if is_ignored:
        written["ignore_failure"] = True
    written |= _permissions(options, is_ignored=is_ignored)
    if "auto_retry" in options:
        written |= _retry(options.get("auto_retry"))
    if "timeout_config" in options:
        is_skippable = options.get("skippable").flag(default=True)
        written |= _deadline(
            options.get("timeout_config"), may_skip=is_skippable and not is_ignored
        )
    return written | _actor(options.get("executor_proxy"), node, references)


def _permissions(options: Part, *, is_ignored: bool) -> JsonObject:
    found: JsonObject = {}
    for name in ("retryable", "skippable"):
        option = options.get(name)
        if option.flag(default=True):
            continue
        if is_ignored:
            option.findings.warning(
                "option_dropped",
                f"Dropped {name}: false, as the node's failure is ignored and never stops it",
            )
        else:
            found[name] = False
    return found


def _retry(part: Part) -> JsonObject:
    if not part.get("enable").flag(default=False):
        return {}
    times = int(part.get("times").amount() or 0)
    if not 1 <= times <= MAX_RETRIES:
        part.get("times").findings.warning(
            "option_dropped", f"Dropped an automatic retry of {times} times: it retries nothing"
        )
        return {}
    interval = part.get("interval").amount() or 0.0
    if interval > MAX_RETRY_SECONDS:
        part.get("interval").findings.warning(
            "option_changed", f"A pause of {interval:g} seconds is cut to a day"
        )
    pause = min(interval, MAX_RETRY_SECONDS)
    if pause == DEFAULT_RETRY_SECONDS:
        return {"retry": times}
    return {"retry": {"times": times, "interval": int(pause) if pause.is_integer() else pause}}


def _deadline(part: Part, *, may_skip: bool) -> JsonObject:
    if not part.get("enable").flag(default=False):
        return {}
    seconds = part.get("seconds").amount()
    if not seconds:
        part.get("seconds").findings.error(
            "missing_seconds", "Expected after how many seconds a node takes too long"
        )
        return {}
    after: JsonValue = int(seconds) if seconds.is_integer() else seconds
    name = part.get("action").text("forced_fail")
    if name not in ACTIONS:
        part.get("action").findings.error(
            "unknown_action",
            f"Expected forced_fail or forced_fail_and_skip, but the action is {name};"
            " the node fails",
        )
    if ACTIONS.get(name) != "skip":
        return {"deadline": after}
    if may_skip:
        return {"deadline": {"after": after, "action": "skip"}}
    part.get("action").findings.warning(
        "option_changed",
        "The node fails when it takes too long: it may not be skipped, or its failure is ignored",
    )
    return {"deadline": after}


def _actor(part: Part, node: FlowNode, references: References) -> JsonObject:
    name = part.text().strip()
    if not name:
        return {}
    if node.kind is FlowNodeKind.SUBPROCESS:
        part.findings.warning(
            "option_dropped",
            f"Dropped that the subflow runs as {name}: its nodes say it themselves",
        )
        return {}
    return {"run_as": references.value(name, part.findings)}
