"""Boxes: values that one process closes and only plugin gateways open.

Theory of operation. The plugin gateways' secret key is theirs alone. From it follows a pair of
X25519 keys, of which they announce the public one; with that anybody seals a value, and cannot
open it again. A box is a fresh public key of its own, and the value under AES-256-GCM with a key
that HKDF-SHA256 derives from what both agree on (the scheme of RFC 9180's base mode, in its
simplest form: one message per box).
"""

import base64

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from flowyard.storage.sealing import InvalidKeyError, UnsealableError

_KEY_BYTES = 32
_NONCE = bytes(12)
"""The same for all boxes: each has a key of its own."""

_PREFIX = "box1."


def close_box(public_key: str, value: object) -> str:
    """Return a JSON value as a text that only plugin gateways can open.

    Parameters
    ----------
    public_key
        As a gateway has announced it.

    Raises
    ------
    InvalidKeyError
        Raised if the key is none.
    """
    try:
        theirs = X25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(public_key))
    except ValueError as error:
        raise InvalidKeyError("Expected 32 bytes in URL-safe base64, but got no key") from error
    once = X25519PrivateKey.generate()
    own = _public_bytes(once)
    key = _derived(once.exchange(theirs), own + _raw(theirs))
    sealed = AESGCM(key).encrypt(_NONCE, orjson.dumps(value), None)
    return _PREFIX + base64.urlsafe_b64encode(own + sealed).decode()


class BoxOpener:
    """Opens boxes.

    Parameters
    ----------
    keys
        The plugin gateways' Fernet keys, as :class:`flowyard.storage.sealing.Sealer` takes them:
        boxes are closed for the first, all open.

    Raises
    ------
    InvalidKeyError
        Raised if a key is not in URL-safe base64.
    """

    def __init__(self, keys: str) -> None:
        try:
            raw = [base64.urlsafe_b64decode(key.strip()) for key in keys.split(",")]
        except ValueError as error:
            raise InvalidKeyError("Expected each key in URL-safe base64, but one is not") from error
        self._keys = [X25519PrivateKey.from_private_bytes(_derived(one, b"")) for one in raw]

    @property
    def public_key(self) -> str:
        """What others close boxes with."""
        return base64.urlsafe_b64encode(_public_bytes(self._keys[0])).decode()

    def open_box(self, box: str) -> object:
        """Return the JSON value of a box.

        Raises
        ------
        UnsealableError
            Raised if it was not closed for any of the keys, or was changed.
        """
        content = _content(box)
        own, sealed = content[:_KEY_BYTES], content[_KEY_BYTES:]
        for one in self._keys:
            try:
                agreed = one.exchange(X25519PublicKey.from_public_bytes(own))
                key = _derived(agreed, own + _public_bytes(one))
                value: object = orjson.loads(AESGCM(key).decrypt(_NONCE, sealed, None))
            except (InvalidTag, ValueError):
                continue
            return value
        raise UnsealableError("Expected a box closed for a known key, but no key opens it")


def _content(box: str) -> bytes:
    if not box.startswith(_PREFIX):
        raise UnsealableError("Expected a box, but it is something else")
    try:
        return base64.urlsafe_b64decode(box.removeprefix(_PREFIX))
    except ValueError as error:
        raise UnsealableError("Expected a box, but it is something else") from error


def _derived(material: bytes, context: bytes) -> bytes:
    info = b"flowyard sealed box" + context
    return HKDF(algorithm=hashes.SHA256(), length=_KEY_BYTES, salt=None, info=info).derive(material)


def _public_bytes(key: X25519PrivateKey) -> bytes:
    return _raw(key.public_key())


def _raw(key: X25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)
