"""Identifiers: random where they must be unguessable, derived where they must be repeatable."""

import hashlib
import hmac
import secrets
import time
import uuid

_VERSION_7 = 0x7 << 76
_VARIANT = 0x2 << 62
_RANDOM_BITS = (1 << 76) - 1


def new_id() -> uuid.UUID:
    """Return a new id that sorts by the time of its creation.

    Layout of UUID version 7 (RFC 9562, section 5.7): 48 bits of Unix
    milliseconds, then random bits. Rows that are created together lie together.
    """
    milliseconds = time.time_ns() // 1_000_000
    noise = int.from_bytes(secrets.token_bytes(10)) & _RANDOM_BITS
    high, low = noise >> 64, noise & ((1 << 62) - 1)
    return uuid.UUID(int=(milliseconds << 80) | _VERSION_7 | (high << 64) | _VARIANT | low)


def attempt_id(instance_id: uuid.UUID, node_id: str, number: int) -> uuid.UUID:
    """Return the id of one attempt, always the same for the same three facts.

    Receivers of an attempt's effects see it as the key to deduplicate on.
    """
    return uuid.uuid5(instance_id, f"{node_id}/{number}")


def new_secret() -> str:
    """Return 256 unguessable bits as text, for tokens and signing keys."""
    return secrets.token_urlsafe(32)


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
    attempt = attempt_id(instance_id, node_id, number)
    return hmac.new(secret.encode(), attempt.bytes, hashlib.sha256).hexdigest()
