"""Rules that no schema can state, each with its reason: what may refuse a request that fits it.

``positive_data_acceptance`` expects that whatever fits the schema is taken. It stays on for all
operations; a refusal is a finding unless its problem document names one of these causes *and* the
operation documents that code. ``invalid_request`` says that the schema was broken, so it only
passes with one of the fault types below it.
"""

from collections.abc import Mapping
from typing import Any, Final

CODES: Final[Mapping[str, str]] = {
    "attempt_closed": "depends on whether the attempt still waits",
    "body_too_large": "a limit in bytes; JSON Schema counts characters of one text at a time",
    "command_rejected": "depends on what the instance does at that moment",
    "idempotency_key_reused": "depends on the request that came first with the key",
    "invalid_cursor": "a cursor is one that a page has given: signed by nothing, known to nobody",
    "invalid_document": "a document has to compile: names, plugins, edges, expressions",
    "invalid_exclusion": "depends on the template's optional nodes",
    "invalid_inputs": "depends on what the template declares",
    "invalid_mocks": "depends on the nodes of the graph",
    "invalid_node_test": "depends on the nodes of the graph",
    "key_mismatch": "key and document are compared with each other",
    "malformed_body": "YAML whose text cannot be read as UTF-8, or JSON of more than 64 bits",
    "not_rerunnable": "depends on where the node lies in the graph",
    "precondition_failed": "depends on who has written meanwhile",
    "precondition_required": "one of two headers, or one of them if there is a draft",
    "too_many_variables": "the sum over all variables of a project",
    "too_many_webhooks": "depends on how many the project has",
    "unknown_preset": "depends on the template's presets",
    "unknown_template": "depends on what is published",
    "webhook_disabled": "depends on who has disabled it",
}
"""Codes of problems that say more than the schema can."""

FAULTS: Final[Mapping[str, str]] = {
    "inputs_not_accepted": "depends on the kind of the node",
    "instant_range": "JSON Schema knows no years, nor what an offset makes of them",
    "invalid_rule": "a table of components has a grammar of its own",
    "missing": "`set-priority` needs a priority: the address decides which fields there are",
    "plain_password": "depends on what the template declares",
    "project": "a template is not shown to its own project: the address names it",
    "reserved_key": "no key begins with $, however deep",
    "unknown_parameter": "a filter takes the parameters of the list that the address names",
    "unknown_revision": "depends on the draft's revision",
    "unknown_secret": "depends on the project's secrets",
    "unusable_address": "ports, hosts in brackets, letters that Unicode makes slashes of",
    "unstorable_value": "no NUL, and no integer of more than 64 bits, however deep",
}
"""Types of faults within ``invalid_request`` that say more than the schema can."""


def rule_of(problem: Mapping[str, Any]) -> str | None:
    """Return which rule a problem document names, or None where it names none.

    Parameters
    ----------
    problem
        The answer's body.
    """
    code = problem.get("code")
    if code in CODES:
        return str(code)
    types = {fault["type"] for fault in problem.get("errors", ())}
    if code == "invalid_request" and types and types <= FAULTS.keys():
        return f"{code}: {', '.join(sorted(types))}"
    return None
