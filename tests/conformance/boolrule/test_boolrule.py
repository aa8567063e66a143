import json
from pathlib import Path
from typing import Any

import pytest

from flowyard.engine.boolrule import BoolRuleError, evaluate_boolrule
from tests.support.environment import cases_folder

FAILED = "failed"


def _cases(folder: Path) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads((folder / "boolrule.json").read_bytes())
    return cases


def _wanted(case: dict[str, Any]) -> bool | str:
    want: bool | str = case["want"]
    return FAILED if isinstance(want, str) else want


def _played(case: dict[str, Any]) -> bool | str:
    context = case["context"] or {}
    names = {key.removeprefix("${").removesuffix("}"): value for key, value in context.items()}
    try:
        return evaluate_boolrule(case["expr"], names)
    except BoolRuleError:
        return FAILED


def test_every_recorded_condition_has_the_recorded_result() -> None:
    folder = cases_folder()
    if folder is None:
        pytest.skip("FLOWYARD_CASES names no folder of recorded cases")

    cases = _cases(folder)
    differing = [
        (case["expr"], case["context"], _wanted(case), played)
        for case in cases
        if (played := _played(case)) != _wanted(case)
    ]

    assert cases
    assert differing == []
