"""Texts of files as plain values: JSON, several YAML documents, or base64 of JSON."""

import base64
import hashlib
import json
import re

import orjson
import yaml

from flowyard.engine.graph import JsonValue
from flowyard.interchange.diagnostics import Findings, InterchangeError
from flowyard.interchange.part import MAX_DEPTH, MAX_VALUES, Part, plain

MAX_CHARS = 16 * 1024 * 1024
"""Largest file: exports hold all flows of a project."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SIXTIES = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9]){20}", re.ASCII)
"""Begins what YAML 1.1 takes for a number to the base 60, and PyYAML reads in quadratic time."""

_TAGS = re.compile(r"(?:\A|[\n\r])%TAG", re.ASCII)
"""Declares tags; libyaml compares each declaration with all others."""

_BASE64 = re.compile(r"[A-Za-z0-9+/=\s_-]+", re.ASCII)


class _Loader(_LOADER):  # type: ignore[misc,valid-type]
    """Dates stay texts."""

    yaml_implicit_resolvers = {  # noqa: RUF012  # PyYAML's own attribute
        sign: [rule for rule in rules if rule[0] != "tag:yaml.org,2002:timestamp"]
        for sign, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def load(text: str, findings: Findings) -> list[JsonValue]:
    """Return the documents of a file.

    Raises
    ------
    InterchangeError
        Raised if it is neither JSON nor YAML nor base64 of JSON.
    """
    if len(text) > MAX_CHARS:
        raise InterchangeError(f"Expected at most {MAX_CHARS} characters")
    text = text.removeprefix("\ufeff").strip()
    if text[:1] in ("{", "["):
        return [_json(text)]
    if text and _BASE64.fullmatch(text) and ":" not in text:
        return [_sealed(text, findings)]
    return _yaml(text)


def _json(text: str) -> JsonValue:
    try:
        return plain(orjson.loads(text.encode()))
    except (orjson.JSONDecodeError, UnicodeEncodeError) as error:
        raise InterchangeError(f"Expected JSON, but {error}") from error


def _sealed(text: str, findings: Findings) -> JsonValue:
    try:
        decoded = base64.b64decode(text.translate(str.maketrans("-_", "+/"))).decode()
    except ValueError as error:
        raise InterchangeError(f"Expected base64 of JSON, but {error}") from error
    value = _json(decoded)
    part = Part(value, findings)
    if "template_data" in part:
        _check_digest(part)
    return value


def _check_digest(part: Part) -> None:
    digest = part.get("digest")
    # The salt is no secret, so a digest that fits tells of a whole file, not of who wrote it.
    content = json.dumps(part.get("template_data").value, sort_keys=True)
    plain_digest = hashlib.md5(content.encode(), usedforsecurity=False).hexdigest()
    if not digest.text():
        digest.findings.warning(
            "missing_digest", "Expected a digest beside the flows, but there is none"
        )
    elif digest.text() != plain_digest:
        digest.findings.note(
            "unchecked_digest",
            "The digest was not checked: it was made with a salt of the system that exported it",
        )


def _yaml(text: str) -> list[JsonValue]:
    if _TAGS.search(text):
        raise InterchangeError("Expected YAML without declarations of tags")
    try:
        _check_extent(text)
        documents = [plain(value) for value in yaml.load_all(text, Loader=_Loader)]
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InterchangeError(f"Expected YAML, but {error}") from error
    except (LookupError, AttributeError, TypeError, OverflowError) as error:
        # What PyYAML lets out at an explicit tag whose text does not fit it.
        raise InterchangeError("Expected YAML, but a value does not fit its tag") from error
    return [document for document in documents if document is not None]


def _check_extent(text: str) -> None:
    """Refuse what the parser could not hold, or would need an age for.

    Every alias counts with all that it stands for: merging copies it.
    """
    open_sizes: list[tuple[int, str | None]] = []
    sizes: dict[str, int] = {}
    count = 0
    for event in yaml.parse(text, Loader=_Loader):
        match event:
            case yaml.CollectionStartEvent():
                open_sizes.append((count, event.anchor))
                count += 1
            case yaml.CollectionEndEvent():
                begun, anchor = open_sizes.pop()
                if anchor:
                    sizes[anchor] = count - begun
            case yaml.AliasEvent():
                count += sizes.get(event.anchor or "", 1)
            case yaml.ScalarEvent():
                count += 1
                if event.implicit[0] and _SIXTIES.match(event.value):
                    raise InterchangeError("Expected numbers of a usual length")
            case _:
                pass
        if len(open_sizes) > MAX_DEPTH:
            raise InterchangeError(f"Expected at most {MAX_DEPTH} nested lists and objects")
        if count > MAX_VALUES:
            raise InterchangeError(f"Expected at most {MAX_VALUES} values")
