"""No form of a secret stays in a text, whatever stands around it."""

import base64
import html
import itertools
import json
import re
import shlex
from collections.abc import Callable, Iterator
from urllib.parse import quote, quote_plus

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from flowyard.telemetry import masking
from flowyard.telemetry.encodings import MOST_VIEWS, View, views
from flowyard.telemetry.masking import MASK, Masker

SECRET = "pa\"ss <w\\ord>'s & 100%+ü"  # noqa: S105 - made up
PEM = """-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj
MzEfYyjiWA4R4/M2bS1GB4t7NXp98C3SC6dVMvDuictGeurT8jNbvJZHtCSuYEvu
NMoSfm76oqFvAp8Gy0iz5sxjZmSnXyCdPEovGhLa0VzMaQ8s+CLOyS56YyCFGeJZ
-----END PRIVATE KEY-----
"""


def masker(*secrets: str) -> Masker:
    made = Masker()
    for secret in secrets:
        made.add(secret)
    return made


def wrapped(text: str) -> str:
    return "\n".join(text[at : at + 76] for at in range(0, len(text), 76))


def base64_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def python(text: str) -> str:
    return text.encode("unicode_escape").decode()


def dumped(text: str) -> str:
    return text.encode().hex(" ")


ENCODERS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "percent": lambda text: quote(text, safe=""),
    "percent-in-lower-case": lambda text: re.sub(
        "%..", lambda found: found[0].lower(), quote(text, safe="")
    ),
    "percent-in-a-path": quote,
    "percent-everything": lambda text: "".join(f"%{one:02X}" for one in text.encode()),
    "form": quote_plus,
    "json": json.dumps,
    "json-beyond-ascii": lambda text: json.dumps(text, ensure_ascii=False),
    "json-in-json": lambda text: json.dumps(json.dumps({"a": text})),
    "json-with-slashes": lambda text: json.dumps(text).replace("/", "\\/"),
    "javascript": lambda text: "".join(f"\\u{{{ord(one):x}}}" for one in text),
    "yaml": lambda text: yaml.safe_dump({"a": text}),
    "yaml-in-quotes": lambda text: yaml.safe_dump({"a": text}, default_style='"'),
    "python": python,
    "repr": repr,
    "bytes": lambda text: repr(text.encode()),
    "html": html.escape,
    "html-by-numbers": lambda text: "".join(f"&#{ord(one)};" for one in text),
    "html-by-hexadecimal-numbers": lambda text: "".join(f"&#x{ord(one):X};" for one in text),
    "xml": lambda text: text.encode("ascii", "xmlcharrefreplace").decode(),
    "shell": shlex.quote,
    "shell-by-backslash": lambda text: re.sub(r"([^\w\n])", r"\\\1", text),
    "sql": lambda text: "'" + text.replace("'", "''") + "'",
    "csv": lambda text: '"' + text.replace('"', '""') + '"',
    "base64": base64_of,
    "base64-in-lines": lambda text: wrapped(base64_of(text * 3)),
    "base64-for-addresses": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "basic-auth": lambda text: f"Basic {base64_of(f'user:{text}')}",
    "base64-behind-two": lambda text: base64_of(f"ab{text}cd"),
    "base64-of-json": lambda text: base64_of(json.dumps({"user": "ada", "password": text})),
    "base64-twice": lambda text: base64_of(base64_of(f"x{text}")),
    "base64-in-an-address": lambda text: quote(base64_of(text), safe=""),
    "hexadecimal": lambda text: text.encode().hex(),
    "hexadecimal-in-upper-case": lambda text: text.encode().hex().upper(),
    "dump": dumped,
    "dump-with-colons": lambda text: text.encode().hex(":"),
    "hexadecimal-escapes": lambda text: "".join(f"\\x{one:02x}" for one in text.encode()),
    "octal-escapes": lambda text: "".join(f"\\{one:03o}" for one in text.encode()),
    "percent-in-json": lambda text: json.dumps({"url": "/?q=" + quote(text, safe="")}),
    "json-in-html": lambda text: html.escape(json.dumps(text)),
}
"""Programs write secrets so."""

STAND_APART = {"base64-of-json", "base64-twice"}
"""What is encoded twice in base64 is found where the encoded text begins by itself."""

CHARACTERS = st.characters(min_codepoint=0x20, max_codepoint=0x2FF, exclude_categories=("Cc", "Cs"))
SECRETS = st.text(CHARACTERS, min_size=8, max_size=24).filter(lambda text: text == text.strip())
AROUND = st.text(CHARACTERS, max_size=12)


@pytest.mark.parametrize("name", ENCODERS)
@given(secret=SECRETS, before=AROUND, after=AROUND)
@settings(max_examples=60, deadline=None)
def test_rule_11_no_form_of_a_secret_stays_whatever_stands_around_it(
    name: str, secret: str, before: str, after: str
) -> None:
    form = ENCODERS[name](secret)

    apart = " " if name in STAND_APART else ""
    hidden = masker(secret).mask(f"{before}{apart}{form}{after}")

    assert form not in hidden
    assert MASK in hidden
    assert not masker(secret).is_in(hidden)


