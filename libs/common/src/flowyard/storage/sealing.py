"""Sealing: what only the plugin gateway may read is stored under its key.

The format is Fernet (AES-128-CBC with an HMAC-SHA256 over it and the time), so
that a token that was changed does not open.
"""

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from flowyard.errors import PermanentError


class InvalidKeyError(PermanentError):
    """Raised when a sealing key is not a Fernet key."""

    code = "invalid_key"


class UnsealableError(PermanentError):
    """Raised when a token was not sealed under any of the keys, or was changed."""

    code = "unsealable"


class Sealer:
    """Seals JSON values and opens them again.

    Parameters
    ----------
    keys
        One Fernet key, or several separated by commas while a key is being
        replaced: the first seals, all open.

    Raises
    ------
    InvalidKeyError
        Raised if a key is not 32 bytes in URL-safe base64.
    """

    def __init__(self, keys: str) -> None:
        try:
            fernets = [Fernet(key.strip()) for key in keys.split(",")]
        except ValueError as error:
            raise InvalidKeyError(
                "Expected each secret key to be 32 bytes in URL-safe base64, but one is not"
            ) from error
        self._fernet = MultiFernet(fernets)

    def seal(self, value: object) -> str:
        """Return a JSON value as a token that says nothing about it but its size."""
        return self._fernet.encrypt(orjson.dumps(value)).decode()

    def unseal(self, token: str) -> object:
        """Return the JSON value of a token.

        Raises
        ------
        UnsealableError
            Raised if none of the keys opens the token.
        """
        try:
            value: object = orjson.loads(self._fernet.decrypt(token.encode()))
        except InvalidToken as error:
            raise UnsealableError(
                "Expected a value sealed under a known key, but no key opens it"
            ) from error
        return value


def new_key() -> str:
    """Return a new random key."""
    return Fernet.generate_key().decode()
