"""The oracle: how an instance has to end, whatever was broken meanwhile."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

UNKNOWN = "outcome_unknown"
RETRY = f"retry: {{times: 200, interval: 200ms, codes: [{UNKNOWN}]}}"
"""Of every node that must not be repeated by itself."""
LIMIT = 3
"""How many keyed effects may be open at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """How an instance has to end.

    Attributes
    ----------
    statuses
        Any of these.
    outputs
        Exactly these, where it succeeds; None does not look at them.
    nodes
        The status of each activity, by id; None where a person broke in.
    visits
        How often a node is entered, where that is not once.
    once
        Names of effects that each succeeded attempt has, exactly once.
    often
        Names of effects that are harmless when repeated: at least once.
    codes
        Failures of attempts that the flow itself brings about.
    order
        Names of effects whose first occurrences follow one another so.
    """

    statuses: frozenset[str] = frozenset({"succeeded"})
    outputs: Mapping[str, Any] | None = None
    nodes: Mapping[str, str] | None = None
    visits: Mapping[str, int] = field(default_factory=dict)
    once: Sequence[str] = ()
    often: Sequence[str] = ()
    codes: frozenset[str] = frozenset()
    order: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One instance that is to be started."""

    kind: str
    tag: str
    inputs: Mapping[str, Any]
    expects: Expectation
    deed: str = ""
    """What a person does about it: ``approve``, ``reject``, ``pause`` or ``cancel``."""
    deed_after: float = 0.0
    """Seconds from its start until then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A template, and what is drawn for an instance of it."""

    key: str
    source: str
    draw: Callable[[random.Random, str], Drawn]


HEAD = """\
flowyard: 1
key: {key}
inputs:
  tag: {{type: string}}
  witness: {{type: string}}
"""


def document(key: str, body: str, inputs: str = "") -> str:
    """Return a definition; every one takes a tag and the address of the world outside."""
    return HEAD.format(key=key) + inputs + body


def call(node_id: str, path: str = "act", *, said: str = "", more: str = "") -> str:
    """Return a node that acts on the world outside, at most once per attempt."""
    return f"""\
  - id: {node_id}
    plugin: http_request@1.0
    inputs:
      method: POST
      url: "${{witness}}/{path}"
      json: {{tag: "${{tag}}", name: {node_id}{said}}}
{more}    {RETRY}
"""
