"""Recorded cases as they are played: with their parameters filled in."""

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

JsonObject = dict[str, Any]
"""A value of a recording."""

_PARAMETER = "$param."


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One case with one set of parameters."""

    name: str
    test: str
    parameters: JsonObject = field(default_factory=dict)
    steps: tuple[JsonObject, ...]


def read_recordings(file: Path) -> list[Recording]:
    """Return the cases of a file, each as often as it has sets of parameters."""
    cases = json.loads(file.read_bytes())["cases"]
    return [one for case in cases for one in _of_case(case)]


def _of_case(case: JsonObject) -> Iterator[Recording]:
    folder = Path(case["source"]).stem
    for label, parameters in _parameter_sets(case["parametrize"]):
        yield Recording(
            name=f"{folder}::{case['test']}{label}",
            test=f"{folder}::{case['test']}",
            parameters=parameters,
            steps=tuple(_filled(step, parameters) for step in case["steps"]),
        )


def _parameter_sets(decorators: list[str]) -> Iterator[tuple[str, JsonObject]]:
    if not decorators:
        yield "", {}
        return
    call = ast.parse(decorators[0], mode="eval").body
    assert isinstance(call, ast.Call)
    names = [name.strip() for name in ast.literal_eval(call.args[0]).split(",")]
    sets = call.args[1]
    assert isinstance(sets, ast.List)
    for index, one in enumerate(sets.elts):
        assert isinstance(one, ast.Call)
        values = [ast.literal_eval(value) for value in one.args]
        labels = [ast.literal_eval(word.value) for word in one.keywords if word.arg == "id"]
        yield f"[{labels[0] if labels else index}]", dict(zip(names, values, strict=True))


def _filled(value: Any, parameters: JsonObject) -> Any:
    if isinstance(value, str) and value.startswith(_PARAMETER):
        return parameters[value.removeprefix(_PARAMETER)]
    if isinstance(value, list):
        return [_filled(item, parameters) for item in value]
    if isinstance(value, dict):
        return {key: _filled(item, parameters) for key, item in value.items()}
    return value
