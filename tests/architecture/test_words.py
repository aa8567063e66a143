import ast
import json
import re
from pathlib import Path

import pytest

from tests.support.project import ROOT, modules, relative, written_files
from tools.large_files import LARGEST_KILOBYTES, large_files

VAGUE_WORDS = {"util", "utils", "helper", "helpers", "manager", "common", "base", "job", "task"}
"""Words that say nothing about what a thing does, or that mean something else in Flowyard."""

SOMEBODYS_FOLDER = re.compile(r"(?<![\w./:@-])/(home|root|Users|work|mnt)/[\w.-]")
UNOWNED_REMINDER = re.compile(r"\b(FIXME|XXX|HACK)\b|\bTODO(?!\([\w#-]+\))")
MOCKS = re.compile(r"unittest\.mock|MagicMock|mocker\.")
REGISTRY_ADDRESS = re.compile(r"https?://|--(extra-)?index-url|--find-links")
THIS_FILE = Path(__file__)
TEXT_SUFFIXES = {
    ".cfg", ".css", ".html", ".js", ".json", ".mako", ".md", ".py", ".sh", ".sql", ".toml",
    ".ts", ".tsx", ".txt", ".xml", ".yaml", ".yml", "",
}  # fmt: skip


def _texts() -> dict[str, str]:
    return {
        relative(path): path.read_text(encoding="utf-8")
        for path in written_files()
        if path.suffix in TEXT_SUFFIXES and path != THIS_FILE
    }


def _words(name: str) -> set[str]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return {word.lower() for word in spaced.split("_")}


def _lines_with(pattern: re.Pattern[str], texts: dict[str, str]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()}"
        for name, text in texts.items()
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]


def test_no_module_and_no_package_has_a_vague_name() -> None:
    vague = {
        relative(module)
        for module in modules("libs", "services", "tools", "tests")
        for part in (module.stem, module.parent.name)
        if _words(part) & VAGUE_WORDS and "site-packages" not in module.parts
    }

    assert vague == set()


def test_no_class_has_a_vague_name() -> None:
    vague = {
        f"{relative(module)}::{node.name}"
        for module in modules("libs", "services", "tools", "tests")
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and _words(node.name) & VAGUE_WORDS
    }

    assert vague == set()


def test_no_file_names_a_folder_of_somebodys_machine() -> None:
    assert _lines_with(SOMEBODYS_FOLDER, _texts()) == []


def test_no_reminder_is_without_an_owner() -> None:
    texts = {name: text for name, text in _texts().items() if not name.endswith(".toml")}

    assert _lines_with(UNOWNED_REMINDER, texts) == []


def test_no_test_uses_a_mock() -> None:
    texts = {name: text for name, text in _texts().items() if name.endswith(".py")}

    assert _lines_with(MOCKS, texts) == []


@pytest.mark.parametrize("lock", ["constraints.txt"])
def test_no_lock_names_the_address_of_a_registry(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")

    assert REGISTRY_ADDRESS.search(text) is None


def test_the_lock_of_the_console_names_no_place_that_packages_come_from() -> None:
    lock = json.loads((ROOT / "services/console/package-lock.json").read_text(encoding="utf-8"))

    assert [name for name, one in lock["packages"].items() if ":" in one.get("resolved", "")] == []


def test_every_requirement_is_locked_to_one_version() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = [line for line in lines if line and not line.startswith("#")]

    assert [line for line in pinned if not re.match(r"[a-z0-9-]+==[\w.]+( ;|$)", line)] == []


def test_no_file_is_too_large() -> None:
    assert large_files(list(written_files())) == [], f"more than {LARGEST_KILOBYTES} KB"
