"""Signatures of webhooks, as the Standard Webhooks say."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable

SECRET_PREFIX = "whsec_"  # noqa: S105 - how a secret begins, not a secret
"""Before a secret that is base64.

Source: the specification of Standard Webhooks.
"""


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the signature of a call, as in ``v1,<base64>``.

    Raises
    ------
    ValueError
        Raised if the secret begins with ``whsec_`` and does not go on in base64.
    """
    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.digest(_key(secret), signed, hashlib.sha256)
    return f"v1,{base64.b64encode(digest).decode()}"


def signed_headers(
    secrets: Iterable[str], message_id: str, timestamp: int, body: bytes
) -> dict[str, str]:
    """Return the headers by which a receiver knows who calls, and what it has seen before.

    Parameters
    ----------
    secrets
        Several while one is being replaced: the receiver needs one of them. Without any there is
        no signature.

    Raises
    ------
    ValueError
        Raised as by :func:`sign`.
    """
    headers = {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
    }
    signatures = [sign(secret, message_id, timestamp, body) for secret in secrets]
    if signatures:
        headers["webhook-signature"] = " ".join(signatures)
    return headers


def _key(secret: str) -> bytes:
    if not secret.startswith(SECRET_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("Expected base64 after whsec_, but found something else") from error
