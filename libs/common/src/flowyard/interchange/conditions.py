"""Branch conditions of bamboo, kept in its own language; only the names in them are ours.

What surprises people in that language is kept, and said. What could never be read is kept too,
in a form that refuses to run.
"""

import re

from flowyard.engine.boolrule import BoolRuleError, quirks
from flowyard.engine.boolrule.grammar import parse
from flowyard.engine.boolrule.quirks import QUIRKS
from flowyard.engine.boolrule.rendering import REFERENCE
from flowyard.engine.graph import JsonValue
from flowyard.interchange.diagnostics import Findings
from flowyard.interchange.references import (
    LITERAL_DOLLAR,
    Outcome,
    References,
    report_text,
)

ALWAYS = "*"
"""The condition that always holds."""

_SAMPLES = ("1", "word", "'text'", "1 == 1", "")
"""Texts that a reference may stand for."""


def written(condition: str, references: References, findings: Findings) -> dict[str, JsonValue]:
    """Return the key and value that say in our branch when it is taken."""
    if condition.strip() in ("", ALWAYS):
        if condition != ALWAYS:
            findings.note("condition_rewritten", "A condition that is empty always holds")
        return {"boolrule": ALWAYS}
    try:
        named = quirks(condition)
    except BoolRuleError as error:
        return _refusing(condition, findings, error.reason)
    if "shape_depends_on_values" in named and not _can_be_read(condition):
        return _refusing(condition, findings, "It can never be read, whatever the values are.")
    for match in REFERENCE.finditer(condition):
        if references.translation(match[1]).outcome is Outcome.UNREADABLE:
            return _refusing(condition, findings, f"{match[0]} cannot be read here.")
    if named:
        meanings = " ".join(QUIRKS[name] for name in named)
        findings.warning(
            "condition_quirk",
            f"{condition} means here what it means in bk-sops ({', '.join(named)}): {meanings}",
        )
    return {"boolrule": _with_our_names(condition, references, findings)}


def _can_be_read(condition: str) -> bool:
    for sample in _SAMPLES:
        try:
            # The samples hold no backslash, which would mean something here.
            parse(REFERENCE.sub(sample, condition))
        except BoolRuleError:
            continue
        return True
    return False


def _with_our_names(condition: str, references: References, findings: Findings) -> str:
    def named(match: re.Match[str]) -> str:
        found = references.translation(match[1])
        if found.outcome is Outcome.READ:
            return f"${{{found.expression}}}"
        report_text(match[0], findings)
        return LITERAL_DOLLAR + match[0][1:]

    rewritten = REFERENCE.sub(named, condition)
    if rewritten != condition:
        findings.note("condition_rewritten", f"{condition} is written {rewritten} here")
    return rewritten


def _refusing(condition: str, findings: Findings, reason: str) -> dict[str, JsonValue]:
    findings.error(
        "unreadable_condition",
        f"Expected a condition that can be read, but {condition!r} cannot: {reason}",
        "Write the condition anew; until then the node fails when it is reached.",
    )
    # No number can be read from it, so that it fails at the node with the text in sight.
    kept = repr(condition.replace("${", "$ {")[:2000])
    return {"when": f"int({kept}) == 0"}
