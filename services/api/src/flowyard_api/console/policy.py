"""What the console's pages may load: files of this server, and nothing else."""

import secrets
from typing import Final

NONCE_PLACE: Final = "{{ nonce }}"
"""What the bundle's page has where the nonce of one answer belongs; vite.config.ts names it."""

_NONCE_BYTES = 16
"""128 bits, which is what the policy's specification asks for."""

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}';"
    " img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self';"
    " manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def new_nonce() -> str:
    """Return what one answer's own styles are known by."""
    return secrets.token_urlsafe(_NONCE_BYTES)


def content_policy(nonce: str) -> str:
    """Return the policy of an answer whose styles carry the nonce."""
    return _POLICY.format(nonce=nonce)
