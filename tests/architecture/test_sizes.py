import ast
from pathlib import Path

from tests.support.project import modules, relative

LONGEST_MODULE = 400
LONGEST_BODY = 40

LONG_MODULES: dict[str, str] = {}
"""Modules that may be longer, each with a sentence that says why, keyed by path."""

LONG_BODIES: dict[str, str] = {}
"""Functions that may be longer, each with a sentence that says why, keyed by path::name."""

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def _body_lines(function: _Function) -> int:
    statements = function.body
    if ast.get_docstring(function) is not None:
        statements = statements[1:]
    if not statements:
        return 0
    return (statements[-1].end_lineno or 0) - statements[0].lineno + 1


def _functions(module: Path) -> list[_Function]:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, _Function)]


def _modules() -> list[Path]:
    # A migration is history: it is never edited, so it need not be short.
    return [
        module
        for module in modules("libs", "services", "tools", "tests")
        if "migrations/versions" not in relative(module)
    ]


def test_no_module_is_longer_than_four_hundred_lines() -> None:
    lengths = {
        relative(module): len(module.read_text(encoding="utf-8").splitlines())
        for module in _modules()
    }

    too_long = {name for name, length in lengths.items() if length > LONGEST_MODULE}

    assert too_long == set(LONG_MODULES)


def test_no_function_body_is_longer_than_forty_lines() -> None:
    lengths = {
        f"{relative(module)}::{function.name}": _body_lines(function)
        for module in _modules()
        for function in _functions(module)
    }

    too_long = {name for name, length in lengths.items() if length > LONGEST_BODY}

    assert too_long == set(LONG_BODIES)


def test_every_exception_is_explained_by_a_sentence() -> None:
    for reason in (*LONG_MODULES.values(), *LONG_BODIES.values()):
        assert reason.endswith(".")
