"""Lists of templates: filtered, sorted, page by page."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, exists, false, literal, or_, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.storage.schema import template, template_favourite
from flowyard.storage.templates import Template, is_shown_to, select_templates


class TemplateScope(StrEnum):
    """Whose templates are listed."""

    OWN = "own"
    """The project's own."""
    COMMON = "common"
    """Those of other projects that are visible in it."""
    ALL = "all"
    """Both."""


class TemplateOrder(StrEnum):
    """In which order templates are listed; a minus turns it round."""

    KEY = "key"
    KEY_DOWN = "-key"
    TITLE = "title"
    TITLE_DOWN = "-title"
    CREATED = "created_at"
    CREATED_DOWN = "-created_at"
    UPDATED = "updated_at"
    UPDATED_DOWN = "-updated_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateFilter:
    """Which templates are wanted; empty fields want all."""

    scope: TemplateScope = TemplateScope.OWN
    text: str | None = None
    """Contained in key or title, in any case of letters."""
    labels: Mapping[str, str] | None = None
    """Labels that a template must have, with these values."""
    category: str | None = None
    favourite_of: str | None = None
    """Keeps the favourites of this actor."""
    is_deleted: bool = False
    """Lists deleted ones, and only these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedTemplate:
    """A template in a list."""

    template: Template
    is_favourite: bool
    """Of the actor who asks."""


@dataclass(frozen=True, slots=True)
class TemplatePlace:
    """Where a page ends: the last template's value of the order, and its id."""

    value: str
    template_id: uuid.UUID


def place_of(found: Template, order: TemplateOrder) -> TemplatePlace:
    """Return where a template stands in an order."""
    value = getattr(found, order.removeprefix("-"))
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return TemplatePlace(text, found.template_id)


async def list_templates(
    connection: AsyncConnection,
    project_id: uuid.UUID,
    wanted: TemplateFilter,
    *,
    actor: str,
    order: TemplateOrder = TemplateOrder.KEY,
    after: TemplatePlace | None,
    limit: int,
) -> list[ListedTemplate]:
    """Return the templates that a project sees, from behind ``after`` on.

    Parameters
    ----------
    actor
        Whose favourites are marked.

    Raises
    ------
    ValueError
        Raised if the place is none of this order.
    """
    column = template.c[order.removeprefix("-")]
    is_falling = order.startswith("-")
    mark = _is_favourite(actor).label("is_favourite")
    statement = (
        select_templates()
        .add_columns(mark)
        .where(*_conditions(project_id, wanted))
        .order_by(
            column.desc() if is_falling else column,
            template.c.template_id.desc() if is_falling else template.c.template_id,
        )
        .limit(limit)
    )
    if after is not None:
        value: Any = after.value
        if column.name.endswith("_at"):
            value = datetime.fromisoformat(after.value)
        here = tuple_(column, template.c.template_id)
        there = tuple_(literal(value, column.type), literal(after.template_id))
        statement = statement.where(here < there if is_falling else here > there)
    rows = await connection.execute(statement)
    return [
        ListedTemplate(
            template=Template(**{name: row[name] for name in Template.__dataclass_fields__}),
            is_favourite=row["is_favourite"],
        )
        for row in rows.mappings()
    ]


async def is_favourite(connection: AsyncConnection, actor: str, template_id: uuid.UUID) -> bool:
    """Tell whether somebody has marked a template as a favourite."""
    found = await connection.scalar(
        select(template_favourite.c.actor).where(
            template_favourite.c.actor == actor, template_favourite.c.template_id == template_id
        )
    )
    return found is not None


def _conditions(project_id: uuid.UUID, wanted: TemplateFilter) -> list[ColumnElement[bool]]:
    found = [_in_scope(project_id, wanted.scope)]
    deleted = template.c.deleted_at
    found.append(deleted.is_not(None) if wanted.is_deleted else deleted.is_(None))
    if wanted.text:
        found.append(
            template.c.key.icontains(wanted.text, autoescape=True)
            | template.c.title.icontains(wanted.text, autoescape=True)
        )
    if wanted.labels:
        found.append(
            template.c.labels.contains(literal(dict(wanted.labels), template.c.labels.type))
        )
    if wanted.category is not None:
        found.append(template.c.category == wanted.category)
    if wanted.favourite_of is not None:
        found.append(_is_favourite(wanted.favourite_of))
    return found


def _in_scope(project_id: uuid.UUID, scope: TemplateScope) -> ColumnElement[bool]:
    viewer = literal(project_id)
    own = template.c.project_id == viewer
    shown = is_shown_to(viewer) & (template.c.latest_version.is_not(None)) & ~own
    return (
        or_(
            own if scope is not TemplateScope.COMMON else false(),
            shown if scope is not TemplateScope.OWN else false(),
        )
        & true()
    )


def _is_favourite(actor: str) -> ColumnElement[bool]:
    return exists().where(
        template_favourite.c.actor == actor,
        template_favourite.c.template_id == template.c.template_id,
    )
