import re
from collections import Counter
from pathlib import Path

import pytest

from flowyard.engine.lifecycle import (
    INSTANCE_TRANSITIONS,
    NODE_TRANSITIONS,
    InstanceStatus,
    NodeStatus,
)
from tests.support.project import ROOT, relative
from tools.docs_decisions import decision_pages, title_of
from tools.docs_states import states_page
from tools.generate_docs import PAGES, stale_pages

SERVICES = [path for path in sorted((ROOT / "services").iterdir()) if path.is_dir()]
ASPECTS = ("reads from", "writes to", "scales by", "fails")
LINK = re.compile(r"\]\((?!https?:|#|mailto:)(?P<target>[^)#\s]+)")


def test_generated_pages_say_what_the_code_says() -> None:
    assert stale_pages() == []


def test_every_generated_page_names_what_makes_it() -> None:
    for name in PAGES:
        assert re.search(r"made (by|from)", (ROOT / name).read_text(encoding="utf-8")), name


def test_every_status_and_every_transition_is_drawn() -> None:
    page = states_page()

    for table in (NODE_TRANSITIONS, INSTANCE_TRANSITIONS):
        for before, followers in table.items():
            for after in followers:
                assert f"    {before} --> {after}\n" in page
    for status in (*NodeStatus, *InstanceStatus):
        assert f"| `{status}` |" in page


@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.name)
def test_every_service_says_what_it_reads_writes_scales_by_and_how_it_fails(
    service: Path,
) -> None:
    readme = service / "README.md"

    words = readme.read_text(encoding="utf-8").lower()

    for aspect in ASPECTS:
        assert aspect in words, f"{relative(readme)} does not say what it {aspect}"


def test_every_decision_has_a_number_of_its_own() -> None:
    numbers = Counter(path.name[:4] for path in decision_pages())

    assert [number for number, count in numbers.items() if count > 1] == []
    assert all(re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", path.name) for path in decision_pages())


def test_every_decision_is_titled_with_its_number() -> None:
    for path in decision_pages():
        assert title_of(path).startswith(f"{path.name[:4]}: ")


def test_the_licence_is_the_full_text_of_apache_2() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")

    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


@pytest.mark.parametrize(
    "page",
    sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").rglob("*.md")]),
    ids=relative,
)
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    missing = [
        match["target"]
        for match in LINK.finditer(text)
        if not (page.parent / match["target"]).exists()
    ]

    assert missing == []


def test_every_make_target_that_a_page_names_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))

    for name in ("README.md", "CONTRIBUTING.md", "deploy/README.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        named = set(re.findall(r"^(?:\$ )?make ([a-z-]+)", text, re.MULTILINE))
        named |= set(re.findall(r"`make ([a-z-]+)", text))
        assert named <= targets, name
