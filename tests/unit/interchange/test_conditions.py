import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowyard.engine.boolrule import BoolRuleError, evaluate_boolrule
from flowyard.engine.expressions import ExpressionError, evaluate
from flowyard.engine.graph import JsonValue
from flowyard.interchange.conditions import written
from flowyard.interchange.diagnostics import Findings, Severity
from flowyard.interchange.references import References

REFERENCES = References({"_x": "x", "y": "y"}, {"choice": "choice_value"})


def translation(condition: str) -> tuple[dict[str, JsonValue], list[Severity]]:
    findings = Findings()
    branch = dict(written(condition, REFERENCES, findings))
    return branch, [one.severity for one in findings.found]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("*", "*"),
        ("", "*"),
        ("1 == 1", "1 == 1"),
        ("${_x} >= 3", "${x} >= 3"),
        ("${ int(_x) } >= 3", "${int(x)} >= 3"),
        ('"v${_x}" != "${y}"', '"v${x}" != "${y}"'),
        ("'${choice}' == 'a'", "'${choice_value}' == 'a'"),
        ("${_x} < ${len(y.split(','))}", "${x} < ${len(y.split(','))}"),
        ("'${_system.operator}' == 'ops'", "'${instance.actor}' == 'ops'"),
        ("'${_env_region}' == 'eu'", "'${project.region}' == 'eu'"),
    ],
)
def test_only_names_change_in_a_condition(condition: str, expected: str) -> None:
    branch, severities = translation(condition)

    assert branch == {"boolrule": expected}
    assert Severity.ERROR not in severities


@pytest.mark.parametrize(
    "condition",
    [
        "${_x} > 1 and ${_x} < 5 or ${_x} == 9",
        "${_x} > 1.5",
        "'${_x}' > '9'",
        "'${_x}' == 3",
        "'a' in '${_x}'",
        '${_x} == "on"',
    ],
)
def test_a_quirky_condition_is_kept_with_a_warning_that_names_the_quirk(condition: str) -> None:
    findings = Findings()

    branch = written(condition, REFERENCES, findings)

    assert branch == {"boolrule": condition.replace("_x", "x")}
    (warning,) = [one for one in findings.found if one.severity is Severity.WARNING]
    assert warning.code == "condition_quirk"


@pytest.mark.parametrize(
    "condition",
    ["not 1", "${_x} in ['a']", "${open(_x)} == 1", "${_system.language} == 1", "(1) == = 2"],
)
def test_what_can_never_be_read_is_kept_and_refuses_to_run(condition: str) -> None:
    branch, severities = translation(condition)

    assert severities == [Severity.ERROR]
    with pytest.raises(ExpressionError):
        evaluate(str(branch["when"]), {"x": 1, "y": 1})


@pytest.mark.parametrize(
    ("condition", "outcomes"),
    [('"${d}" == "1"', [False]), ("'${d}' == 'a'", [False]), ("${d} == ${d}", [True])],
)
def test_a_name_that_no_variable_has_stays_text(condition: str, outcomes: list[bool]) -> None:
    branch, severities = translation(condition)

    assert Severity.WARNING in severities
    assert Severity.ERROR not in severities
    assert [evaluate_boolrule(str(branch["boolrule"]), {})] == outcomes


VALUES = st.one_of(
    st.integers(-3, 12),
    st.booleans(),
    st.none(),
    st.sampled_from(["", "a", "abc", "on", "True", "true", "1", "01", "1.5", "a b", "x\ny"]),
    st.floats(-2, 12).map(lambda number: round(number, 1)),
)
SIDES = st.sampled_from(["${_x}", '"${_x}"', "'v${_x}'", "${int(_x)}"])
OTHERS = st.sampled_from(
    ["1", "10", '"a"', '"on"', "'1'", "'vabc'", "True", "false", "(1, 10)", '("a", "on")']
)
OPERATORS = st.sampled_from(["==", "!=", "<", ">=", "in", "notin"])


def _outcome(condition: str, names: dict[str, object]) -> bool | None:
    try:
        return evaluate_boolrule(condition, names)
    except BoolRuleError:
        return None


@given(SIDES, OPERATORS, OTHERS, VALUES)
def test_a_written_condition_says_what_the_file_said(
    side: str, operator: str, other: str, value: object
) -> None:
    condition = f"{side} {operator} {other}"

    branch, _ = translation(condition)

    there = _outcome(condition.replace("_x", "x"), {"x": value})
    assert _outcome(str(branch["boolrule"]), {"x": value}) is there
