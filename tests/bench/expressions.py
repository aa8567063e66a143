"""The comparison behind docs/decisions/0002-expressions.md: safety and speed of five evaluators.

Run by hand, in an environment that has jinja2 and cel-python beside simpleeval;
an evaluator that is not installed is left out, and said so:

    PYTHONPATH=libs/common/src:. python tests/bench/expressions.py
"""

import ast
import importlib
import multiprocessing
import resource
import signal
import sys
import timeit
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from simpleeval import EvalWithCompoundTypes, InvalidExpression  # type: ignore[import-untyped]

from flowyard.engine.expressions.errors import ExpressionError, RefusedError
from flowyard.engine.expressions.functions import FUNCTIONS, items_of
from flowyard.engine.expressions.limits import MAX_STEPS
from flowyard.engine.expressions.methods import call_method
from flowyard.engine.expressions.operators import operators
from flowyard.engine.expressions.parse import parse
from flowyard.engine.expressions.template import Run
from flowyard.engine.expressions.values import Copier, Meter, admit
from tests.unit.engine.attacks import NAMES, corpus

Program = Callable[[Mapping[str, object]], object]
Compile = Callable[[str], Program]

SECONDS = 3
MEMORY_BYTES = 2 * 1024**3
ROUNDS = 5000

DATA: dict[str, object] = {
    "version": "1.4.2",
    "count": 3,
    "status": "ok",
    "name": "app",
    "hosts": ["web-1", "web-2", "db-1"],
    "nodes": {"build": {"image": "registry/app:1.4.2"}},
}

PYTHON = {
    "name": "version",
    "path": "nodes.build.image",
    "condition": "count > 2 and status == 'ok'",
    "text": "'registry/' + name + ':' + version",
    "loop": "[h for h in hosts if h.startswith('web')]",
}
JINJA = PYTHON | {"loop": "hosts | reject('equalto', 'db-1') | list"}
CEL = PYTHON | {
    "condition": "count > 2 && status == 'ok'",
    "loop": "hosts.filter(h, h.startsWith('web'))",
}

Refusals = tuple[type[BaseException], ...]
Evaluator = tuple[Compile, Refusals, dict[str, str]]


def flowyard(expression: str) -> Program:
    code = parse(expression)
    return lambda names: Run(names).copied(code)


def simpleeval(expression: str) -> Program:
    evaluator = EvalWithCompoundTypes()
    tree = evaluator.parse(expression)

    def run(names: Mapping[str, object]) -> object:
        evaluator.names = names
        return evaluator.eval(expression, previously_parsed=tree)

    return run


Thunk = Callable[[Mapping[str, Any], Meter], Any]


class Closures:
    """An own interpreter: the checked tree becomes nested functions, over the same tables."""

    def __init__(self) -> None:
        self._meter = Meter()
        self._operators = operators(self._meter)

    def program(self, expression: str) -> Program:
        thunk = self._made(parse(expression).body)

        def run(names: Mapping[str, object]) -> object:
            self._meter.steps = MAX_STEPS
            return Copier().copy(thunk(names, self._meter))

        return run

    def _made(self, node: ast.AST) -> Thunk:
        inner = self._of(node)

        def step(names: Mapping[str, Any], meter: Meter) -> Any:
            meter.charge(1)
            return admit(inner(names, meter))

        return step

    def _of(self, node: ast.AST) -> Thunk:
        match node:
            case ast.Constant(value=constant):
                return lambda _names, _meter: constant
            case ast.Name(id=name):
                return lambda names, _meter: _named(names, name)
            case ast.Attribute(value=value, attr=attr):
                owner = self._made(value)
                return lambda names, meter: _field(owner(names, meter), attr)
            case ast.Subscript(value=value, slice=index) if not isinstance(index, ast.Slice):
                owner, key = self._made(value), self._made(index)
                return lambda names, meter: owner(names, meter)[key(names, meter)]
            case ast.List(elts=elts) | ast.Tuple(elts=elts):
                items = [self._made(item) for item in elts]
                return lambda names, meter: [item(names, meter) for item in items]
            case (
                ast.ListComp(elt=elt, generators=generators)
                | ast.GeneratorExp(elt=elt, generators=generators)
            ):
                return self._loop(elt, generators)
            case ast.Call():
                return self._call(node)
            case _:
                return self._operation(node)

    def _operation(self, node: ast.AST) -> Thunk:
        match node:
            case ast.BinOp(left=left, op=sign, right=right):
                compute = self._operators[type(sign)]
                first, second = self._made(left), self._made(right)
                return lambda names, meter: compute(first(names, meter), second(names, meter))
            case ast.UnaryOp(op=sign, operand=operand):
                apply, only = self._operators[type(sign)], self._made(operand)
                return lambda names, meter: apply(only(names, meter))
            case ast.Compare(left=left, ops=[sign], comparators=[right]):
                compare = self._operators[type(sign)]
                first, second = self._made(left), self._made(right)
                return lambda names, meter: compare(first(names, meter), second(names, meter))
            case ast.BoolOp(op=ast.And(), values=[left, right]):
                first, second = self._made(left), self._made(right)
                return lambda names, meter: first(names, meter) and second(names, meter)
            case ast.BoolOp(op=ast.Or(), values=[left, right]):
                first, second = self._made(left), self._made(right)
                return lambda names, meter: first(names, meter) or second(names, meter)
            case _:
                raise _refused(node)

    def _call(self, node: ast.Call) -> Thunk:
        match node:
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                function, given = FUNCTIONS[name], [self._made(part) for part in args]
                return lambda names, meter: function(meter, *[part(names, meter) for part in given])
            case ast.Call(func=ast.Attribute(value=value, attr=attr), args=args, keywords=[]):
                owner, given = self._made(value), [self._made(part) for part in args]
                return lambda names, meter: call_method(
                    meter, owner(names, meter), attr, [part(names, meter) for part in given]
                )
            case _:
                raise _refused(node)

    def _loop(self, elt: ast.expr, generators: list[ast.comprehension]) -> Thunk:
        first, rest = generators[0], generators[1:]
        if not isinstance(first.target, ast.Name):
            raise RefusedError("Expected a name between for and in")
        name, source = first.target.id, self._made(first.iter)
        tests = [self._made(test) for test in first.ifs]
        inner = self._loop(elt, rest) if rest else self._made(elt)

        def run(names: Mapping[str, Any], meter: Meter) -> list[Any]:
            built: list[Any] = []
            for item in items_of(meter, source(names, meter)):
                meter.charge(1)
                bound = {**names, name: item}
                if all(test(bound, meter) for test in tests):
                    found = inner(bound, meter)
                    built.extend(found) if rest else built.append(found)
            return built

        return run


