"""``python -m tools.console build|check|schema|test|format|dev``."""

import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tools.console.bundle import Console
from tools.console.node import WHEEL, Node, find_node
from tools.openapi import openapi_document, openapi_text, without_examples

ROOT = Path(__file__).parents[2]
"""The project's folder."""

REPORT = ".cache/tests/console.xml"
"""JUnit report of the console's tests, from the project's folder."""

SCHEMA = "src/api/schema.d.ts"
"""The API's types, from the console's folder."""

_INDENT = re.compile(r"^(?: {4})+", re.MULTILINE)


class NoNodeError(Exception):
    """Raised if there is no Node, and none could be installed."""


def _node() -> Node:
    found = find_node()
    if found is None:
        subprocess.run(["sh", "tools/setup.sh", "console"], cwd=ROOT, check=True)  # noqa: S607
        found = find_node()
    if found is None:
        raise NoNodeError(f"Expected Node on PATH or in {WHEEL}, but there is none")
    return found


def build(console: Console, _: Sequence[str]) -> None:
    """Build the bundle into the API's package, unless it is there."""
    if not console.is_built and console.build(_node()):
        sys.stdout.write(f"Built the console into {console.bundle.relative_to(ROOT)}\n")


def schema(console: Console, _: Sequence[str]) -> None:
    """Write the API's types anew."""
    node = _node()
    console.install(node)
    target = console.folder / SCHEMA
    target.write_text(_schema_text(console, node), encoding="utf-8")


def check(console: Console, _: Sequence[str]) -> None:
    """Check that the API's types are fresh; types, rules and form of the sources."""
    node = _node()
    console.install(node)
    if (console.folder / SCHEMA).read_text(encoding="utf-8") != _schema_text(console, node):
        sys.exit(f"services/console/{SCHEMA} is stale: run `make console-schema`")
    console.run(node, [console.tool("tsc", "typescript"), "--noEmit"])
    console.run(node, [console.tool("eslint"), "--max-warnings=0"])
    console.run(node, [console.tool("prettier"), "--check", "--log-level=warn", "."])


def test(console: Console, arguments: Sequence[str]) -> None:
    """Run the console's own tests; leaves a JUnit report."""
    node = _node()
    console.install(node)
    report = f"--outputFile.junit={ROOT / REPORT}"
    reporters = ["--reporter=default", "--reporter=junit", report]
    console.run(node, [console.tool("vitest"), "run", *reporters, *arguments])


def format_sources(console: Console, _: Sequence[str]) -> None:
    """Bring the sources into their form, and mend what can be mended."""
    node = _node()
    console.install(node)
    console.run(node, [console.tool("eslint"), "--fix"])
    console.run(node, [console.tool("prettier"), "--write", "--log-level=warn", "."])


def dev(console: Console, arguments: Sequence[str]) -> None:
    """Serve the sources with Vite, beside an API that runs: ``FLOWYARD_SERVER`` says where."""
    node = _node()
    console.install(node)
    console.run(node, [console.tool("vite"), *arguments])


COMMANDS: dict[str, Callable[[Console, Sequence[str]], None]] = {
    "build": build,
    "check": check,
    "dev": dev,
    "format": format_sources,
    "schema": schema,
    "test": test,
}
"""What can be done, by its name on the command line."""


def _schema_text(console: Console, node: Node) -> str:
    document = ROOT / ".cache" / "openapi.json"
    made = document.with_name("schema.d.ts")
    document.parent.mkdir(exist_ok=True)
    document.write_text(openapi_text(without_examples(openapi_document())), encoding="utf-8")
    generator = "generator/node_modules/openapi-typescript/bin/cli.js"
    quietly = {"NO_COLOR": "1"}
    arguments = [generator, str(document), "--output", str(made), "--root-types"]
    with (ROOT / ".cache" / "openapi-typescript.log").open("w", encoding="utf-8") as log:
        console.run(node, arguments, environment=quietly, output=log)
    # A tab for four blanks: a quarter of the file is indentation.
    return _INDENT.sub(lambda blanks: "\t" * (len(blanks[0]) // 4), made.read_text("utf-8"))


def main() -> int:
    """Do what the command line names."""
    name, *arguments = sys.argv[1:] or [""]
    if name not in COMMANDS:
        sys.stderr.write(f"Expected one of {', '.join(COMMANDS)}, but got {name or 'nothing'}\n")
        return 2
    try:
        COMMANDS[name](Console(ROOT), arguments)
    except subprocess.CalledProcessError as error:
        # What failed has said why.
        return error.returncode or 1
    except NoNodeError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
