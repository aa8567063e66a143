import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowyard.engine.boolrule import BoolRuleError, evaluate_boolrule
from flowyard.engine.expressions import ExpressionError, evaluate
from flowyard.interchange.conditions import translated
from flowyard.interchange.diagnostics import Findings, Severity
from flowyard.interchange.references import References

REFERENCES = References({"_x": "x"})


def translation(condition: str) -> tuple[str, list[Severity]]:
    findings = Findings()
    return translated(condition, REFERENCES, findings), [one.severity for one in findings.found]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("*", "True"),
        ("1 == 1", "1 == 1"),
        ("true != False", "True != False"),
        ("${_x} >= 3", "int(x) >= 3"),
        ("${int(_x)} >= 3", "int(x) >= 3"),
        ("${_x} in (1, 2)", "int(x) in [1, 2]"),
        ("${_x} < ${len(y.split(','))}", "int(x) < len(y.split(','))"),
        ('"${_x}" == "a b"', "str(x) == 'a b'"),
        ('"v${_x}" != "v1"', "'v' + str(x) != 'v1'"),
        ('${_x} == "on"', "str(x) == 'on'"),
        ('"${_x}" notin ("a", "b")', "str(x) not in ['a', 'b']"),
        (
            "${_x} == True",
            '{"true": 1, "True": 1, "1": 1, "false": 0, "False": 0, "0": 0}[str(x)] == 1',
        ),
        ("${_x} > 1 and (${y} < 2 or 1 == 2)", "int(x) > 1 and (int(y) < 2 or 1 == 2)"),
    ],
)
def test_simple_conditions_are_translated(condition: str, expected: str) -> None:
    expression, severities = translation(condition)

    assert expression == expected
    assert Severity.ERROR not in severities


@pytest.mark.parametrize(
    "condition",
    [
        "",
        "${x} > 1 and ${x} < 5 or ${x} == 9",
        "${x} > 1.5",
        "'${x}' > '9'",
        "'${x}' == 3",
        "'${x}' == 'True'",
        "${x} == '5'",
        "${x} == ${y}",
        "'a' in '${x}'",
        "${x} in ['a']",
        "${open('x')} == 1",
        "(1, 2) issuperset (1)",
    ],
)
def test_what_cannot_be_translated_is_kept_and_refuses_to_run(condition: str) -> None:
    expression, severities = translation(condition)

    assert severities == [Severity.ERROR]
    with pytest.raises(ExpressionError):
        evaluate(expression, {"x": 1, "y": 1})


VALUES = st.one_of(
    st.integers(-3, 12),
    st.booleans(),
    st.none(),
    st.sampled_from(["", "a", "abc", "on", "True", "true", "1", "01", "1.5", "a b", "x\ny"]),
    st.floats(-2, 12).map(lambda number: round(number, 1)),
)
SIDES = st.sampled_from(["${x}", '"${x}"', "'v${x}'", "${int(x)}"])
OTHERS = st.sampled_from(
    ["1", "10", '"a"', '"on"', "'1'", "'vabc'", "True", "false", "(1, 10)", '("a", "on")']
)
OPERATORS = st.sampled_from(["==", "!=", "<", ">=", "in", "notin"])


@given(SIDES, OPERATORS, OTHERS, VALUES)
def test_a_translation_says_the_same_or_one_of_both_fails(
    side: str, operator: str, other: str, value: object
) -> None:
    condition = f"{side} {operator} {other}"

    expression, severities = translation(condition)

    if Severity.ERROR in severities:
        return
    try:
        assert bool(evaluate(expression, {"x": value})) == evaluate_boolrule(
            condition, {"x": value}
        )
    except (ExpressionError, BoolRuleError):
        return
