import re
import sys
from pathlib import Path
from types import ModuleType

from flowyard.contracts.plugin_api import MAX_OUTPUT_BYTES
from flowyard_plugin_gateway.documentation import GUIDE, render
from flowyard_plugin_gateway.log_bounds import MAX_BYTES, MAX_LINE_CHARACTERS, MAX_LINES

PAGE = Path(__file__).parents[2] / "docs" / "plugins.md"


def test_the_page_about_plugins_says_what_their_schemas_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), "run: make docs"


def test_the_plugin_that_the_guide_shows_passes_the_tests_that_it_shows() -> None:
    shown = ModuleType("shown")
    sys.modules[shown.__name__] = shown  # pydantic looks up annotations there
    for code in re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL):
        exec(code, vars(shown))  # noqa: S102 - the project's own text
    tests = {name: test for name, test in vars(shown).items() if name.startswith("test_")}

    for test in tests.values():
        test()

    assert len(tests) == 2


def test_the_guide_names_the_bounds_that_hold() -> None:
    text = " ".join(GUIDE.read_text(encoding="utf-8").split())

    assert f"cut at {MAX_LINE_CHARACTERS:,} characters" in text
    assert f"keeps {MAX_LINES:,} lines and {MAX_BYTES // 2**20} MiB" in text
    assert f"at most {MAX_OUTPUT_BYTES // 2**10} KiB" in text
