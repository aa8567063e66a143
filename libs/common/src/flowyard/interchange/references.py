"""``${...}`` of bk-sops in our expression language, where that can read it.

What bk-sops itself cannot render it leaves as it is, without a word; so does a translation, with
a warning: the ``${...}`` of a shell, and names that no variable has.
"""

import ast
import builtins
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from flowyard.document.patterns import VARIABLE_NAME
from flowyard.engine.boolrule.rendering import REFERENCE
from flowyard.engine.expressions import check_expression, names_in
from flowyard.engine.graph import JsonValue
from flowyard.engine.scope import SYSTEM_NAMES as OUR_NAMES
from flowyard.interchange.diagnostics import Findings

SYSTEM_NAMES: Mapping[str, str] = {
    "_system.task_name": "instance.name",
    "_system.task_id": "instance.id",
    "_system.task_start_time": "instance.started_at",
    "_system.task_url": "instance.url",
    "_system.operator": "instance.actor",
    "_system.executor": "instance.actor",
    "_system.project_name": "instance.project",
}
"""System variables of bk-sops that ours know too."""

PROJECT_PREFIX = "_env_"
"""Begins the names of a project's variables in bk-sops."""

LITERAL_DOLLAR = r"${'\x24'}"
"""Stands for a dollar sign in a condition, so that what follows it is no reference."""

_MODULES = frozenset({"datetime", "re", "hashlib", "random", "time", "os", "json", "math"})
"""What the expressions of bk-sops may use besides variables."""

_QUOTED_OR_NAME = re.compile(
    r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|(?<![\w.])_system\.[a-z_]+|(?<![\w.])[^\W\d]\w*"
)


class Outcome(Enum):
    """What becomes of one ``${...}``."""

    READ = auto()
    TEXT = auto()
    """bk-sops leaves it as it is."""
    UNREADABLE = auto()
    """bk-sops may be able to read it; we are not."""


@dataclass(frozen=True, slots=True)
class Translation:
    """What becomes of one ``${...}``."""

    outcome: Outcome
    expression: str = ""
    """Of ours, without ``${}``."""


class References:
    """Translates expressions of one flow.

    Parameters
    ----------
    names
        Our names of variables, by those in the file.
    derived
        Names that take the place of variables in expressions, by those in the file.
    """

    def __init__(self, names: Mapping[str, str], derived: Mapping[str, str] | None = None) -> None:
        self._names = {**names, **(derived or {})}
        self._known = frozenset(self._names.values()).union(OUR_NAMES)

    def translation(self, text: str) -> Translation:
        """Return what becomes of one expression, given without ``${}``."""
        translated = _QUOTED_OR_NAME.sub(self._name, text.strip())
        if re.search(rf"(?<![\w.])(_system\.|{PROJECT_PREFIX})", translated):
            return Translation(Outcome.UNREADABLE)
        if check_expression(translated):
            is_left = self._is_left_by_bk_sops(text.strip())
            return Translation(Outcome.TEXT if is_left else Outcome.UNREADABLE)
        if names_in(f"${{{translated}}}") - self._known:
            return Translation(Outcome.TEXT)
        return Translation(Outcome.READ, translated)

    def _name(self, match: re.Match[str]) -> str:
        word = match[0]
        if word in SYSTEM_NAMES:
            return SYSTEM_NAMES[word]
        if word in self._names:
            return self._names[word]
        own = word.removeprefix(PROJECT_PREFIX)
        if own != word and VARIABLE_NAME.fullmatch(own):
            return f"project.{own}"
        # A name of ours that is none of theirs would gain a meaning that it never had.
        return f"_{word}" if word in OUR_NAMES else word

    def _is_left_by_bk_sops(self, text: str) -> bool:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(text, mode="eval")
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            return True
        words = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
        bound = {word.id for word in words if isinstance(word.ctx, ast.Store)}
        free = {word.id for word in words} - bound - _MODULES - self._names.keys()
        return any(not hasattr(builtins, word) for word in free)

    def value(self, value: JsonValue, findings: Findings) -> JsonValue:
        """Return a value with the expressions in its texts translated.

        What our language cannot read stays as text, and is an error.
        """
        match value:
            case str():
                return self._text(value, findings)
            case list():
                return [self.value(item, findings.about(index)) for index, item in enumerate(value)]
            case dict():
                return {
                    safe_key(key, findings): self.value(item, findings.about(key))
                    for key, item in value.items()
                }
            case _:
                return value

    def _text(self, text: str, findings: Findings) -> str:
        pieces: list[str] = []
        place = 0
        for match in REFERENCE.finditer(text):
            before = text[place : match.start()].replace("${", "$${")
            # A dollar sign before an expression would take its meaning away.
            pieces.append(f'{before[:-1]}${{"$"}}' if before.endswith("$") else before)
            pieces.append(self._marked(match, findings))
            place = match.end()
        pieces.append(text[place:].replace("${", "$${"))
        return "".join(pieces)

    def _marked(self, match: re.Match[str], findings: Findings) -> str:
        found = self.translation(match[1])
        if found.outcome is Outcome.READ:
            if found.expression != match[1].strip():
                findings.note(
                    "expression_rewritten", f"{match[0]} is written ${{{found.expression}}} here"
                )
            return f"${{{found.expression}}}"
        if found.outcome is Outcome.TEXT:
            report_text(match[0], findings)
        else:
            report_unreadable(match[0], findings)
        return f"${match[0]}"


def report_text(reference: str, findings: Findings) -> None:
    """Say that something that looks like an expression is none, there and here."""
    findings.warning(
        "reference_kept",
        f"{reference} stays as text, as it does in bk-sops: no variable has that name",
    )


def report_unreadable(reference: str, findings: Findings) -> None:
    """Say that an expression cannot be read here."""
    findings.error(
        "unreadable_expression",
        f"Expected an expression that can be read here, but {reference} is none; it stays as text",
        "Write it in the expression language of Flowyard, or as a variable of the project.",
    )


def literal(value: JsonValue, findings: Findings) -> JsonValue:
    """Return a value whose ``${`` mean nothing, for a place where they would."""
    match value:
        case str():
            return value.replace("${", "$${")
        case list():
            return [literal(item, findings) for item in value]
        case dict():
            return {safe_key(key, findings): literal(item, findings) for key, item in value.items()}
        case _:
            return value


def without_escapes(value: JsonValue) -> JsonValue:
    """Return a value for a place where ``${`` means nothing, and needs no second dollar sign."""
    match value:
        case str():
            return value.replace("$${", "${")
        case list():
            return [without_escapes(item) for item in value]
        case dict():
            return {key: without_escapes(item) for key, item in value.items()}
        case _:
            return value


def has_references(value: JsonValue) -> bool:
    """Tell whether a translated value holds an expression."""
    match value:
        case str():
            return "${" in value.replace("$${", "")
        case list():
            return any(has_references(item) for item in value)
        case dict():
            return any(has_references(item) for item in value.values())
        case _:
            return False


def safe_key(key: str, findings: Findings) -> str:
    """Return a key that is not reserved: those that begin with a dollar sign name secrets."""
    if not key.startswith("$"):
        return key
    findings.error("reserved_key", f"Expected a key without a leading $, but it is {key}")
    return key.lstrip("$") or "_"
