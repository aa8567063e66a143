import base64
from contextlib import suppress
from typing import Any

import orjson
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from flowyard.interchange import Findings, InterchangeError, import_bk_sops, read_flows, to_yaml_v1
from tests.unit.interchange.trees import constant, service, tree

CONDITIONS = {"g>a": {"evaluate": "${n} < 3"}, "g>sub": {"evaluate": '"${n}" == "x"'}}
WHOLE = tree(
    {
        "p": {"type": "ParallelGateway", "converge_gateway_id": "c"},
        "a": service(data={"bk_timing": {"hook": True, "value": "${n}"}}, labels=["x"]),
        "b": service("job", timeout_config={"enable": True}),
        "c": {"type": "ConvergeGateway"},
        "g": {"type": "ExclusiveGateway", "conditions": CONDITIONS},
        "sub": {"type": "SubProcess", "template_id": "t", "constants": {"${n}": {"value": 1}}},
    },
    [
        *(("s", "p"), ("p", "a"), ("p", "b"), ("a", "c"), ("b", "c"), ("c", "g")),
        *(("g", "a"), ("g", "sub"), ("sub", "e")),
    ],
    [
        constant("n", "1", source_type="component_inputs", source_info={"a": ["bk_timing"]}),
        constant("r", source_type="component_outputs", source_info={"sub": ["${r}"]}),
    ],
    outputs=["${r}", "${n}"],
)
EXPORT: dict[str, Any] = {
    "template_data": {"pipeline_template_data": {"template": {"t": {"name": "T", "tree": WHOLE}}}},
    "digest": "0",
}
SHORT: dict[str, Any] = {
    "version": "2.0",
    "nodes": [
        {"id": "a", "code": "sleep_timer", "data": {"bk_timing": "1"}},
        {
            "id": "g",
            "type": "ExclusiveGateway",
            "next": ["a", "end"],
            "conditions": [{"evaluate": "1 == 2"}],
            "default_next": "end",
        },
    ],
    "variables": [{"key": "${n}", "value": ["x"]}],
}
WRITTEN: dict[str, Any] = yaml.safe_load(
    to_yaml_v1(read_flows(orjson.dumps(EXPORT).decode(), Findings()), Findings())
)
FILES = [WHOLE, EXPORT, SHORT, WRITTEN]
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["", "${", "${x}", "$${n}", "s", "e", "a", "g", "\x00", "\ud800"]),
    st.lists(st.text(max_size=3), max_size=2),
    st.dictionaries(
        st.sampled_from(["$secret", "id", "value", "key", "${n}"]), st.text(max_size=3)
    ),
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    keys: list[Any] = []
    if isinstance(value, dict | list):
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    for key in keys:
        found += _places(value[key], (*path, key))
    return found


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    value = draw(st.sampled_from([orjson.loads(orjson.dumps(one)) for one in FILES]))
    for _ in range(draw(st.integers(1, 4))):
        *above, last = draw(st.sampled_from(_places(value)))
        holder = value
        for key in above:
            holder = holder[key]
        if isinstance(holder, dict) and draw(st.booleans()):
            del holder[last]
        else:
            holder[last] = draw(JUNK)
        if not _places(value):
            break
    return value


def _read(text: str) -> None:
    with suppress(InterchangeError):
        result = import_bk_sops(text)
        assert orjson.dumps([template.document for template in result.templates])
    with suppress(InterchangeError):
        findings = Findings()
        to_yaml_v1(read_flows(text, findings), findings)


@given(damaged())
@settings(max_examples=300, deadline=None)
def test_a_damaged_file_gives_diagnostics_or_the_rooms_own_error(value: Any) -> None:
    _read(yaml.dump(value, allow_unicode=False))


@given(st.text(max_size=60))
def test_any_text_gives_diagnostics_or_the_rooms_own_error(text: str) -> None:
    _read(text)
    _read(f"schema_version: v1\nspec: {text}")


@given(st.binary(max_size=60))
def test_any_sealed_text_gives_diagnostics_or_the_rooms_own_error(content: bytes) -> None:
    _read(base64.b64encode(content).decode())
