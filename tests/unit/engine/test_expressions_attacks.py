"""What people have tried on evaluators of other people's expressions.

Facts gathered from the public trackers of simpleeval, Jinja2's sandbox and
RestrictedPython. Every entry has to be refused with an ExpressionError.
tests/bench/expressions.py runs the same corpus on the alternatives.
"""

from collections.abc import Generator

import pytest

from flowyard.engine.expressions import ExpressionError, evaluate, render


class Host:
    """An object of Python's among the names, which nobody should have put there."""

    secret = "s3cret"  # noqa: S105 - bait

    def words(self) -> Generator[str]:
        yield "word"


BIG = "x" * 200_000
NAMES: dict[str, object] = {
    "text": "abc",
    "number": 7,
    "items": [1, 2, 3],
    "data": {"a": {"b": 1}, "list": [[1, 2], [3, 4]]},
    "big": BIG,
    "large": list(range(9_000)),
    "host": Host(),
    "module": pytest,
}

ATTACKS: dict[str, list[str]] = {
    "dunder access": [
        "text.__class__",
        "().__class__.__bases__[0].__subclasses__()",
        "''.__class__.__mro__[1].__subclasses__()",
        "items.__len__()",
        "number.__class__.__base__",
        "data.__class__",
        "data.a.__init__",
        "[].__class__.__init__.__globals__['__builtins__']",
        "text.upper.__self__",
        "len.__self__",
        "str.__subclasses__(str)",
        "host.__class__.__init__.__globals__",
        "[x.__class__ for x in items]",
        "{'a': 1}.__class__",
        "__import__('os').system('true')",
        "__builtins__",
        "__builtins__['eval']",
        "__name__",
        "_private",
        "text._x",
        "[_ for _ in items]",
    ],
    "normalised names": [
        "text.__\uff43lass__",
        "text.\uff3f\uff3fclass\uff3f\uff3f",
        "\uff3f\uff3fimport\uff3f\uff3f('os')",
        "text.\uff3fx",
        "text.\ufe33\ufe33class\ufe33\ufe33",
        "\uff45val('1')",
        "[\uff3f for \uff3f in items]",
    ],
    "format strings": [
        "'{0.__class__}'.format(text)",
        "'{x.__class__.__mro__}'.format_map({'x': 1})",
        "text.format(number)",
        "'%s' % text",
        "'%1000000000d' % number",
        "'%(a)s' % data",
        "f'{text}'",
        "f'{text.__class__}'",
        "f'{number:>1000000000}'",
        "F'{1}'",
        "rf'{1}'",
        "f'{f\"{1}\"}'",
        "str.format('{0.__class__}', text)",
        "[f for f in ['{0.__class__}'.format][0](text)]",
        "text.encode('utf-8').decode()",
        "text.translate({97: 'x' * 10})",
        "text.maketrans('a', 'b')",
        "format(number, '>1000000000')",
    ],
    "frames and objects": [
        "host.words().gi_frame.f_globals",
        "host.words().gi_frame.f_back.f_builtins['exec']",
        "host.words().gi_code",
        "(x for x in items).gi_frame",
        "(x for x in items).gi_frame.f_back",
        "host.secret",
        "host.words()",
        "host",
        "[host]",
        "module",
        "module.sys.modules",
        "text.upper",
        "items.append",
        "len",
        "[len][0]([1])",
        "max(items, key=len)",
        "sorted(items, key=str)",
        "getattr(text, '__class__')",
        "type(text)",
        "vars()",
        "globals()",
        "locals()",
        "dir(text)",
        "eval('1')",
        "exec('1')",
        "compile('1', '', 'eval')",
        "open('/etc/passwd')",
        "input()",
        "breakpoint()",
        "help()",
        "id(text)",
        "hash(text)",
        "iter(items)",
        "map(str, items)",
        "object()",
        "super()",
        "memoryview(text)",
        "bytearray(10)",
        "rand()",
        "randint(5)",
        "now()",
    ],
    "statements and other syntax": [
        "lambda: 1",
        "(lambda: 1)()",
        "(x := 1)",
        "[y := 1, y]",
        "x = 1",
        "number += 1",
        "import os",
        "del text",
        "1; 2",
        "1\n2",
        "await text",
        "yield 1",
        "(yield)",
        "[x async for x in items]",
        "max(*items)",
        "dict(**data)",
        "*items",
        "{1, 2}",
        "{x for x in items}",
        "...",
        "1j",
        "b'x'",
        "items @ items",
        "items[1:2, 1]",
        "1 if 2",
        "text is text",
        "number is 7",
        "'''x'''",
        '"""x"""',
        "'\\N{BULLET}'",
        "1 # comment",
        "1 \\\n + 2",
        "text.a.b = 1",
        "print(1)",
        "raise ValueError",
        "assert 1",
        "[x for items[0] in items]",
        "[x for data.a in items]",
        "text\0",
        "`text`",
        "$text",
        "\ud800",
    ],
    "changing data": [
        "items.append(4)",
        "items.extend(items)",
        "items.insert(0, 1)",
        "items.pop()",
        "items.remove(1)",
        "items.clear()",
        "items.sort()",
        "items.reverse()",
        "data.pop('a')",
        "data.popitem()",
        "data.update({'x': 1})",
        "data.setdefault('x', 1)",
        "data.clear()",
        "dict.fromkeys(items)",
    ],
    "huge numbers": [
        "9 ** 9 ** 9",
        "9 ** 9 ** 9 ** 9",
        "2 ** 4097",
        "10 ** 4000 * 10 ** 4000",
        "(2 ** 4000) ** 2",
        "1 << 5000",
        "1 << 10 ** 9",
        "(1 << 4000) << 4000",
        "1 << -1",
        "1 >> -1",
        "0 ** -1",
        "1e400",
        "1e308 * 10",
        "-1e308 - 1e308",
        "2.0 ** 5000",
        "(-8) ** 0.5",
        "2 ** 4000 / 3 + 0.5",
        "float('inf')",
        "float('nan')",
        "float('1e999')",
        "int('9' * 5000)",
        "int('f' * 5000, 16)",
        "9" * 5000,
        "0x" + "f" * 5000,
        "str(10 ** 1500)",
        "2 ** 64",
        "round(5, -1000000000)",
        "round(1.5, 1000000000)",
        "round(1e308, -308) * 10",
        "sum([2 ** 4000 for x in range(9000)]) ** 2",
        "parse_json('1e999')",
        "parse_json('NaN')",
        "parse_json('9' * 4000) * 2",
        "parse_json('9' * 5000)",
        "~(2 ** 4096)",
        "int(1e308) ** 9",
        "1 / 0",
        "1 % 0",
        "1 // 0.0",
    ],
    "huge texts and lists": [
        "'x' * 10 ** 9",
        "10 ** 9 * 'x'",
        "'x' * 300000",
        "[0] * 10 ** 9",
        "[[0] * 9000] * 9000",
        "items * 10 ** 8",
        "(1, 2) * 10 ** 8",
        "big + big",
        "[big] * 9000",
        "{'a': [big, big]}",
        "text.ljust(10 ** 9)",
        "text.rjust(10 ** 9)",
        "text.center(10 ** 9)",
        "text.zfill(10 ** 9)",
        "text.expandtabs(10 ** 9)",
        "big.replace('x', big)",
        "big.replace('', big)",
        "big.join(['a'] * 9000)",
        "big.join([big, big, big])",
        "big.join(big)",
        "big.split('x')",
        "list(big)",
        "range(10 ** 9)",
        "list(range(10 ** 9))",
        "range(10 ** 100)",
        "range(-10 ** 100, 10 ** 100)",
        "sum(range(10 ** 12))",
        "[*large, *large]",
        "large + large",
        "large * 2",
        "json(json(json(json(json(big + ('\"' * 60000))))))",
        "[[[[x] * 100] * 100] * 100 for x in [big]]",
        "str([[[[1] * 99] * 99] * 99] * 99)",
        "zip(*[large] * 99)",
        "[zip(large, large) for x in large]",
        "'\\0'",
        "'a' + '\\ud800'",
    ],
    "loops": [
        "[x for x in range(10000) for y in range(10000)]",
        "[0 for a in large for b in large for c in large]",
        "[0 for a in items for b in large for c in large if 0]",
        "sum(x * y for x in range(9999) for y in range(9999))",
        "[[y for y in range(x)] for x in range(9999)]",
        "{str(x) + str(y): 1 for x in large for y in large}",
        "any(x == y for x in large for y in [z + 1 for z in large] if x > y)",
        "[sorted(large) for x in large]",
        "[big == big + '' for x in large]",
        "[x in large for x in large]",
        "[large.index(x) for x in large]",
        "[large.count(x) for x in large]",
        "[big.upper() for x in large]",
        "[big.count('xy') for x in large]",
        "[('x' * 50000 + 'y').rfind('y' + 'x' * 25000) for x in range(9000)]",
        "big.rfind('y' + 'x' * 99999)",
        "big.rsplit('y' + 'x' * 99999)",
        "big.strip(big)",
        "[json(large) for x in large]",
        "[parse_json('[' + '1,' * 50000 + '1]') for x in large]",
        "[min(large) for x in large]",
        "[large[::2] for x in large]",
        "[list(data) + large for x in large]",
        "[big + str(x) for x in large]",
        "[{**data, str(x): big + 'y'} for x in large]",
        "[text.startswith(['a' * 9000] * 9000) for x in large]",
    ],
    "nesting": [
        "(" * 51 + "1" + ")" * 51,
        "[" * 4000 + "]" * 4000,
        "[" * 3000,
        "{" * 100 + "}" * 100,
        "-" * 3000 + "1",
        "not " * 1500 + "1",
        "~" * 8000 + "1",
        "1" + " + 1" * 1500,
        "1" + "**1" * 900,
        "1 if 1 else " * 600 + "1",
        "text" + ".a" * 900,
        "data" + "['a']" * 600,
        "text" + ".upper()" * 300,
        "lambda:" * 500 + "1",
        "x" * 9000,
        "'" + "x" * 9000 + "'",
        " " * 9000 + "1",
        "f'" + "{" * 500 + "1" + "}" * 500 + "'",
        "parse_json('[' * 5000 + ']' * 5000)",
        "parse_json('[' * 100000)",
        "parse_json('[' * 101 + ']' * 101)",
        "1," * 4000,
        "[" + "[x for x in " * 60 + "items" + "]" * 60 + "]",
    ],
}


def corpus() -> list[tuple[str, str]]:
    return [(group, attack) for group, attacks in ATTACKS.items() for attack in attacks]


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
