"""The latest states of shared drafts: who wrote them, and what a personal draft was made from."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.storage.errors import NotFoundError
from flowyard.storage.schema import draft_revision, personal_draft

REVISIONS_KEPT = 50
"""States of one draft that are kept: as many as a person looks back through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRevision:
    """One state of a shared draft, without its text."""

    revision: int
    actor: str | None
    """Who wrote it; None where nobody knows."""
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftText(DraftRevision):
    """One state of a shared draft."""

    source: str


_SUMMARY = tuple(draft_revision.c[name] for name in DraftRevision.__dataclass_fields__)
_TEXT = tuple(draft_revision.c[name] for name in DraftText.__dataclass_fields__)


async def keep_revision(
    connection: AsyncConnection, template_id: uuid.UUID, revision: int, source: str, *, actor: str
) -> None:
    """Keep the state that a draft has come to, and let old ones go that nobody builds on."""
    await connection.execute(
        insert(draft_revision).values(
            template_id=template_id, revision=revision, source=source, actor=actor
        )
    )
    is_base = exists().where(
        personal_draft.c.template_id == draft_revision.c.template_id,
        personal_draft.c.base_revision == draft_revision.c.revision,
    )
    await connection.execute(
        delete(draft_revision).where(
            draft_revision.c.template_id == template_id,
            draft_revision.c.revision <= revision - REVISIONS_KEPT,
            ~is_base,
        )
    )


async def find_draft_revision(
    connection: AsyncConnection, template_id: uuid.UUID, revision: int
) -> DraftText:
    """Return one state of a shared draft.

    Raises
    ------
    NotFoundError
        Raised if there was none, or if it is not kept any more.
    """
    rows = await connection.execute(
        select(*_TEXT).where(
            draft_revision.c.template_id == template_id, draft_revision.c.revision == revision
        )
    )
    row = rows.mappings().one_or_none()
    if row is None:
        raise NotFoundError("revision", revision)
    return DraftText(**row)


async def list_draft_revisions(
    connection: AsyncConnection,
    template_id: uuid.UUID,
    *,
    before: int | None = None,
    after: int | None = None,
    limit: int,
) -> list[DraftRevision]:
    """Return the kept states of a shared draft, the latest first.

    Parameters
    ----------
    before, after
        Keep those below, and those above a revision.
    """
    statement = (
        select(*_SUMMARY)
        .where(draft_revision.c.template_id == template_id)
        .order_by(draft_revision.c.revision.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(draft_revision.c.revision < before)
    if after is not None:
        statement = statement.where(draft_revision.c.revision > after)
    rows = await connection.execute(statement)
    return [DraftRevision(**row) for row in rows.mappings()]
