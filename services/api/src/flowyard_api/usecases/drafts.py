"""Drafts that each person has of a template: written, taken away, seen by the others."""

import uuid

from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.document import to_yaml
from flowyard.storage.draft_revisions import DraftRevision
from flowyard.storage.errors import NotFoundError
from flowyard.storage.personal_drafts import (
    Editor,
    Expect,
    Expected,
    NewDraft,
    PersonalDraft,
    delete_personal_draft,
    find_personal_draft_or_none,
    write_personal_draft,
)
from flowyard.storage.projects import as_id
from flowyard.storage.templates import Template
from flowyard_api.errors import Fault, InvalidRequestError
from flowyard_api.models.drafts import (
    DraftRevisionView,
    EditorView,
    PersonalDraftView,
    WritePersonalDraft,
)
from flowyard_api.usecases.shared_drafts import (
    PreconditionFailedError,
    PreconditionRequiredError,
    shared_view,
)

_ANY = "*"
_NO_TAG = uuid.UUID(int=0)


async def save(
    connection: AsyncConnection,
    template: Template,
    wanted: WritePersonalDraft,
    *,
    actor: str,
    if_match: str | None,
    if_none_match: str | None,
) -> PersonalDraft:
    """Write somebody's draft, sound or not, where it is what its writer has seen.

    A template that is deleted takes drafts still: what somebody types is theirs.

    Raises
    ------
    PreconditionRequiredError
        Raised if the writer does not say what they have seen.
    PreconditionFailedError
        Raised if the draft is another one by now.
    InvalidRequestError
        Raised if the shared draft has not come to the revision that it was made from.
    """
    expected = await _expected(connection, template, actor, if_match, if_none_match)
    if wanted.base_revision > template.draft_revision:
        message = (
            f"Expected a revision of the shared draft up to {template.draft_revision},"
            f" but got {wanted.base_revision}"
        )
        fault = Fault(loc=("body", "base_revision"), msg=message, type="unknown_revision")
        raise InvalidRequestError(message, errors=[fault])
    source = to_yaml(wanted.document or {}) if wanted.source is None else wanted.source
    new = NewDraft(source=source, document=wanted.document, base_revision=wanted.base_revision)
    written = await write_personal_draft(
        connection, template.template_id, actor, new, expected=expected
    )
    if written is None:
        present = await find_personal_draft_or_none(connection, template.template_id, actor)
        raise _failed(present)
    return written


async def discard(
    connection: AsyncConnection, template: Template, *, actor: str, if_match: str | None
) -> PersonalDraft:
    """Take somebody's draft away, where it is what they have seen, and return what it was.

    Raises
    ------
    NotFoundError
        Raised if there is none.
    PreconditionRequiredError, PreconditionFailedError
        Raised as by :func:`save`.
    """
    expected = await _expected(connection, template, actor, if_match, None)
    present = await find_personal_draft_or_none(
        connection, template.template_id, actor, is_locked=True
    )
    if present is None:
        raise NotFoundError("draft", actor)
    if expected not in (present.tag, Expect.ANYTHING):
        raise _failed(present)
    await delete_personal_draft(connection, template.template_id, actor)
    return present


async def _expected(
    connection: AsyncConnection,
    template: Template,
    actor: str,
    if_match: str | None,
    if_none_match: str | None,
) -> Expected:
    if if_match is not None:
        text = if_match.strip()
        if text == _ANY:
            return Expect.ANYTHING
        # No draft has the tag of zeros, so an unreadable one matches none.
        return as_id(text.removeprefix("W/").strip('"')) or _NO_TAG
    if if_none_match is not None and if_none_match.strip() == _ANY:
        return Expect.NOTHING
    present = await find_personal_draft_or_none(connection, template.template_id, actor)
    raise PreconditionRequiredError(
        "Expected header If-Match with the draft's ETag, or If-None-Match: * for a first one,"
        " but there is neither",
        etag=None if present is None else tag_of(present.tag),
    )


def _failed(present: PersonalDraft | None) -> PreconditionFailedError:
    if present is None:
        return PreconditionFailedError("Expected a draft of yours, but there is none", etag=None)
    return PreconditionFailedError(
        f"Expected your draft as you have seen it, but it is at {tag_of(present.tag)}",
        **draft_view(present).model_dump(
            mode="json", include={"etag", "updated_at", "base_revision"}
        ),
    )


def tag_of(tag: uuid.UUID) -> str:
    """Return the entity tag of a personal draft."""
    return f'"{tag}"'


def draft_view(draft: PersonalDraft) -> PersonalDraftView:
    """Return somebody's draft as it is shown."""
    return PersonalDraftView(
        user=draft.actor,
        source=draft.source,
        document=None if draft.document is None else dict(draft.document),
        base_revision=draft.base_revision,
        etag=tag_of(draft.tag),
        updated_at=draft.updated_at,
    )


def revision_view(one: DraftRevision, present: int) -> DraftRevisionView:
    """Return a state of the shared draft as it stands in a list.

    Parameters
    ----------
    present
        The revision that the draft is at.
    """
    return DraftRevisionView(is_present=one.revision == present, **shared_view(one).model_dump())


def editor_view(one: Editor, actor: str) -> EditorView:
    """Return somebody who edits a template, as this one sees them."""
    return EditorView(
        user=one.actor,
        is_you=one.actor == actor,
        is_active=one.is_active,
        seen_at=one.seen_at,
        has_draft=one.tag is not None,
        etag=None if one.tag is None else tag_of(one.tag),
        updated_at=one.updated_at,
        base_revision=one.base_revision,
        differs=one.differs,
    )
