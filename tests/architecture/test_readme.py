import re

import httpx
import pytest

from flowyard.document import compile_document, read_document
from flowyard_plugin_gateway.built_in import built_in_plugins
from flowyard_plugin_gateway.registry import PluginRegistry
from tests.support.project import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
CONSOLE_EXAMPLES = "services/console/src/shared/newTemplate/examples"
"""What the console offers a new template to begin with."""

EXAMPLES = {
    f"{folder}/{path.stem}": path.read_text(encoding="utf-8")
    for folder in ("examples", CONSOLE_EXAMPLES)
    for path in sorted((ROOT / folder).glob("*.yaml"))
}


async def _check(source: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        infos = PluginRegistry(built_in_plugins(client)).infos()
    plugins = {(info.name, info.version): info for info in infos}
    compile_document(read_document(source), plugins=plugins)


async def test_the_flow_in_the_readme_is_a_valid_one() -> None:
    (source,) = re.findall(r"^```yaml\n(.*?)^```", README, re.MULTILINE | re.DOTALL)

    await _check(source)


@pytest.mark.parametrize("example", EXAMPLES)
async def test_every_example_is_a_valid_flow(example: str) -> None:
    await _check(EXAMPLES[example])


def test_the_console_has_examples() -> None:
    assert [name for name in EXAMPLES if name.startswith(CONSOLE_EXAMPLES)]


def test_every_example_that_the_readme_runs_is_there() -> None:
    named = set(re.findall(r"examples/[\w-]+\.yaml", README))

    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []
