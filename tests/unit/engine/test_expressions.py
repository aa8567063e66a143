"""What expressions mean, and what becomes of texts and values that hold them."""

import json
from collections.abc import Iterator, Mapping

import pytest
from typing_extensions import override

from flowyard.engine.expressions import (
    ExpressionError,
    compile_value,
    evaluate,
    has_expressions,
    names_in,
    paths_in,
    plain_condition,
    render,
)
from flowyard.engine.graph import JsonValue
from tests.unit.engine.expression_names import NAMES


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("version", "1.4.2"),
        ("count + 1", 4),
        ("count / 2", 1.5),
        ("-count ** 2", -9),
        ("7 // 2 + 7 % 4", 6),
        ("1 << 4 | 3 & 2 ^ 1", 19),
        ("~count", -4),
        ("not flag", False),
        ("flag and count > 2", True),
        ("nothing or 'default'", "default"),
        ("1 < count <= 3", True),
        ("nothing is None and flag is not false", True),
        ("[true, false, null]", [True, False, None]),
        ("'web' in hosts[0] and 'x' not in hosts", True),
        ("'build' in nodes", True),
        ("nodes.build.image", "registry/app:1.4.2"),
        ('nodes["a-b"].items', [1, 2]),
        ("nodes.build.image.rsplit(':', 1)[1]", "1.4.2"),
        ("payload.items", [1, 2]),
        ("payload.get", "kept"),
        ("payload.get('absent', 5)", 5),
        ("payload['_id']", 7),
        ("payload.名", "值"),
        ("payload.keys()", ["items", "get", "_id", "名"]),
        ("{**payload, 'more': 1}['more']", 1),
        ("{'a': 1, 'b': [1, (2, 3)]}", {"a": 1, "b": [1, [2, 3]]}),
        ("[*hosts, 'x'][-1]", "x"),
        ("hosts[:2]", ["web-1", "web-2"]),
        ("hosts[::-1][0]", "db-1"),
        ("version[0:3]", "1.4"),
        ("'big' if count > 2 else 'small'", "big"),
        ("[h.upper() for h in hosts if h.startswith('web')]", ["WEB-1", "WEB-2"]),
        ("[x + y for x in [1, 2] for y in [10, 20] if x < y]", [11, 21, 12, 22]),
        ("{k: v for k, v in [['a', 1], ['b', 2]]}", {"a": 1, "b": 2}),
        ("sum(n * n for n in range(4))", 14),
        ("any(h == 'db-1' for h in hosts)", True),
        ("all([])", True),
        ("', '.join(sorted(hosts, reverse=true))", "web-2, web-1, db-1"),
        ("max(1, 3, 2) + min([4, 5]) + max([], default=1)", 8),
        ("round(2.567, 2)", 2.57),
        ("round(7.2)", 7),
        ("abs(-4) + len(hosts) + len('abc')", 10),
        ("int('42') + int('ff', 16) + int(2.9)", 299),
        ("float('1.5') + float(1)", 2.5),
        ("bool('') or bool([1])", True),
        ("str(1) + str(true) + str(none_)", "1truenull"),
        ("zip([1, 2], 'ab')", [[1, "a"], [2, "b"]]),
        ("enumerate(['a'], 1)", [[1, "a"]]),
        ("dict([['a', 1]], b=2)", {"a": 1, "b": 2}),
        ("list('abc') + list({'k': 1})", ["a", "b", "c", "k"]),
        ("json({'a': [1, none_]})", '{"a": [1, null]}'),
        ("parse_json('{\"a\": [1.5]}').a[0]", 1.5),
        ("'a-b-c'.replace('-', '+', 1)", "a+b-c"),
        ("'7'.zfill(3) + 'x'.ljust(3, '.') + 'y'.rjust(2) + 'z'.center(3)", "007x.. y z "),
        ("' a b '.split()", ["a", "b"]),
        ("'a,b,c'.split(',', 1)", ["a", "b,c"]),
        ("'a\\nb'.splitlines()", ["a", "b"]),
        ("'k=v'.partition('=')", ["k", "=", "v"]),
        ("'xxaxx'.strip('x') + ' b '.strip()", "ab"),
        ("'a.tgz'.endswith(['.zip', '.tgz'])", True),
        ("'v1'.removeprefix('v')", "1"),
        ("'abcabc'.count('bc') + 'abc'.find('z') + 'abc'.index('c')", 3),
        ("hosts.index('db-1') + hosts.count('x')", 2),
        ("r'\\d' + '\\t\\x41\\u0041'", "\\d\tAA"),
        ("1 if flag is true else 2", 1),
        ("[x for x in hosts] == hosts", True),
        ("count in (1, 2, 3)", True),
        ("[[a, b] for a, (b, c) in [[1, [2, 3]]]]", [[1, 2]]),
        ("  count\n  +\n  1  ", 4),
    ],
)
def test_expressions_mean_what_they_mean_in_python(expression: str, result: JsonValue) -> None:
    assert evaluate(expression, {**NAMES, "none_": None}) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("${count}", 3),
        ("${ hosts }", ["web-1", "web-2", "db-1"]),
        ("v${version}-${count}", "v1.4.2-3"),
        ("${count}${count}", "33"),
        ("is ${flag}, ${nothing}, ${ratio}", "is true, null, 0.5"),
        ("${hosts}!", '["web-1", "web-2", "db-1"]!'),
        ("${ {'a': '}'}['a'] }", "}"),
        ("${ {'a': {'b': [1]}}['a'] }", {"b": [1]}),
        ("${'\"}' + \"'}\"}", "\"}'}"),
        ("${'a\\'}b'}", "a'}b"),
        ("$${count}", "${count}"),
        ("$${count} ${count}", "${count} 3"),
        ("$$${count}", "$${count}"),
        ("$count $ {count} }", "$count $ {count} }"),
        ("price: $${'x'}", "price: ${'x'}"),
        ("${'$${'}", "$${"),
        ("", ""),
        (7, 7),
        (
            ["${count}", {"${count}": "${count}", "k": [None, "${flag}"]}],
            [3, {"${count}": 3, "k": [None, True]}],
        ),
    ],
)
def test_values_are_rendered(text: JsonValue, result: JsonValue) -> None:
    assert render(text, NAMES) == result


