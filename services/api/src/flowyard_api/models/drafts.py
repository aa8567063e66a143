"""Drafts that each person has of a template, and who else edits it."""

import uuid
from datetime import datetime

from pydantic import ConfigDict, Field, model_validator

from flowyard_api.models.shapes import JsonObject, RequestModel, View, never_all_left_out
from flowyard_api.models.templates import DOCUMENT_EXAMPLE

_BASE = "Revision of the shared draft that it was made from; 0 where there was none."
_USER = "Who `GET /me` of the writer names."
_ETAG = '"0197c0de-0000-7000-8000-000000000001"'


class WritePersonalDraft(RequestModel):
    """What somebody has written and not shared yet; text, document or both."""

    model_config = ConfigDict(json_schema_extra=never_all_left_out("source", "document"))

    source: str | None = Field(
        None,
        description="The text as it was typed, sound or not. Left out, it is the document as YAML.",
        examples=[DOCUMENT_EXAMPLE],
    )
    document: JsonObject | None = Field(
        None,
        description="What is on the canvas, beside a text that cannot be read at the moment; any"
        " object, which is kept as it is.",
        examples=[None],
    )
    base_revision: int = Field(ge=0, description=_BASE, examples=[1])

    @model_validator(mode="after")
    def _some(self) -> "WritePersonalDraft":
        if self.source is None and self.document is None:
            raise ValueError("Expected a text or a document, but there is neither")
        return self


class PersonalDraftView(View):
    """What somebody has written and not shared yet."""

    user: str = Field(description=_USER, examples=["ops"])
    source: str = Field(description="As it was typed.", examples=[DOCUMENT_EXAMPLE])
    document: JsonObject | None = Field(description="As it was given.", examples=[None])
    base_revision: int = Field(description=_BASE, examples=[3])
    etag: str = Field(description="Send it as `If-Match` with the next write.", examples=[_ETAG])
    updated_at: datetime


class SharedDraftView(View):
    """Which state the shared draft is in, without its text."""

    revision: int = Field(examples=[4])
    etag: str = Field(examples=['"4"'])
    actor: str | None = Field(description="Who wrote it last; null where nobody knows.")
    updated_at: datetime | None = Field(description="When; null where nobody knows.")


class EditorView(View):
    """Somebody who edits a template, or has a draft of it."""

    user: str = Field(description=_USER, examples=["ops"])
    is_you: bool
    is_active: bool = Field(description="Seen within the last 60 s.")
    seen_at: datetime = Field(description="When the editor was open last.")
    has_draft: bool
    etag: str | None = Field(description="Of the draft.", examples=[_ETAG])
    updated_at: datetime | None = Field(description="When the draft was written last.")
    base_revision: int | None = Field(description=_BASE, examples=[3])
    differs: bool = Field(description="The draft's text is another than the shared one.")


class EditorsView(View):
    """Who edits a template, page by page, and what the shared draft is at."""

    shared: SharedDraftView
    items: list[EditorView]
    next_cursor: str | None = Field(
        description="Pass it as `cursor` for the next page; null on the last one.",
        examples=[None],
    )


class DraftsChangeView(View):
    """Templates whose drafts or editors have changed since the last event."""

    template_ids: list[uuid.UUID]
    complete: bool = Field(description="False where others may have changed, too.", examples=[True])


class DraftRevisionView(SharedDraftView):
    """One state of the shared draft."""

    is_present: bool = Field(description="True for the one that the draft is at now.")


class DraftRevisionTextView(DraftRevisionView):
    """One state of the shared draft, with its text."""

    source: str = Field(examples=[DOCUMENT_EXAMPLE])
