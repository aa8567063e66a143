"""Inputs that once crashed, hung or swelled what reads them; each stays harmless."""

import gzip
import json
from typing import Any, NamedTuple

from flowyard.contracts.topics import SCHEMA_HEADER
from tests.fuzz.samples import BATCH, RESULT, STEP, WAIT

_HEAD = "flowyard: 1\nkey: k\n"
_NODES = "nodes:\n - {id: a, plugin: noop@1.0}\n"
_COSTLY = "len([a for a in range(3000)]) > 1"


class Found(NamedTuple):
    """One of them."""

    name: str
    target: str
    given: Any


def _flow(nodes: str, rest: str = "") -> str:
    return f"{_HEAD}{rest}nodes:\n{nodes}"


def _input(spec: str) -> str:
    return f"{_HEAD}inputs:\n  x: {{{spec}}}\n{_NODES}"


def _merged(levels: int) -> str:
    lines = ["a0: &a0 {x: y}"]
    for level in range(1, levels):
        aliases = ",".join([f"*a{level - 1}"] * 9)
        lines.append(f"a{level}: &a{level} {{<<: [{aliases}]}}")
    return "\n".join(lines)


def _aliased(levels: int) -> str:
    head = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    return head + "".join(
        f"a{level}: &a{level} [{','.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, levels)
    )


def _gateways(count: int) -> str:
    gates = "".join(
        f" - {{id: g{one}, exclusive: [{{when: '{_COSTLY}', next: g{one + 1}}},"
        " {default: true, next: end}]}\n"
        for one in range(count)
    )
    return _flow(f"{gates} - {{id: g{count}, plugin: noop@1.0}}\n")


def _branches(count: int) -> str:
    ways = ", ".join(f"{{when: '{_COSTLY}', next: a{one}}}" for one in range(count))
    nodes = "".join(f" - {{id: a{one}, plugin: noop@1.0, next: end}}\n" for one in range(count))
    return _flow(
        f" - {{id: c, conditional_parallel: [{ways}, {{default: true, next: end}}]}}\n{nodes}"
    )


def _record(value: dict[str, Any], header: str = "instance-event/1") -> Any:
    return ((SCHEMA_HEADER, header.encode()),), json.dumps(value).encode()


_MANY = ", ".join(map(str, range(8000)))
_LOOP = (
    " - {id: g, exclusive: [{default: true, next: h}]}\n"
    " - {id: h, loop_limit: 1000000000, exclusive:"
    " [{when: 'loop < 1000000000', next: g}, {default: true, next: end}]}\n"
)
_LOST = "".join(f" - {{id: node{one}, plugin: noop@1.0, next: nood{one}}}\n" for one in range(2000))

FOUND = (
    # Patterns that backtrack, and those whose program is large.
    Found(
        "a pattern that backtracks",
        "definition",
        _input(f"pattern: '(a+)+$', default: {'a' * 40}b"),
    ),
    Found(
        "a pattern with a large program",
        "definition",
        _input(f"pattern: '[ab]*a[ab]{{900}}', default: {'ab' * 100_000}"),
    ),
    Found("a pattern that looks around", "definition", _input("pattern: '(?=x)x'")),
    # Documents.
    Found("many unknown targets", "definition", _flow(_LOST)),
    Found(
        "many options, all chosen",
        "definition",
        _input(f"type: multi_select, options: [{_MANY}], default: [{_MANY}]"),
    ),
    Found("many declarations of tags", "definition", "%TAG !a! x\n" * 50_000 + "--- a"),
    Found("aliases of aliases", "definition", _aliased(12)),
    Found(
        "a deadline beyond calendars",
        "definition",
        _flow(" - {id: a, plugin: noop@1.0, deadline: 1e300}\n"),
    ),
    Found(
        "a timeout beyond floats",
        "definition",
        _flow(f" - {{id: a, plugin: noop@1.0, timeout: '{'9' * 400}'}}\n"),
    ),
    Found("a bound of 300 digits", "definition", _input("type: number, maximum: 1e300")),
    # Flows that never come to any work.
    Found("a loop of gateways alone", "definition", _flow(_LOOP)),
    Found("a row of costly gateways", "definition", _gateways(300)),
    Found("many costly branches", "definition", _branches(300)),
    Found(
        "many costly variables",
        "definition",
        _flow(
            " - {id: a, plugin: noop@1.0}\n",
            "computed:\n" + "".join(f"  v{one}: '${{{_COSTLY}}}'\n" for one in range(500)),
        ),
    ),
    # Files of other systems.
    Found("merges of merges", "import", _merged(12)),
    Found("aliases of aliases in an export", "import", _aliased(12)),
    Found("a number to the base 60", "import", "a: 1" + ":1" * 100_000),
    *(
        Found(f"a tag that its text does not fit: {tag}", "import", f"a: !!{tag}")
        for tag in ("int ''", "float ''", "bool x", "timestamp x", "binary é")
    ),
    Found("many declarations of tags in an export", "import", "%TAG !a! x\n" * 50_000 + "--- a"),
    # Conditions of bamboo.
    Found("a condition with one long value often", "condition", " ".join(["${long}"] * 1000)),
    Found(
        "a condition of costly values",
        "condition",
        " ".join(["${len([a for a in range(3000)])}"] * 240),
    ),
    # Records, steps and answers.
    *(
        Found(
            f"a schema of version {version[:9]}",
            "record",
            _record(RESULT, f"instance-event/{version}"),
        )
        for version in ("²", "9" * 5000, "٣", "-1")
    ),
    *(
        Found(f"a wait of {seconds}", "record", _record({**WAIT, "after_seconds": seconds}))
        for seconds in (float("nan"), float("-inf"), -1e300, 1e300)
    ),
    *(
        Found(
            f"a step of {seconds} s",
            "batch",
            json.dumps({"steps": [{**STEP, "timeout_seconds": seconds}]}).encode(),
        )
        for seconds in (float("nan"), float("inf"), -1.0, 1e300)
    ),
    Found(
        "many references to one long secret",
        "batch",
        json.dumps(
            {"steps": [{**STEP, "inputs": {"a": {"$concat": [{"$secret": "TOKEN"}] * 10_000}}}]}
        ).encode(),
    ),
    Found(
        "a part of a text that JSON cannot hold",
        "batch",
        json.dumps(
            {"steps": [{**BATCH["steps"][0], "inputs": {"a": {"$concat": [10**30]}}}]}
        ).encode(),
    ),
    Found("an answer with half a character", "answer", [b'{"type": "joined\xed\xa0\x80"}\n']),
    Found("an answer without end", "answer", [b"[" * 100_000 + b"\n"]),
    *(
        Found(
            f"a command {kind} whose number is an object",
            "command",
            (kind, "work", {"number": {}, "succeeded": True}),
        )
        for kind in ("callback", "child_ended", "slot_granted")
    ),
    # Responses of whatever the built-in plugins call.
    Found(
        "a body that unpacks to a thousand times as much",
        "response",
        ("gzip", "utf-8", [gzip.compress(b"0" * (1 << 27), 1)]),
    ),
    Found("a body in punycode", "response", ("", "punycode", [b"a-" + b"b" * 1_000_000])),
    *(
        Found(f"a body in {charset!r}", "response", ("", charset, [b"a"]))
        for charset in ("undefined", "idna", "\0", "x" * 10_000)
    ),
    # Inputs.
    Found("inputs nested without end", "inputs", {"how": json.loads("[" * 300 + "]" * 300)}),
)
"""All of them."""