@pytest.mark.parametrize("name", ENCODERS)
def test_rule_11_of_a_form_hardly_a_character_stays(name: str) -> None:
    form = ENCODERS[name](SECRET)

    hidden = masker(SECRET).mask(f"<<<{form}>>>")

    kept = hidden.removeprefix("<<<").removesuffix(">>>").replace(MASK, "")
    foreign = {"yaml": 'a: "\n', "yaml-in-quotes": 'a: "\n', "percent-in-json": '{"url": "/?q="}'}
    allowed = foreign.get(name, "Basic {a: }\\\"'b\n&quot;dXNlcjo=")
    assert all(one in allowed for one in kept), kept
    assert len(kept) <= 20, kept


@pytest.mark.parametrize(
    "derived",
    [
        lambda text: f"{text}-suffix",
        str.upper,
        str.lower,
        str.title,
        lambda text: f"https://ada:{text}@example.org/path",
        lambda text: text.replace(" ", ""),
        "\n".join,
        lambda text: base64_of(f"{text}-suffix"),
    ],
)
def test_rule_11_what_holds_the_secret_is_found_however_it_was_derived(
    derived: Callable[[str], str],
) -> None:
    hidden = masker("Correct Horse 7").mask(derived("Correct Horse 7"))

    assert "orse" not in hidden.lower()
    assert MASK in hidden


@pytest.mark.parametrize(
    "derived", [lambda text: text[:8], lambda text: text[::-1], lambda text: text.replace("r", "")]
)
def test_what_no_longer_holds_the_secret_is_not_found(derived: Callable[[str], str]) -> None:
    text = derived("Correct Horse 7")

    assert masker("Correct Horse 7").mask(text) == text


def test_rule_11_lines_of_a_secret_of_several_lines_are_found_by_themselves() -> None:
    made = masker(PEM)

    hidden = "\n".join(made.mask(f"line {at}: {line}") for at, line in enumerate(PEM.splitlines()))

    assert hidden == (
        "line 0: -----BEGIN PRIVATE KEY-----\nline 1: ***\nline 2: ***\nline 3: ***"
        "\nline 4: -----END PRIVATE KEY-----"
    )


@pytest.mark.parametrize(
    "form",
    [
        PEM.replace("\n", ""),
        PEM.replace("\n", "\r\n"),
        PEM.replace("\n", " "),
        PEM.replace("\n", "\n    "),
        json.dumps(PEM),
        wrapped(base64_of(PEM)),
    ],
)
def test_rule_11_a_secret_of_several_lines_is_found_however_its_lines_are_broken(form: str) -> None:
    hidden = masker(PEM).mask(f"key: {form}")

    assert "7VJTUt9Us8cKj" not in hidden
    assert len(hidden) < 120


def test_a_short_secret_is_found_only_where_it_is_the_whole_text() -> None:
    made = masker("abc", "abcd")

    assert made.mask("abc") == MASK
    assert made.mask("an abc-book") == "an abc-book"
    assert made.mask("an abcd-book") == "an ***-book"


def test_a_short_secret_is_found_in_its_own_case_only() -> None:
    assert masker("Pass").mask("Pass the pass") == "*** the pass"


def test_the_longest_of_several_secrets_is_hidden_as_a_whole() -> None:
    assert masker("horse", "correct horse").mask("a correct horse") == "a ***"


def test_outputs_are_searched_in_the_case_that_they_are_written_in() -> None:
    made = masker("Production")

    assert made.is_in("to Production")
    assert not made.is_in("to production")
    assert made.mask("to production") == "to ***"


@given(secret=st.text(CHARACTERS, min_size=4, max_size=40), text=st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_masking_changes_nothing_but_places_of_secrets(secret: str, text: str) -> None:
    made = masker(secret)

    spans = made.spans(text)

    assert all(0 <= begin < end <= len(text) for begin, end in spans)
    assert all(one[1] < other[0] for one, other in itertools.pairwise(spans))
    if not spans:
        assert made.mask(text) == text


@given(text=st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_every_place_of_a_view_leads_back_into_the_text(text: str) -> None:
    for view in views(text):
        places = [(at, at + 1) for at in range(len(view.text))]

        assert all(0 <= begin < end <= len(text) for begin, end in view.back(places))


def test_rule_10_a_text_has_so_many_views_whatever_is_in_it() -> None:
    worst = "%25%5c\\x26&amp;''\"\"'\"'\"'\nQUFBQUFBQUFBQUFBQUFBQQ==" * 50

    found = list(views(worst))

    assert len(found) <= MOST_VIEWS
    assert len(list(views("Uploaded 3 of 8 files to web-1 in 2.5 s"))) == 1


def test_the_work_of_masking_grows_with_the_text_and_not_faster(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[int] = []
    monkeypatch.setattr(masking, "views", lambda text: _counted(text, seen))
    line = 'GET https://example.org/?q=a%20b {"a": "\\u00e4"} &amp; '
    sizes: list[int] = []
    for times in (10, 100):
        masker("not in there").mask(line * times)
        sizes.append(sum(seen))
        seen.clear()

    assert sizes[1] == pytest.approx(10 * sizes[0], rel=0.05)


def _counted(text: str, seen: list[int]) -> Iterator[View]:
    for view in views(text):
        seen.append(len(view.text))
        yield view
