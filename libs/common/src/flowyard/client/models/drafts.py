"""Models of drafts.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from pydantic import AwareDatetime, JsonValue

from flowyard.client.model import Answer


class EditorView(Answer):
    """Somebody who edits a template, or has a draft of it."""

    user: str
    """Who `GET /me` of the writer names."""
    is_you: bool
    is_active: bool
    """Seen within the last 60 s."""
    seen_at: AwareDatetime
    """When the editor was open last."""
    has_draft: bool
    etag: str | None
    """Of the draft."""
    updated_at: AwareDatetime | None
    """When the draft was written last."""
    base_revision: int | None
    """Revision of the shared draft that it was made from; 0 where there was none."""
    differs: bool
    """The draft's text is another than the shared one."""


class SharedDraftView(Answer):
    """Which state the shared draft is in, without its text."""

    revision: int
    etag: str
    actor: str | None
    """Who wrote it last; null where nobody knows."""
    updated_at: AwareDatetime | None
    """When; null where nobody knows."""


class EditorsView(Answer):
    """Who edits a template, page by page, and what the shared draft is at."""

    shared: SharedDraftView
    items: list[EditorView]
    next_cursor: str | None
    """Pass it as `cursor` for the next page; null on the last one."""


class PersonalDraftView(Answer):
    """What somebody has written and not shared yet."""

    user: str
    """Who `GET /me` of the writer names."""
    source: str
    """As it was typed."""
    document: dict[str, JsonValue] | None
    """As it was given."""
    base_revision: int
    """Revision of the shared draft that it was made from; 0 where there was none."""
    etag: str
    """Send it as `If-Match` with the next write."""
    updated_at: AwareDatetime
