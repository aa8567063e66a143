import pytest

from flowyard.document import compile_document, read_document
from flowyard.engine.input_values import unmet
from flowyard.engine.inputs import InputSpec, Option, VariableType
from flowyard.engine.lifecycle import NodeStatus
from flowyard.engine.matching import MAX_PROGRAM, Matching, pattern_problem
from flowyard.testing.driving import Driver

HEAD = "flowyard: 1\nkey: k\n"
LOOP = (
    "nodes:\n"
    " - {id: g, exclusive: [{default: true, next: h}]}\n"
    " - {id: h, loop_limit: 1000000000, exclusive:"
    " [{when: 'loop < 1000000000', next: g}, {default: true, next: end}]}\n"
)
COSTLY = "len([a for a in range(3000)]) > 1"


def _started(text: str) -> Driver:
    driver = Driver(compile_document(read_document(text), plugins=None))
    driver.start()
    return driver


def _code(driver: Driver, node_id: str) -> str:
    failure = driver.snapshot.nodes[node_id].failure
    return "" if failure is None else failure.code


def test_a_loop_that_never_comes_to_any_work_stops_at_its_gateway() -> None:
    driver = _started(HEAD + LOOP)

    assert driver.status("h") is NodeStatus.FAILED
    assert _code(driver, "h") == "endless_loop"


def test_expressions_of_one_decision_share_a_bound() -> None:
    variables = "".join(f"  v{number}: '${{{COSTLY}}}'\n" for number in range(500))

    driver = _started(f"{HEAD}computed:\n{variables}nodes:\n - {{id: a, plugin: noop@1.0}}\n")

    assert driver.status("start") is NodeStatus.FAILED
    assert _code(driver, "start") == "expression_failed"


def test_many_cheap_expressions_of_one_decision_are_no_matter() -> None:
    variables = "".join(f"  v{number}: '${{{number} + 1}}'\n" for number in range(3000))

    driver = _started(f"{HEAD}computed:\n{variables}nodes:\n - {{id: a, plugin: noop@1.0}}\n")

    assert driver.snapshot.variables["v2999"] == 3000
    assert driver.status("a") is NodeStatus.READY


@pytest.mark.parametrize("pattern", ["(?=x)x", r"(a)\1", "[", "a{1,65536}", "(?:[ab]{100}){100}"])
def test_what_could_hold_a_process_up_is_no_pattern(pattern: str) -> None:
    assert pattern_problem(pattern) is not None
    assert Matching().matches(pattern, "x") is False


@pytest.mark.parametrize(
    "pattern", [r"\d+\.\d+", "^v[0-9]+$", "(?i)prod|test", ".{1,200}", r"\p{L}+"]
)
def test_usual_patterns_are_patterns(pattern: str) -> None:
    assert pattern_problem(pattern) is None


def test_a_pattern_matches_a_text_as_a_whole() -> None:
    matching = Matching()

    assert matching.matches("(a+)+$", "a" * 1000) is True
    assert matching.matches("(a+)+$", "a" * 1000 + "b") is False
    assert matching.matches("a", "ba") is False


def test_a_text_is_not_matched_when_that_would_take_too_long() -> None:
    spec = InputSpec(name="x", pattern="[ab]*a[ab]{300}")

    problems = list(unmet(spec, "ab" * 500_000))

    assert [one.expected for one in problems] == [
        "shorter: its pattern would take too long on so much text"
    ]
    assert MAX_PROGRAM > 1000


def test_an_option_is_offered_by_value_and_kind() -> None:
    options = tuple(Option(value=value) for value in (1, "1", 2.5, True))
    spec = InputSpec(name="x", type=VariableType.MULTI_SELECT, options=options)

    assert list(unmet(spec, [1, "1", 2.5, True])) == []
    assert [one.path for one in unmet(spec, [False, 2, [1], 1, 1.0])] == [(0,), (1,), (2,), (4,)]
