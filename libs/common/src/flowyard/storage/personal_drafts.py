"""Personal drafts: what each person has written of a template and not shared yet.

A row without a text is that of somebody who only looks on: it says when they were seen last.
Every write gives a draft another tag, also after it was deleted, so that of two pages which
show the same draft none overwrites what the other one has written.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

from sqlalchemy import ColumnElement, Integer, delete, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.ids import new_id
from flowyard.storage.errors import NotFoundError
from flowyard.storage.schema import personal_draft, template

ACTIVE = timedelta(seconds=60)
"""How long somebody counts as present after they were seen: three of a page's heartbeats."""


class Expect(Enum):
    """What a writer who names no tag expects to be there."""

    NOTHING = auto()
    """No draft."""
    ANYTHING = auto()
    """Whatever there is, which may be nothing."""


Expected = uuid.UUID | Expect
"""The tag that a writer has seen, or what else they expect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalDraft:
    """What somebody has written."""

    actor: str
    source: str
    document: Mapping[str, Any] | None
    base_revision: int
    """The shared draft that it was made from."""
    tag: uuid.UUID
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDraft:
    """What is to be written."""

    source: str
    document: Mapping[str, Any] | None
    base_revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Editor:
    """Somebody who edits a template, or has a draft of it."""

    actor: str
    seen_at: datetime
    is_active: bool
    """Whether they were seen within :data:`ACTIVE`."""
    tag: uuid.UUID | None
    """Of their draft; None where they have none."""
    updated_at: datetime | None
    base_revision: int | None
    differs: bool
    """Whether the text of their draft is another than the shared one."""


_DRAFT = tuple(personal_draft.c[name] for name in PersonalDraft.__dataclass_fields__)
_IS_ACTIVE: ColumnElement[bool] = personal_draft.c.seen_at > func.now() - ACTIVE
_NO_DRAFT = dict.fromkeys(("source", "document", "base_revision", "tag", "updated_at"))


def _is_of(template_id: uuid.UUID, actor: str) -> ColumnElement[bool]:
    return (personal_draft.c.template_id == template_id) & (personal_draft.c.actor == actor)


async def find_personal_draft(
    connection: AsyncConnection, template_id: uuid.UUID, actor: str
) -> PersonalDraft:
    """Return what somebody has written of a template.

    Raises
    ------
    NotFoundError
        Raised if there is nothing.
    """
    found = await find_personal_draft_or_none(connection, template_id, actor)
    if found is None:
        raise NotFoundError("draft", actor)
    return found


async def find_personal_draft_or_none(
    connection: AsyncConnection, template_id: uuid.UUID, actor: str, *, is_locked: bool = False
) -> PersonalDraft | None:
    """Return what somebody has written of a template; None where there is nothing.

    Parameters
    ----------
    is_locked
        Keeps others from changing it until the end of the transaction.
    """
    statement = select(*_DRAFT).where(
        _is_of(template_id, actor), personal_draft.c.source.is_not(None)
    )
    rows = await connection.execute(statement.with_for_update() if is_locked else statement)
    row = rows.mappings().one_or_none()
    return None if row is None else PersonalDraft(**row)


async def write_personal_draft(
    connection: AsyncConnection,
    template_id: uuid.UUID,
    actor: str,
    new: NewDraft,
    *,
    expected: Expected,
) -> PersonalDraft | None:
    """Write somebody's draft, unless what they expect is not there; then return None."""
    values = {
        "source": new.source,
        "document": new.document,
        "base_revision": new.base_revision,
        "tag": new_id(),
        "updated_at": func.now(),
        "seen_at": func.now(),
    }
    if isinstance(expected, uuid.UUID):
        changed = (
            update(personal_draft)
            .where(_is_of(template_id, actor), personal_draft.c.tag == expected)
            .values(**values)
            .returning(*_DRAFT)
        )
        rows = await connection.execute(changed)
    else:
        is_free = personal_draft.c.source.is_(None) if expected is Expect.NOTHING else None
        rows = await connection.execute(
            insert(personal_draft)
            .values(template_id=template_id, actor=actor, **values)
            .on_conflict_do_update(
                index_elements=["template_id", "actor"], set_=values, where=is_free
            )
            .returning(*_DRAFT)
        )
    row = rows.mappings().one_or_none()
    return None if row is None else PersonalDraft(**row)


async def delete_personal_draft(
    connection: AsyncConnection, template_id: uuid.UUID, actor: str
) -> None:
    """Take somebody's draft away; when they were seen last is kept."""
    await connection.execute(
        update(personal_draft).where(_is_of(template_id, actor)).values(**_NO_DRAFT)
    )


async def note_presence(connection: AsyncConnection, template_id: uuid.UUID, actor: str) -> bool:
    """Note that somebody has a template before them, and tell whether that is news."""
    was_active = await connection.scalar(select(_IS_ACTIVE).where(_is_of(template_id, actor)))
    seen = {"seen_at": func.now()}
    await connection.execute(
        insert(personal_draft)
        .values(template_id=template_id, actor=actor, **seen)
        .on_conflict_do_update(index_elements=["template_id", "actor"], set_=seen)
    )
    return not was_active


async def list_editors(
    connection: AsyncConnection, template_id: uuid.UUID, *, after: str | None, limit: int
) -> list[Editor]:
    """Return who edits a template or has a draft of it, by name, from behind ``after`` on."""
    has_draft = personal_draft.c.source.is_not(None)
    statement = (
        select(
            *(personal_draft.c[name] for name in ("actor", "seen_at", "tag", "updated_at")),
            personal_draft.c.base_revision,
            _IS_ACTIVE.label("is_active"),
            (has_draft & personal_draft.c.source.is_distinct_from(template.c.draft)).label(
                "differs"
            ),
        )
        .join(template, template.c.template_id == personal_draft.c.template_id)
        .where(personal_draft.c.template_id == template_id, or_(has_draft, _IS_ACTIVE))
        .order_by(personal_draft.c.actor)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(personal_draft.c.actor > after)
    rows = await connection.execute(statement)
    return [Editor(**row) for row in rows.mappings()]


async def forget_lookers(connection: AsyncConnection, *, older_than: timedelta, limit: int) -> int:
    """Delete at most ``limit`` notes of who looked on that long ago, and return their number."""
    ripe = (
        select(personal_draft.c.template_id, personal_draft.c.actor)
        .where(
            personal_draft.c.source.is_(None),
            personal_draft.c.seen_at < func.now() - older_than,
        )
        .limit(literal(limit, Integer))
        .with_for_update(skip_locked=True)
        .cte("ripe")
    )
    gone = await connection.execute(
        delete(personal_draft)
        .where(*(personal_draft.c[column.name] == column for column in ripe.c))
        .returning(personal_draft.c.actor)
    )
    return len(gone.all())
