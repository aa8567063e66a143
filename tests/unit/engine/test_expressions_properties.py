"""Whatever text and data come: a JSON value or an ExpressionError, after bounded work."""

import json
import string
from collections.abc import Callable

from hypothesis import example, given, settings
from hypothesis import strategies as st

from flowyard.engine.expressions import (
    ExpressionError,
    check,
    check_expression,
    compile_value,
    evaluate,
    has_expressions,
    names_in,
    plain_condition,
    render,
)
from flowyard.engine.expressions.functions import FUNCTIONS
from flowyard.engine.expressions.limits import MAX_RENDER_STEPS, MAX_RESULT_BYTES, MAX_STEPS
from flowyard.engine.expressions.methods import METHODS
from flowyard.engine.expressions.parse import parse
from flowyard.engine.expressions.template import Run
from flowyard.engine.graph import JsonValue

NAMES = ["a", "b", "obj", "items"]
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["x" * 5000, 2**63, 10**300]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(max_size=4) | st.sampled_from(["$secret", "k"]), inner, max_size=3
        )
    ),
    max_leaves=12,
)
scopes = st.fixed_dictionaries(dict.fromkeys(NAMES, json_values))

SIGNS = [
    *("+", "-", "*", "**", "/", "//", "%", "<<", ">>", "&", "|", "^", "~", "@", ":=", "=", "->"),
    *(
        "==",
        "!=",
        "<",
        ">=",
        "is",
        "in",
        "not",
        "and",
        "or",
        "if",
        "else",
        "for",
        "lambda",
        "await",
    ),
    *("(", ")", "[", "]", "{", "}", ",", ":", ".", "${", "$${", "}", "'", '"', "\\", "#", "\n"),
    *("_", "__class__", "\uff3f", "1", "0x", "1e9", "9" * 30, "1j", "f'", "b'", "r'", "'x'", "\0"),
    *(" ", *NAMES, *FUNCTIONS, *METHODS),
]
OPERATORS = [
    *("+", "-", "*", "/", "//", "%", "**", "<<", ">>", "&", "|", "^"),
    *("==", "!=", "<", "<=", ">", ">=", "in", "not in", "and", "or"),
]
token_texts = st.lists(st.sampled_from(SIGNS), max_size=25).map(" ".join) | st.lists(
    st.sampled_from(SIGNS), max_size=25
).map("".join)
texts = st.text(max_size=60) | st.text(alphabet=string.printable, max_size=60) | token_texts

atoms = (
    st.sampled_from(NAMES)
    | st.integers(-9, 10**20).map(lambda number: f"({number})")
    | st.floats(allow_nan=False, allow_infinity=False).map(lambda number: f"({number!r})")
    | st.text(alphabet=string.ascii_letters + " ,-", max_size=6).map(repr)
    | st.sampled_from(["'x' * 9000", "range(3000)", "9 ** 99", "true", "None"])
)


def _combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    arguments = st.lists(inner, max_size=3).map(", ".join)
    return st.one_of(
        st.builds(
            "({} {} {})".format,
            inner,
            st.sampled_from(OPERATORS),
            inner,
        ),
        st.builds("({}{})".format, st.sampled_from(["-", "~", "not ", "+"]), inner),
        st.builds("{}({})".format, st.sampled_from(sorted(FUNCTIONS)), arguments),
        st.builds("{}.{}({})".format, inner, st.sampled_from(sorted(METHODS)), arguments),
        st.builds("{}[{}]".format, inner, inner),
        st.builds("{}[{}:{}:{}]".format, inner, inner, inner, inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("[{} for a in {}]".format, inner, inner),
        st.builds("[{} for a, b in {} if {}]".format, inner, inner, inner),
        st.builds("{{{}: {} for b in {}}}".format, inner, inner, inner),
        st.builds("{{{}: {}, **{}}}".format, inner, inner, inner),
        arguments.map("[{}]".format),
        st.builds("[*{}, {}]".format, inner, inner),
    )


expressions = st.recursive(atoms, _combined, max_leaves=12)


def _assert_json(value: JsonValue) -> None:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    # Escaped control characters take six times what they were estimated at.
    assert len(text) <= 7 * MAX_RESULT_BYTES
    assert json.loads(text) == value


def _error_of(attempt: Callable[[], object]) -> ExpressionError | None:
    try:
        attempt()
    except ExpressionError as error:
        return error
    return None


@settings(max_examples=200, deadline=None)
@given(text=texts, names=scopes)
@example(text="${", names={})
@example(text="'\\", names={})
@example(text="\ud800", names={})
def test_any_text_gives_json_or_an_expression_error(text: str, names: dict[str, JsonValue]) -> None:
    for marked in (text, f"${{{text}}}", f"x ${{{text}"):
        error = _error_of(lambda value=marked: _assert_json(render([value], names)))  # type: ignore[misc]
        assert error is None or 0 <= error.position <= len(error.expression)
        assert has_expressions(marked) or check(marked) == ()
        assert all("${" not in name for name in names_in(marked))
        _error_of(lambda condition=marked: plain_condition(condition))  # type: ignore[misc]


@settings(max_examples=200, deadline=None)
@given(text=texts, names=scopes)
def test_any_expression_text_gives_json_or_an_expression_error(
    text: str, names: dict[str, JsonValue]
) -> None:
    error = _error_of(lambda: json.dumps(evaluate(text, names), ensure_ascii=False).encode())

    assert error is None or 0 <= error.position <= len(text)
    assert error is None or error.known_names == tuple(sorted(names))


@settings(max_examples=300, deadline=None)
@given(expression=expressions, names=scopes)
def test_any_expression_ends_within_its_bounds(
    expression: str, names: dict[str, JsonValue]
) -> None:
    before = repr(names)
    run = Run(names)

    error = _error_of(lambda: _assert_json(run.copied(parse(expression))))

    assert error is None or error.reason.startswith("Expected")
    assert run.steps >= MAX_RENDER_STEPS - MAX_STEPS
    assert repr(names) == before


@settings(max_examples=150, deadline=None)
@given(expression=expressions, names=scopes)
def test_the_same_names_give_the_same_answer(expression: str, names: dict[str, JsonValue]) -> None:
    def outcome() -> object:
        try:
            return evaluate(expression, names)
        except ExpressionError as error:
            return error.position, error.reason

    assert outcome() == outcome()


@settings(max_examples=150, deadline=None)
@given(expression=expressions, names=scopes)
def test_what_check_refuses_is_refused_whatever_the_names(
    expression: str, names: dict[str, JsonValue]
) -> None:
    problems = check_expression(expression)

    error = _error_of(lambda: evaluate(expression, names))

    if problems:
        assert error is not None
        assert error.reason == problems[0].reason


@settings(max_examples=150, deadline=None)
@given(value=json_values, names=scopes)
def test_a_value_without_marks_comes_back_unchanged(
    value: JsonValue, names: dict[str, JsonValue]
) -> None:
    if not has_expressions(value):
        assert compile_value(value).render(names) is value


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=40))
def test_escaped_text_comes_back_as_it_was(text: str) -> None:
    # A dollar before the mark would escape the escape's own first sign.
    plain = text.replace("$", "")

    assert render(f"{plain}$${{{plain}", {}) == f"{plain}${{{plain}"
