"""How inputs are drawn: valid ones that were damaged, and such as a grammar allows."""

import gzip
import json
import string
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import yaml
from hypothesis import strategies as st

from flowyard.contracts.topics import INSTANCE_EVENT_SCHEMA, SCHEMA_HEADER, TRACEPARENT_HEADER
from flowyard.engine.boolrule.grammar import OPERATORS
from flowyard.engine.expressions.functions import FUNCTIONS
from flowyard.engine.expressions.methods import METHODS
from tests.fuzz import samples
from tests.fuzz.odd import ODD_NUMBERS, ODD_TEXTS
from tests.fuzz.surroundings import FLOW, NAMES

_NUMBERS: st.SearchStrategy[Any] = st.sampled_from(ODD_NUMBERS)
JUNK: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | _NUMBERS | st.sampled_from(ODD_TEXTS) | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["$secret", "$concat", "id", "type", "inputs", "default", "next", ""])
            | st.sampled_from(ODD_TEXTS),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        for key in value:
            found += _places(value[key], (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            found += _places(item, (*path, index))
    return found


def _deep(value: Any, depth: int) -> Any:
    for _ in range(depth):
        value = [value]
    return value


def _changed(draw: st.DrawFn, holder: Any, last: Any) -> None:
    match draw(st.integers(0, 6)):
        case 0 if isinstance(holder, dict):
            del holder[last]
        case 1:
            holder[last] = _deep(holder[last], draw(st.sampled_from([1, 30, 70, 300])))
        case 2 if isinstance(holder[last], list) and holder[last]:
            holder[last] = holder[last] * draw(st.sampled_from([2, 50, 1000]))
        case 3 if isinstance(holder[last], str):
            holder[last] += draw(st.sampled_from(ODD_TEXTS))
        case 4 if isinstance(holder, dict):
            holder[draw(st.sampled_from(ODD_TEXTS) | st.text(max_size=5))] = holder[last]
        case _:
            holder[last] = draw(JUNK)


@st.composite
def damaged(draw: st.DrawFn, valid: Sequence[Any]) -> Any:
    """Return a valid value with one to five of its parts changed."""
    value = json.loads(json.dumps(draw(st.sampled_from(valid))))
    for _ in range(draw(st.integers(1, 5))):
        places = _places(value)
        if not places:
            break
        *above, last = draw(st.sampled_from(places))
        holder = value
        for key in above:
            holder = holder[key]
        _changed(draw, holder, last)
    return value


@st.composite
def cut_up(draw: st.DrawFn, valid: Sequence[str]) -> str:
    """Return a valid text with pieces left out, repeated, swapped or put in."""
    text = draw(st.sampled_from(valid))
    for _ in range(draw(st.integers(1, 6))):
        begin = draw(st.integers(0, len(text)))
        end = min(len(text), begin + draw(st.integers(0, 30)))
        times = draw(st.sampled_from([0, 0, 2, 3, 40, 2000]))
        piece = text[begin:end] * times + draw(st.sampled_from(("", *ODD_TEXTS)))
        text = text[:begin] + piece + text[end:]
    return text[:1_000_000]


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _as_ascii(value: Any) -> str:
    return json.dumps(value)


def _as_yaml(value: Any) -> str:
    try:
        return yaml.safe_dump(value, sort_keys=False)
    except (yaml.YAMLError, ValueError):
        return _as_ascii(value)


WRITERS: tuple[Callable[[Any], str], ...] = (_as_json, _as_ascii, _as_yaml)


def written(values: st.SearchStrategy[Any]) -> st.SearchStrategy[str]:
    """Return values as text, in any of the forms that people send."""
    return st.tuples(st.sampled_from(WRITERS), values).map(lambda pair: pair[0](pair[1]))


def as_bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")


# Expressions, by their grammar.

_ATOMS = st.sampled_from(
    [
        *NAMES,
        *("1", "0", "-1", "1e308", "10**30", "2**4000", "9" * 1000, "1.5", "true", "null", "''"),
        *("'a'", "'a' * 200000", "'é' * 1000", "'\\ud800'", "'\\0'", "[]", "{}", "nodes", "x"),
        *("secrets.TOKEN", "o.a", "o['a']", "items[3].k", "range(9999)", "'%s' % s", "f'{s}'"),
    ]
)


def _wider(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    arguments = st.lists(inner, max_size=3).map(", ".join)
    signs = st.sampled_from(
        ["+", "-", "*", "/", "//", "%", "**", "<<", ">>", "&", "|", "==", "<", "in", "is", "and"]
    )
    return st.one_of(
        st.tuples(inner, signs, inner).map(lambda one: f"({one[0]} {one[1]} {one[2]})"),
        st.tuples(st.sampled_from(["-", "not ", "~"]), inner).map("".join),
        st.tuples(st.sampled_from(sorted(FUNCTIONS)), arguments).map(
            lambda one: f"{one[0]}({one[1]})"
        ),
        st.tuples(inner, st.sampled_from(sorted(METHODS)), arguments).map(
            lambda one: f"({one[0]}).{one[1]}({one[2]})"
        ),
        st.tuples(inner, inner).map(lambda one: f"[{one[0]} for i in {one[1]}]"),
        st.tuples(inner, inner, inner).map(
            lambda one: f"{{{one[0]}: {one[1]} for i, j in {one[2]} if i}}"
        ),
        st.tuples(inner, inner, inner).map(lambda one: f"({one[0]} if {one[1]} else {one[2]})"),
        st.tuples(inner, inner).map(lambda one: f"({one[0]})[{one[1]}]"),
        st.tuples(inner, inner, inner).map(lambda one: f"({one[0]})[{one[1]}:{one[2]}]"),
        arguments.map(lambda one: f"[{one}]"),
        st.tuples(inner, inner).map(lambda one: f"{{'k': {one[0]}, **{one[1]}}}"),
    )


GRAMMAR = st.recursive(_ATOMS, _wider, max_leaves=12)
EXPRESSIONS = (
    GRAMMAR
    | GRAMMAR.map(lambda one: f"${{{one}}}")
    | st.lists(GRAMMAR, max_size=4).map(lambda many: " ".join(f"a${{{one}}}" for one in many))
    | cut_up(["${s.upper()}", "[i * j for i in many for j in many]", "'a' in o and o.a.b == 1"])
    | st.text(st.sampled_from(string.printable + "${}$é\u2028\ud800"), max_size=60)
)


# Conditions of bamboo.

_OPERANDS = st.sampled_from(
    [
        *("1", "-1.5e3", "1e999", ".5", "9" * 5000, "true", "false", "word", "a.b", "'x'"),
        *('"${s}"', "${n}", "${many}", "${long}", "${f * 1e308}", "(1, 2)", "${o}", "*", ""),
        "(1, 'x', ${n})",
    ]
)
CONDITIONS = st.recursive(
    st.tuples(_OPERANDS, st.sampled_from(OPERATORS), _OPERANDS).map(" ".join),
    lambda inner: (
        st.tuples(inner, st.sampled_from(["and", "or", "AND", "xor"]), inner).map(" ".join)
        | inner.map(lambda one: f"({one})")
        | st.tuples(inner, st.sampled_from([40, 300])).map(lambda one: "(" * one[1] + one[0])
    ),
    max_leaves=8,
) | cut_up(samples.conditions())


# Everything else.

HEADERS = st.lists(
    st.tuples(
        st.sampled_from([SCHEMA_HEADER, TRACEPARENT_HEADER, "x", ""]),
        st.sampled_from(
            [
                INSTANCE_EVENT_SCHEMA.encode(),
                *(
                    f"{INSTANCE_EVENT_SCHEMA[:-1]}{end}".encode()
                    for end in ("2", "²", "9" * 5000, "-1")
                ),
                b"\xff\xfe",
                b"00-" + b"0" * 32 + b"-" + b"f" * 16 + b"-01",
                b"00-" + b"1" * 32 + b"-" + b"f" * 16 + b"-" + b"f" * 9000,
            ]
        )
        | st.binary(max_size=20),
    ),
    max_size=3,
).map(tuple)
RECORDS = st.tuples(
    HEADERS,
    written(damaged(samples.RECORDS)).map(as_bytes)
    | cut_up([json.dumps(one) for one in samples.RECORDS]).map(as_bytes)
    | st.binary(max_size=40),
)


def _commands() -> st.SearchStrategy[tuple[str, str | None, Any]]:
    kinds = st.sampled_from(samples.COMMANDS)
    nodes = st.sampled_from(
        [None, "work", "each", "each:0", "ask", "start", "end", "x", *ODD_TEXTS]
    )
    whole = kinds.flatmap(
        lambda one: st.tuples(st.just(one[0]), nodes, damaged([one[2] or {"x": 1}]))
    )
    return whole.filter(lambda one: isinstance(one[2], dict))


STRATEGIES: dict[str, st.SearchStrategy[Any]] = {
    "definition": written(damaged([yaml.safe_load(one) for one in (FLOW, *samples.definitions())]))
    | cut_up([FLOW, *samples.definitions()]),
    "import": written(damaged([json.loads(one) for one in samples.imports() if one[0] == "{"]))
    | cut_up([one[:60_000] for one in samples.imports()]),
    "expression": EXPRESSIONS,
    "condition": CONDITIONS,
    "record": RECORDS,
    "command": _commands(),
    "inputs": damaged(
        [{"many": ["a", "b"], "name": "x", "rows": [{"host": "h", "port": 1}], "how": [1]}]
    ).filter(lambda one: isinstance(one, dict)),
    "batch": (written(damaged([samples.BATCH])) | cut_up([json.dumps(samples.BATCH)])).map(
        as_bytes
    ),
    "answer": st.lists(
        (
            written(damaged(samples.ANSWERS)) | cut_up([json.dumps(one) for one in samples.ANSWERS])
        ).map(lambda text: as_bytes(text) + b"\n")
        | st.sampled_from([b"\n", b"\r\n", b"\xff\n", b"{", b"[" * 5000, b" "]),
        max_size=5,
    ),
    "response": st.tuples(
        st.sampled_from(["", "gzip", "deflate", "GZIP", "br", "gzip, gzip", "identity", "x" * 99]),
        st.sampled_from(["utf-8", "", "punycode", "idna", "undefined", "\0", "utf-7", "hex", "é"])
        | st.sampled_from(
            ["unicode_escape", "raw_unicode_escape", "utf-16", "gb18030", "shift_jis"]
        )
        | st.text(max_size=10),
        st.lists(
            st.binary(max_size=60)
            | st.sampled_from([gzip.compress(b"0" * (1 << 26), 1), zlib.compress(b"a" * 900_000)])
            | st.sampled_from([b"a-" + b"b" * 500_000, b"\\x" * 100_000, b"\x1f\x8b\x08"]),
            max_size=4,
        ),
    ),
    "duration": st.text(st.sampled_from("0123456789.smhd e"), max_size=12)
    | st.sampled_from(["9" * 400, "9" * 400 + "d", "1" * 100_000, "1." + "0" * 50_000 + " s"]),
}
"""How inputs of each target are drawn."""
