"""Reading definition files, and saying what is wrong with them."""

from collections.abc import Mapping
from pathlib import Path

from flowyard.contracts.plugin_api import PluginInfo
from flowyard.document import UNCHECKED, Problem, check_document, compile_document, read_document
from flowyard.engine.graph import Graph
from flowyard_cli.errors import UsageError
from flowyard_cli.terminal import JsonObject

MAX_FILE_BYTES = 4 * 1024 * 1024
"""Larger than any definition that a person or a generator writes; keeps a wrong path harmless."""

Plugins = Mapping[tuple[str, str], PluginInfo]
"""Known plugins by name and version."""


def read_file(file: Path, *, most_bytes: int = MAX_FILE_BYTES) -> str:
    """Return a definition file's text.

    Raises
    ------
    UsageError
        Raised if it cannot be read, is too large or is not UTF-8 text.
    """
    try:
        if file.stat().st_size > most_bytes:
            raise UsageError(
                f"Expected {file} to be a definition of at most {most_bytes} bytes,"
                " but it is larger"
            )
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"Expected to read {file}, but: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"Expected {file} to be UTF-8 text, but it is not") from error


def compile_text(text: str, *, plugins: Plugins | None = None) -> tuple[str, Graph]:
    """Return a definition's key and its graph.

    Parameters
    ----------
    plugins
        None leaves plugins, and expressions in their inputs, to the server.

    Raises
    ------
    DocumentError
        Raised with every problem that was found.
    """
    known = UNCHECKED if plugins is None else plugins
    document = read_document(text, plugins=known)
    return document.key, compile_document(document, plugins=known)


def problems_of(text: str, *, plugins: Plugins | None = None) -> tuple[Problem, ...]:
    """Return what is wrong with a definition; empty when nothing is."""
    return check_document(text, plugins=plugins)


def problem_line(file: Path, problem: Problem) -> str:
    """Return a problem as compilers write it: ``file:line:column code message [node]``."""
    place = f"{file}:{problem.line or 1}:{problem.column or 1}"
    node = f" [{problem.node_id}]" if problem.node_id else ""
    return f"{place} {problem.code} {problem.message}{node}"


def problem_object(file: Path, problem: Problem) -> JsonObject:
    """Return a problem as a JSON object."""
    return {
        "file": str(file),
        "line": problem.line,
        "column": problem.column,
        "code": problem.code,
        "message": problem.message,
        "node_id": problem.node_id,
        "path": list(problem.path),
    }
