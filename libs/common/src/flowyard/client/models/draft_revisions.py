"""Models of draft revisions.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from pydantic import AwareDatetime

from flowyard.client.model import Answer


class DraftRevisionTextView(Answer):
    """One state of the shared draft, with its text."""

    revision: int
    etag: str
    actor: str | None
    """Who wrote it last; null where nobody knows."""
    updated_at: AwareDatetime | None
    """When; null where nobody knows."""
    is_present: bool
    """True for the one that the draft is at now."""
    source: str


class DraftRevisionView(Answer):
    """One state of the shared draft."""

    revision: int
    etag: str
    actor: str | None
    """Who wrote it last; null where nobody knows."""
    updated_at: AwareDatetime | None
    """When; null where nobody knows."""
    is_present: bool
    """True for the one that the draft is at now."""
