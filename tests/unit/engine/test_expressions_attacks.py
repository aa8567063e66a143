"""No expression harms the process or learns what it may not."""

import pytest

from flowyard.engine.expressions import ExpressionError, evaluate, render
from tests.unit.engine.attacks import NAMES, corpus


@pytest.mark.parametrize(
    ("group", "attack"), corpus(), ids=[f"{group}-{n}" for n, (group, _) in enumerate(corpus())]
)
def test_an_attack_is_refused(group: str, attack: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        evaluate(attack, NAMES)

    assert caught.value.reason.startswith("Expected"), group
    assert 0 <= caught.value.position <= len(attack)


@pytest.mark.parametrize(
    "text",
    [
        "${" * 500,
        "${[" * 1000,
        "${'" + "x" * 20_000,
        "${" + "(" * 9000 + "}",
        "${${number}}",
        "${number",
        "${}",
        "${ }",
        "${'}",
        "${number)}",
        "${]}",
        "${number}${",
        "${f'{1}'}",
    ],
)
def test_a_broken_text_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        render({"k": [text]}, NAMES)


def test_a_deeply_nested_value_is_refused() -> None:
    value: list[object] = ["${number}"]
    for _ in range(5000):
        value = [value]

    with pytest.raises(ExpressionError):
        render(value, NAMES)  # type: ignore[arg-type]


def test_many_expressions_of_one_value_share_one_budget() -> None:
    dear = "${len([x for x in large if x in [1, 2]]) * 0}"

    with pytest.raises(ExpressionError) as caught:
        render([dear] * 100, {**NAMES, "large": list(range(900))})

    assert "steps" in caught.value.reason
    with pytest.raises(ExpressionError) as caught:
        render(["${big}"] * 2, NAMES)
    assert "bytes" in caught.value.reason
    with pytest.raises(ExpressionError):
        render("${big}${big}", NAMES)


def test_data_that_contains_itself_is_refused() -> None:
    circle: list[object] = []
    circle.append(circle)

    for expression in ("x", "json(x)", "x == [1]", "[x] == [x, 1]", "1 in x", "sorted([x, x])"):
        with pytest.raises(ExpressionError):
            evaluate(f"[{expression}, x]", {"x": circle})


def test_an_evaluator_is_as_good_as_new_after_an_attack() -> None:
    for _, attack in corpus()[:60]:
        with pytest.raises(ExpressionError):
            evaluate(attack, NAMES)

    assert evaluate("[x for x in items]", NAMES) == [1, 2, 3]
    with pytest.raises(ExpressionError):
        evaluate("x", NAMES)
