"""The draft that all share: replaced by who has seen what it is, and by nobody else unseen."""

from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.document.references import find_references
from flowyard.storage.draft_revisions import (
    REVISIONS_KEPT,
    DraftRevision,
    list_draft_revisions,
)
from flowyard.storage.references import full_reference
from flowyard.storage.templates import Draft, Template, find_draft, write_draft
from flowyard.storage.uses import Use
from flowyard_api.errors import ApiError
from flowyard_api.models.drafts import SharedDraftView


class NoDraftError(ApiError):
    """Raised for a publication of nothing."""

    code = "no_draft"


class PreconditionRequiredError(ApiError):
    """Raised for a write of a draft that does not say which draft it replaces."""

    code = "precondition_required"


class PreconditionFailedError(ApiError):
    """Raised for a write of a draft that has changed since the writer read it."""

    code = "precondition_failed"


class TemplateDeletedError(ApiError):
    """Raised for a write of a template that is deleted."""

    code = "template_deleted"


def require_present(template: Template) -> None:
    """Refuse a template that is deleted.

    Raises
    ------
    TemplateDeletedError
        Raised if it is.
    """
    if template.deleted_at is not None:
        raise TemplateDeletedError(
            f"Expected a template that is not deleted, but {template.key} is: restore it first"
        )


def etag(revision: int) -> str:
    """Return the entity tag of a draft."""
    return f'"{revision}"'


async def replace_draft(
    connection: AsyncConnection,
    template: Template,
    source: str,
    *,
    if_match: str | None,
    actor: str,
) -> Draft:
    """Replace a draft that nobody has changed since its writer read it.

    Parameters
    ----------
    if_match
        The ETag that the writer has seen; ``*`` replaces whatever is there.

    Raises
    ------
    PreconditionRequiredError
        Raised if the writer says nothing.
    PreconditionFailedError
        Raised if the draft is another one by now.
    TemplateDeletedError
        Raised if the template is deleted.
    """
    require_present(template)
    if if_match is None:
        raise PreconditionRequiredError(
            "Expected header If-Match with the draft's ETag, but there is none",
            etag=etag(template.draft_revision),
        )
    expected = _expected(if_match)
    revision = await _write(connection, template, source, actor=actor, expected=expected)
    if revision is None:
        raise await _overtaken(connection, template, if_match, expected)
    return await find_draft(connection, template.template_id)


async def _overtaken(
    connection: AsyncConnection, template: Template, if_match: str, expected: int | None
) -> PreconditionFailedError:
    """Return the refusal of a writer whom others have overtaken, which names them."""
    present = await find_draft(connection, template.template_id)
    between = await list_draft_revisions(
        connection, template.template_id, after=expected, limit=REVISIONS_KEPT
    )
    return PreconditionFailedError(
        f"Expected the draft to be at revision {if_match}, but it is at {etag(present.revision)}",
        changes=[shared_view(one).model_dump(mode="json") for one in between],
        **shared_view(present).model_dump(mode="json"),
    )


def shared_view(draft: Draft | DraftRevision) -> SharedDraftView:
    """Return which state the shared draft is in, or was."""
    return SharedDraftView(
        revision=draft.revision,
        etag=etag(draft.revision),
        actor=draft.actor,
        updated_at=draft.updated_at,
    )


async def draft_source(
    connection: AsyncConnection, template: Template, *, if_match: str | None = None
) -> str:
    """Return the text of a template's draft.

    Parameters
    ----------
    if_match
        The ETag of the draft that is meant; None means whatever is there.

    Raises
    ------
    NoDraftError
        Raised if nothing was ever written.
    PreconditionFailedError
        Raised if the draft is another one by now.
    """
    draft = await find_draft(connection, template.template_id)
    if draft.source is None:
        raise NoDraftError(f"Expected template {template.key} to have a draft, but it has none")
    if if_match is not None:
        expected = _expected(if_match)
        if expected not in (None, draft.revision):
            raise await _overtaken(connection, template, if_match, expected)
    return draft.source


async def overwrite_draft(
    connection: AsyncConnection, template: Template, source: str, *, actor: str
) -> int:
    """Replace a draft, whatever is there, and return its new revision."""
    revision = await _write(connection, template, source, actor=actor, expected=None)
    return template.draft_revision if revision is None else revision


async def _write(
    connection: AsyncConnection,
    template: Template,
    source: str,
    *,
    actor: str,
    expected: int | None,
) -> int | None:
    """Write a draft with what it uses; None if it is not at the expected revision."""
    return await write_draft(
        connection,
        template.template_id,
        source,
        uses=_draft_uses(source, template.project),
        actor=actor,
        expected_revision=expected,
    )


def _draft_uses(source: str, project: str) -> list[Use]:
    return [
        Use(
            one.node_id,
            one.kind,
            one.target if one.kind == "plugin" else full_reference(project, one.target),
            one.version if one.version.isdecimal() or one.kind == "plugin" else "",
        )
        for one in find_references(source)
    ]


def _expected(if_match: str) -> int | None:
    """Return the revision that a writer has seen; None for whatever is there."""
    if if_match.strip() == "*":
        return None
    text = if_match.strip().removeprefix("W/").strip('"')
    # No draft has a negative revision, so an unreadable tag matches none.
    return int(text) if text.isascii() and text.isdigit() else -1