def _refused(node: ast.AST) -> RefusedError:
    return RefusedError(f"Expected an allowed operation, not {type(node).__name__}")


def _named(names: Mapping[str, Any], name: str) -> Any:
    if name in names:
        return names[name]
    raise RefusedError("Expected a known name")


def _field(value: object, name: str) -> object:
    if isinstance(value, Mapping):
        return value[name]
    raise RefusedError("Expected an object before the dot")


def jinja(module: Any, sandbox: Any) -> Compile:
    environment = sandbox.ImmutableSandboxedEnvironment(undefined=module.StrictUndefined)

    def make(expression: str) -> Program:
        program = environment.compile_expression(expression, undefined_to_none=False)

        def run(names: Mapping[str, object]) -> object:
            result = program(names)
            if isinstance(result, module.Undefined):
                raise module.UndefinedError(str(expression))
            return result

        return run

    return make


def cel(module: Any) -> Compile:
    environment = module.Environment()

    def make(expression: str) -> Program:
        program = environment.program(environment.compile(expression))
        given: dict[int, Any] = {}

        def run(names: Mapping[str, object]) -> object:
            # Data is translated once, as a service would do; the time below is without it.
            if id(names) not in given:
                plain = {key: names[key] for key in names if key not in ("host", "module")}
                given[id(names)] = module.json_to_cel(plain)
            return program.evaluate(given[id(names)])

        return run

    return make


def evaluators() -> dict[str, Evaluator]:
    ours = (ExpressionError, RefusedError)
    found: dict[str, Evaluator] = {
        "simpleeval, subclassed (Flowyard)": (flowyard, ours, PYTHON),
        "own interpreter (closures)": (Closures().program, ours, PYTHON),
        "simpleeval as it comes": (simpleeval, (InvalidExpression, SyntaxError), PYTHON),
    }
    try:
        module = importlib.import_module("jinja2")
        make = jinja(module, importlib.import_module("jinja2.sandbox"))
        found["Jinja2 immutable sandbox"] = (make, (module.TemplateError,), JINJA)
    except ImportError:
        sys.stderr.write("jinja2 is not installed: left out\n")
    try:
        module = importlib.import_module("celpy")
        found["CEL (cel-python)"] = (cel(module), (module.CELParseError, module.CELEvalError), CEL)
    except ImportError:
        sys.stderr.write("cel-python is not installed: left out\n")
    return found


REFUSED, RAN, OTHER = 10, 11, 12
OUTCOMES = {REFUSED: "refused", RAN: "ran", OTHER: "another exception"}


def _attempt(make: Compile, refusals: Refusals, attack: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(SECONDS)
    try:
        make(attack)(NAMES)
    except refusals:
        sys.exit(REFUSED)
    except MemoryError:
        sys.exit(1)
    except Exception:  # noqa: BLE001 - which exceptions come out is what is counted
        sys.exit(OTHER)
    sys.exit(RAN)


def attack_all(name: str, evaluator: Evaluator) -> None:
    make, refusals, _ = evaluator
    counts: Counter[str] = Counter()
    context = multiprocessing.get_context("fork")
    for group, attack in corpus():
        child = context.Process(target=_attempt, args=(make, refusals, attack))
        child.start()
        child.join()
        outcome = OUTCOMES.get(child.exitcode or 0, "hung or out of memory")
        counts[outcome] += 1
        if "-v" in sys.argv and outcome != "refused":
            sys.stderr.write(f"{name} | {outcome} | {group} | {attack[:70]!r}\n")
    sys.stdout.write(f"{name}: {dict(sorted(counts.items()))}\n")


def measure(name: str, evaluator: Evaluator) -> None:
    make, _, expressions = evaluator
    times = []
    for label, expression in expressions.items():
        program = make(expression)
        program(DATA)
        best = min(timeit.repeat(lambda run=program: run(DATA), number=ROUNDS, repeat=5))  # type: ignore[misc]
        times.append(f"{label} {best / ROUNDS * 1e6:.1f}")
    sys.stdout.write(f"{name}: microseconds: {', '.join(times)}\n")


def main() -> None:
    found = evaluators()
    for name, evaluator in found.items():
        measure(name, evaluator)
    sys.stdout.write(f"{len(corpus())} attacks\n")
    for name, evaluator in found.items():
        attack_all(name, evaluator)


if __name__ == "__main__":
    main()