def test_a_value_without_expressions_is_returned_as_it_is() -> None:
    value: JsonValue = {"a": [1, {"b": "plain"}], "c": "$x {y}"}

    assert render(value, {}) is value
    assert compile_value(value).is_static
    assert not has_expressions(value)


class Asked(Mapping[str, object]):
    """Names that note which of them were asked for."""

    def __init__(self, names: Mapping[str, object]) -> None:
        self.names = names
        self.asked: list[str] = []

    @override
    def __getitem__(self, name: str) -> object:
        self.asked.append(name)
        return self.names[name]

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    @override
    def __len__(self) -> int:
        return len(self.names)


def test_only_what_an_expression_reads_is_looked_up() -> None:
    names = Asked({"a": 1, "b": 2, "c": 3})

    assert render("${a if True else b}", names) == 1
    assert names.asked == ["a"]


def test_a_renderer_may_be_used_again_and_again() -> None:
    renderer = compile_value({"n": "${n}", "text": "is ${n}", "plain": [1]})

    assert [renderer.render({"n": n}) for n in (1, 2)] == [
        {"n": 1, "text": "is 1", "plain": [1]},
        {"n": 2, "text": "is 2", "plain": [1]},
    ]
    assert renderer.names == {"n"}


def test_results_share_nothing_with_the_names() -> None:
    names: dict[str, object] = {"data": {"list": [1, {"deep": [2]}]}}
    before = json.dumps(names)

    result = render("${data}", names)
    assert isinstance(result, dict)
    result["list"] = "changed"
    again = render({"x": "${data.list}"}, names)
    assert isinstance(again, dict)
    assert isinstance(again["x"], list)
    again["x"].append(3)

    assert json.dumps(names) == before


def test_names_are_those_that_an_expression_reads() -> None:
    value: JsonValue = {
        "a": "${nodes.build.image + x.upper()} ${[h for h in hosts if h != y]}",
        "b": ["${len(items)}", "${true}", "${broken +}", "$${escaped}"],
    }

    assert names_in(value) == {"nodes", "x", "hosts", "y", "items"}
    assert ("nodes", "build", "image") in paths_in(value)
    assert paths_in('${nodes["a-b"].x[0].y}') == {("nodes", "a-b", "x")}


@pytest.mark.parametrize(
    ("condition", "expression", "holds"),
    [
        ("count > 2", "count > 2", True),
        ("${count > 2}", "(count > 2)", True),
        ("${count} > 2", "(count) > 2", True),
        ("'${count}' == '3'", "(str(count)) == '3'", True),
        ('"v${count}" == "v3" and ${flag}', '("v" + str(count)) == "v3" and (flag)', True),
        ("'$${x}' == version", "('${' + 'x}') == version", False),
        ("${ {'a': 1}['a'] } == 1", "( {'a': 1}['a'] ) == 1", True),
    ],
)
def test_conditions_may_mark_their_expressions(
    condition: str, expression: str, *, holds: bool
) -> None:
    assert plain_condition(condition) == expression
    assert evaluate(plain_condition(condition), NAMES) is holds


@pytest.mark.parametrize("condition", ["${count > 2", "'${count' == 1", "${count +} > 1"])
def test_conditions_with_broken_marks_are_refused(condition: str) -> None:
    with pytest.raises(ExpressionError):
        plain_condition(condition)
