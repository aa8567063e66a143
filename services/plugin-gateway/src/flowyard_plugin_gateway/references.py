"""References to secrets: found, resolved, and kept from coming out again.

``{"$secret": name}`` stands for a secret of the project, ``{"$sealed": token}``
for an output that was declared secret, ``{"$concat": [...]}`` for text around
such references. What was opened for a step is remembered for that step, so that
whatever it gives back can be searched for it.
"""

from collections.abc import Mapping
from typing import Any, cast
from weakref import WeakValueDictionary

import orjson
from pydantic import JsonValue

from flowyard.errors import PermanentError
from flowyard.storage.sealing import Sealer, UnsealableError
from flowyard.telemetry.masking import SHORTEST_SEARCHED, Masker, SecretForms

SECRET = "$secret"  # noqa: S105 - the name of a key, not a password
"""Key of a reference to a secret of the project."""

SEALED = "$sealed"
"""Key of a value that was sealed."""

CONCAT = "$concat"
"""Key of text made of parts, of which some are references."""

SHORTEST_NUMBER = 8
"""Digits of a secret number that is also searched for in text: fewer are a year or a port."""

MAX_RESOLVED_CHARACTERS = 4 * 1024 * 1024
"""How much text the references of one step may stand for; many may stand for one long secret."""


class InvalidReferenceError(PermanentError):
    """Raised when a reference is malformed or cannot be opened."""

    code = "invalid_reference"


class ReservedKeyError(PermanentError):
    """Raised when a key begins with ``$`` and is no reference."""

    code = "reserved_key"


class UnknownSecretError(PermanentError):
    """Raised when a project has no secret of that name."""

    code = "unknown_secret"

    def __init__(self, name: str) -> None:
        super().__init__(f"Expected a secret {name} in the project, but there is none.")
        self.name = name


def sealed(sealer: Sealer, value: object) -> dict[str, JsonValue]:
    """Return a value as a reference that only a gateway can open."""
    return {SEALED: sealer.seal(value)}


def secret_names(value: Any) -> set[str]:
    """Return the names of the secrets that a value refers to."""
    if isinstance(value, dict):
        name = value.get(SECRET)
        if isinstance(name, str) and len(value) == 1:
            return {name}
        return set().union(*(secret_names(item) for item in value.values()))
    if isinstance(value, list):
        return set().union(*(secret_names(item) for item in value))
    return set()


class KnownSecrets:
    """The secrets that are open in this process, for as long as a step holds them.

    What a library logs from a thread of its own belongs to no step: all of them are
    taken out of that.
    """

    def __init__(self) -> None:
        self._forms: WeakValueDictionary[str, SecretForms] = WeakValueDictionary()

    def forms(self, text: str) -> SecretForms:
        """Return the forms of a secret, which are made once for all steps that hold it."""
        found = self._forms.get(text)
        if found is None:
            found = self._forms[text] = SecretForms(text)
        return found

    def mask(self, text: str) -> str:
        """Return text without any of the secrets; from any thread."""
        masker = Masker()
        # A list made in one step of the interpreter, unlike items(): others may add meanwhile.
        for reference in self._forms.valuerefs():
            forms = reference()
            if forms is not None:
                masker.add(reference.key, forms)
        return masker.mask(text)


class Disclosed:
    """The secrets that were opened for one step."""

    __slots__ = ("_numbers", "known", "masker")

    def __init__(self) -> None:
        self._numbers: set[int | float] = set()
        self.masker = Masker()
        """Finds them in text."""
        self.known: KnownSecrets | None = None
        """All that are open in this process; None for a step that stands by itself."""

    @property
    def is_empty(self) -> bool:
        """Tell whether there are none."""
        return self.masker.is_empty and not self._numbers

    def add(self, value: JsonValue) -> None:
        """Remember a secret, and for a structure all that is in it."""
        if isinstance(value, dict):
            for item in value.values():
                self.add(item)
        elif isinstance(value, list):
            for item in value:
                self.add(item)
        elif isinstance(value, str):
            self._add_text(value)
        elif value is not None and not isinstance(value, bool):
            self._numbers.add(value)
            if len(str(value)) >= SHORTEST_NUMBER:
                self._add_text(str(value))

    def mask(self, text: str) -> str:
        """Return text for people, without any of the secrets."""
        return self.masker.mask(text)

    def is_in(self, value: object) -> bool:
        """Tell whether a text or number is, or contains, one of the secrets."""
        if isinstance(value, str):
            return self.masker.is_in(value)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and value in self._numbers

    def _add_text(self, text: str) -> None:
        is_searched = len(text) >= SHORTEST_SEARCHED
        known = self.known if is_searched else None
        self.masker.add(text, None if known is None else known.forms(text))


