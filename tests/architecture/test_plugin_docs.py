from pathlib import Path

from flowyard_plugin_gateway.documentation import render

PAGE = Path(__file__).parents[2] / "docs" / "plugins.md"


def test_the_page_about_plugins_says_what_their_schemas_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), (
        "run: python -m flowyard_plugin_gateway.documentation > docs/plugins.md"
    )
