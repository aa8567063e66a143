"""Identifiers: random where they must be unguessable, derived where they must be repeatable."""

import base64
import hashlib
import hmac
import secrets
import time
import uuid
from contextvars import ContextVar
from typing import Protocol

_VERSION_7 = 0x7 << 76
_VARIANT = 0x2 << 62
_RANDOM_BITS = (1 << 76) - 1
_SECRET_BYTES = 32


class IdSource(Protocol):
    """What new ids and secrets are made of."""

    def milliseconds(self) -> int:
        """Return the present Unix time in milliseconds."""
        ...

    def random_bytes(self, count: int) -> bytes:
        """Return so many bytes that nobody can guess."""
        ...


class SystemIdSource:
    """The machine's clock and its source of randomness."""

    def milliseconds(self) -> int:
        """Return the machine's time."""
        return time.time_ns() // 1_000_000

    def random_bytes(self, count: int) -> bytes:
        """Return bytes of the operating system."""
        return secrets.token_bytes(count)


_SOURCE: ContextVar[IdSource] = ContextVar("id_source", default=SystemIdSource())  # noqa: B039  # it has no state


def draw_from(source: IdSource) -> None:
    """Make ids of another source, in the present context and the tasks that begin in it.

    A simulation draws them from its seed, so that a run can be repeated.
    """
    _SOURCE.set(source)


def new_id() -> uuid.UUID:
    """Return a new id that sorts by the time of its creation.

    Layout of UUID version 7 (RFC 9562, section 5.7): 48 bits of Unix
    milliseconds, then random bits. Rows that are created together lie together.
    """
    source = _SOURCE.get()
    noise = int.from_bytes(source.random_bytes(10)) & _RANDOM_BITS
    high, low = noise >> 64, noise & ((1 << 62) - 1)
    return uuid.UUID(int=(source.milliseconds() << 80) | _VERSION_7 | (high << 64) | _VARIANT | low)


def attempt_id(instance_id: uuid.UUID, node_id: str, number: int) -> uuid.UUID:
    """Return the id of one attempt, always the same for the same three facts.

    Receivers of an attempt's effects see it as the key to deduplicate on.
    """
    return uuid.uuid5(instance_id, f"{node_id}/{number}")


def new_secret() -> str:
    """Return 256 unguessable bits as text, for tokens and signing keys."""
    text = base64.urlsafe_b64encode(random_bytes(_SECRET_BYTES))
    return text.rstrip(b"=").decode()


def random_bytes(count: int) -> bytes:
    """Return so many bytes that nobody can guess."""
    return _SOURCE.get().random_bytes(count)


def digest(text: str) -> str:
    """Return the SHA-256 of a token in hexadecimal, the only form that is stored."""
    return hashlib.sha256(text.encode()).hexdigest()


def callback_token(secret: str, instance_id: uuid.UUID, node_id: str, number: int) -> str:
    """Return the token that lets an outside system resume one attempt.

    Parameters
    ----------
    secret
        The instance's own callback secret, minted with the instance.
    instance_id, node_id, number
        The attempt.
    """
    return attempt_token(secret, attempt_id(instance_id, node_id, number))


def attempt_token(secret: str, attempt: uuid.UUID) -> str:
    """Return the callback token of the attempt with this id."""
    # In one call: the object that could take more costs three times as much.
    return hmac.digest(secret.encode(), attempt.bytes, "sha256").hex()