class Resolver:
    """Puts secrets in the place of references, for one step.

    Parameters
    ----------
    secrets
        The project's secrets that the step refers to, by name.
    sealer
        Opens what was sealed.
    disclosed
        Is told every secret that is opened.
    """

    def __init__(self, secrets: Mapping[str, str], sealer: Sealer, disclosed: Disclosed) -> None:
        self._secrets = secrets
        self._sealer = sealer
        self._disclosed = disclosed
        self._left = MAX_RESOLVED_CHARACTERS

    def resolve(self, value: JsonValue) -> JsonValue:
        """Return a value with every reference resolved.

        Raises
        ------
        UnknownSecretError
            Raised if a secret does not exist.
        InvalidReferenceError
            Raised if a reference is malformed or was sealed under another key.
        ReservedKeyError
            Raised if another key begins with ``$``.
        """
        if isinstance(value, dict):
            return self._resolve_object(value)
        if isinstance(value, list):
            return [self.resolve(item) for item in value]
        return value

    def _resolve_object(self, value: dict[str, JsonValue]) -> JsonValue:
        if len(value) == 1:
            [(key, content)] = value.items()
            if key == SECRET:
                return self._secret(content)
            if key == SEALED:
                return self._unseal(content)
            if key == CONCAT:
                return self._concat(content)
        if any(key.startswith("$") for key in value):
            raise ReservedKeyError("Expected no key that begins with $, but the inputs have one.")
        return {key: self.resolve(item) for key, item in value.items()}

    def _secret(self, name: JsonValue) -> str:
        if not isinstance(name, str):
            raise InvalidReferenceError("Expected a secret's name, but found another kind.")
        if name not in self._secrets:
            raise UnknownSecretError(name)
        self._disclosed.add(self._secrets[name])
        return self._counted(self._secrets[name])

    def _unseal(self, token: JsonValue) -> JsonValue:
        if not isinstance(token, str):
            raise InvalidReferenceError("Expected a sealed value, but found another kind.")
        try:
            value = cast("JsonValue", self._sealer.unseal(self._counted(token)))
        except UnsealableError as error:
            raise InvalidReferenceError(
                "Expected a value that this key opens, but it does not."
            ) from error
        self._disclosed.add(value)
        return value

    def _concat(self, parts: JsonValue) -> str:
        if not isinstance(parts, list):
            raise InvalidReferenceError("Expected a list of parts, but found another kind.")
        return "".join(self._counted(_text(self.resolve(part))) for part in parts)

    def _counted(self, text: str) -> str:
        self._left -= len(text)
        if self._left < 0:
            raise InvalidReferenceError(
                f"Expected references to at most {MAX_RESOLVED_CHARACTERS} characters in all."
            )
        return text


def _text(value: JsonValue) -> str:
    if isinstance(value, str):
        return value
    try:
        return orjson.dumps(value).decode()
    except TypeError as error:
        raise InvalidReferenceError("Expected parts that can be written as JSON.") from error


def seal_disclosed(value: Any, disclosed: Disclosed, sealer: Sealer) -> Any:
    """Return a JSON value with every place sealed where a disclosed secret stands.

    An object with a secret in one of its keys is sealed as a whole.
    """
    if isinstance(value, dict):
        if any(disclosed.is_in(key) for key in value):
            return sealed(sealer, value)
        return {key: seal_disclosed(item, disclosed, sealer) for key, item in value.items()}
    if isinstance(value, list):
        return [seal_disclosed(item, disclosed, sealer) for item in value]
    return sealed(sealer, value) if disclosed.is_in(value) else value
