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
DELETING = (
    "Nothing can be started, drawn or published of it any more."
    " Versions and instances stay readable, and it can be brought back."
)


@dataclass(frozen=True)
class Screen:
    """A screen, or something that has been opened on it."""

    route: str
    """As the console's router has it."""
    path: str
    """May hold the ids of :class:`Story`."""
    shown: str
    """Stands there once all has come, and has opened: a name, or a text in English."""
    presses: tuple[str, ...] = ()
    """What is pressed on it, one after the other: names of buttons, items and tabs in English."""

    @property
    def name(self) -> str:
        return " > ".join((self.path, *self.presses))


SCREENS = (
    Screen("/sign-in", "/sign-in", "Token"),
    Screen("/projects", "/projects", "There is no project yet"),
    Screen("/projects/$project/", HERE, "this one failed"),
    Screen("/projects/$project/instances", f"{HERE}/instances", "everything fine"),
    Screen(
        "/projects/$project/instances/archived",
        f"{HERE}/instances/archived",
        "Nothing is archived",
    ),
    Screen("/instances/$instance", "/instances/{failed}?node=break", "The disk is full"),
    Screen("/instances/$instance", "/instances/{failed}?tab=nodes", "The disk is full"),
    Screen("/instances/$instance", "/instances/{failed}?tab=timeline", "break"),
    Screen("/instances/$instance", "/instances/{failed}?tab=variables", "Outputs"),
    Screen("/instances/$instance", "/instances/{failed}?tab=history", "The disk is full"),
    Screen(
        "/instances/$instance/approvals/$node", "/instances/{asking}/approvals/ask", "May we go on?"
    ),
    Screen("/projects/$project/templates", f"{HERE}/templates", "Fails at once"),
    Screen("/projects/$project/templates/$template", TEMPLATE, "everything fine"),
    Screen("/projects/$project/templates/$template/start", f"{TEMPLATE}/start", "Who is greeted"),
    Screen(
        "/projects/$project/templates/$template/edit",
        f"{TEMPLATE}/edit",
        "Put the greeting together",
    ),
    Screen("/projects/$project/templates/import", f"{HERE}/templates/import", "Choose files"),
    Screen("/projects/$project/waiting", f"{HERE}/waiting", "asks somebody"),
    Screen("/projects/$project/plugins", f"{HERE}/plugins", "http_request"),
    Screen(
        "/projects/$project/plugins/$name/$version",
        f"{HERE}/plugins/http_request/1.0",
        "Pinned to",
    ),
    *(
        Screen("/projects/$project/settings", f"{HERE}/settings?tab={tab}", shown)
        for tab, shown in (
            ("variables", "No variables yet"),
            ("secrets", "flowyard_token"),
            ("components", "No rules of its own"),
            ("sharing", "Fails at once"),
            ("webhooks", "No webhooks yet"),
            ("retention", "No archives yet"),
            ("queues", "How much waits for workers, as schedulers told about a second ago."),
            ("access", "How others come in"),
        )
    ),
)
"""Every screen, those with tabs once for each."""

OPENED = (
    Screen(
        "/projects/$project/instances",
        f"{HERE}/instances",
        "None yet. Narrow the list, then save what you see.",
        ("Saved filters",),
    ),
    Screen(
        "/instances/$instance",
        "/instances/{failed}?node=break",
        "A further attempt begins, with these inputs.",
        ("Retry",),
    ),
    Screen(
        "/instances/$instance",
        "/instances/{failed}?node=break",
        "This cannot be undone. It is passed over and yields no outputs.",
        ("Skip",),
    ),
    Screen(
        "/projects/$project/templates", f"{HERE}/templates", "Create and draw", ("New template",)
    ),
    Screen(
        "/projects/$project/templates/$template",
        TEMPLATE,
        "About this template",
        ("More", "Title, category, labels"),
    ),
    Screen(
        "/projects/$project/templates/$template",
        TEMPLATE,
        "It can be listed, started and used in",
        ("More", "Who sees it"),
    ),
    Screen("/projects/$project/templates/$template", TEMPLATE, DELETING, ("More", "Delete")),
    Screen(
        "/projects/$project/templates/$template/start",
        f"{TEMPLATE}/start",
        "Start the dry run",
        ("Dry run",),
    ),
    Screen(
        "/projects/$project/templates/$template/edit",
        f"{TEMPLATE}/edit",
        "What is new in this version",
        ("Publish",),
    ),
    Screen(
        "/projects/$project/templates/$template/edit", f"{TEMPLATE}/edit", "latest", ("Versions",)
    ),
    Screen(
        "/projects/$project/templates/$template/edit",
        # Outputs of a flow that wanted results would fail without any, in the API's own words.
        f"{HERE}/templates/fails/edit",
        "Trial of a draft",
        ("Test run",),
    ),
    Screen(
        "/projects/$project/settings",
        f"{HERE}/settings?tab=variables",
        "Description",
        ("New variable",),
    ),
    Screen(
        "/projects/$project/settings",
        f"{HERE}/settings?tab=webhooks",
        "Somebody is asked",
        ("New webhook",),
    ),
    Screen(
        "/projects/$project/settings",
        f"{HERE}/settings?tab=retention",
        "What is deleted is gone for good: no archive keeps it.",
        ("Change", "Delete it"),
    ),
    Screen("/projects/$project/", HERE, "Go home", ("Keyboard shortcuts",)),
    Screen("/projects/$project/", HERE, "Sign out", ("Account",)),
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
        said = _said(name, language)
        wanted = page.get_by_role("tab", name=said)
        for role in ("button", "menuitem", "radio"):
            wanted = wanted.or_(page.get_by_role(role, name=said))
        await wanted.first.click()
    # Before anything has been asked for, nothing is under way either.
    shown = page.get_by_text(_said(screen.shown, language))
    await expect(shown.filter(visible=True).first).to_be_visible()
    await _come(page)


def _said(text: str, language: str) -> re.Pattern[str]:
    """Return what stands for a name or a text in English, and for nothing longer."""
    ways = TRANSLATED.get(text) if language == "zh" else None
    return re.compile(f"^({re.escape(text) if ways is None else ways})$")


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
