"""Every screen of the console with something on it, and what opens on it, in either language."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from playwright.async_api import Page, expect

from tests.browser import flows
from tests.browser.console import DECISION, FAILURE, PROJECT, Backstage, Console
from tests.support.project import ROOT

CONSOLE = ROOT / "services" / "console" / "src"
HERE = f"/projects/{PROJECT}"
TEMPLATE = f"{HERE}/templates/hello"


@dataclass(frozen=True)
class Screen:
    """A screen, or something that has been opened on it."""

    route: str
    """As the console's router has it."""
    path: str
    """May hold the ids of :class:`Story`."""
    presses: tuple[str, ...] = ()
    """What is pressed on it, one after the other: names of buttons, items and tabs in English."""

    @property
    def name(self) -> str:
        return " > ".join((self.path, *self.presses))


SCREENS = (
    Screen("/sign-in", "/sign-in"),
    Screen("/projects", "/projects"),
    Screen("/projects/$project/", HERE),
    Screen("/projects/$project/instances", f"{HERE}/instances"),
    Screen("/instances/$instance", "/instances/{failed}?node=break"),
    Screen("/instances/$instance", "/instances/{failed}?tab=nodes"),
    Screen("/instances/$instance", "/instances/{failed}?tab=timeline"),
    Screen("/instances/$instance", "/instances/{failed}?tab=variables"),
    Screen("/instances/$instance", "/instances/{failed}?tab=history"),
    Screen("/instances/$instance/approvals/$node", "/instances/{asking}/approvals/ask"),
    Screen("/projects/$project/templates", f"{HERE}/templates"),
    Screen("/projects/$project/templates/$template", TEMPLATE),
    Screen("/projects/$project/templates/$template/start", f"{TEMPLATE}/start"),
    Screen("/projects/$project/templates/$template/edit", f"{TEMPLATE}/edit"),
    Screen("/projects/$project/templates/import", f"{HERE}/templates/import"),
    Screen("/projects/$project/waiting", f"{HERE}/waiting"),
    Screen("/projects/$project/plugins", f"{HERE}/plugins"),
    Screen("/projects/$project/plugins/$name/$version", f"{HERE}/plugins/http_request/1.0"),
    *(
        Screen("/projects/$project/settings", f"{HERE}/settings?tab={tab}")
        for tab in ("variables", "secrets", "components", "sharing", "queues", "access")
    ),
)
"""Every screen, those with tabs once for each."""

OPENED = (
    Screen("/projects/$project/instances", f"{HERE}/instances", ("Saved filters",)),
    Screen("/instances/$instance", "/instances/{failed}?node=break", ("Retry",)),
    Screen("/instances/$instance", "/instances/{failed}?node=break", ("Skip",)),
    Screen("/projects/$project/templates", f"{HERE}/templates", ("New template",)),
    Screen("/projects/$project/templates/$template", TEMPLATE, ("More", "Title, category, labels")),
    Screen("/projects/$project/templates/$template", TEMPLATE, ("More", "Who sees it")),
    Screen("/projects/$project/templates/$template", TEMPLATE, ("More", "Delete")),
    Screen("/projects/$project/templates/$template/start", f"{TEMPLATE}/start", ("Dry run",)),
    Screen("/projects/$project/templates/$template/edit", f"{TEMPLATE}/edit", ("Publish",)),
    Screen("/projects/$project/templates/$template/edit", f"{TEMPLATE}/edit", ("Versions",)),
    Screen("/projects/$project/templates/$template/edit", f"{TEMPLATE}/edit", ("Test run",)),
    Screen("/projects/$project/settings", f"{HERE}/settings?tab=variables", ("New variable",)),
    Screen("/projects/$project/", HERE, ("Keyboard shortcuts",)),
    Screen("/projects/$project/", HERE, ("Account",)),
)
"""Dialogs, menus and sides that a screen opens."""


@dataclass(frozen=True)
class Story:
    """What has happened before somebody looks."""

    failed: str
    asking: str


async def tell_story(backstage: Backstage) -> Story:
    """Let one instance succeed, one fail, and one ask somebody."""
    await backstage.publish(FAILURE)
    await backstage.publish(DECISION)
    await backstage.publish(flows.CALL)
    await backstage.start("everything fine", labels={"team": "shop"})
    return Story(
        failed=await backstage.start("this one failed", "fails"),
        asking=await backstage.start("asks somebody", "ask-first"),
    )


async def show(console: Console, screen: Screen, story: Story, language: str = "en") -> None:
    """Open a screen, wait until everything on it has come, and open what it opens."""
    page = console.page
    await console.open(screen.path.format(failed=story.failed, asking=story.asking))
    await expect(page.get_by_role("heading", level=1).first).to_be_visible()
    await _come(page)
    for name in screen.presses:
        said = name if language == "en" else re.compile(f"^({TRANSLATED[name]})$")
        exact = language == "en"
        wanted = page.get_by_role("tab", name=said, exact=exact)
        for role in ("button", "menuitem"):
            wanted = wanted.or_(page.get_by_role(role, name=said, exact=exact))
        await wanted.first.click()
        await _come(page)


async def _come(page: Page) -> None:
    """Wait until nothing is under way, neither from the API nor into its place."""
    await expect(page.locator("[aria-busy=true], .mantine-Skeleton-root")).to_have_count(0)
    # A canvas has English words of its own until it has been given others.
    await expect(page.get_by_role("button", name="Zoom In", exact=True)).to_have_count(0)


def _texts(value: Mapping[str, object], before: str = "") -> Iterator[tuple[str, str]]:
    for name, inner in value.items():
        if isinstance(inner, str):
            yield before + name, inner
        elif isinstance(inner, dict):
            yield from _texts(inner, f"{before}{name}.")


def _translations() -> dict[str, str]:
    """Return what every English text may be in Chinese, for a pattern, keyed by the English."""
    found = defaultdict[str, set[str]](set)
    for path in CONSOLE.rglob("locales/en.json"):
        chinese = dict(_texts(json.loads(path.with_name("zh.json").read_text(encoding="utf-8"))))
        for name, text in _texts(json.loads(path.read_text(encoding="utf-8"))):
            found[text].add(re.escape(chinese.get(name, text)))
    return {text: "|".join(sorted(ways)) for text, ways in found.items()}


TRANSLATED = _translations()


def routes() -> set[str]:
    """Return every address of the console's router that has a screen."""
    source = (CONSOLE / "app" / "router.tsx").read_text(encoding="utf-8")
    found: dict[str, str] = {"root": "", "inside": ""}
    screens = set()
    for name, body in re.findall(r"const (\w+) = createRoute\(\{(.*?)\n\}\);", source, re.DOTALL):
        parent = re.search(r"getParentRoute: \(\) => (\w+)", body)
        path = re.search(r'path: "([^"]*)"', body)
        assert parent is not None
        found[name] = found[parent.group(1)] + (path.group(1) if path else "")
        if "component: page(" in body:
            screens.add(found[name])
    return screens
