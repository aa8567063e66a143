"""Which instances a list is about."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, exists, func, literal, literal_column, select

from flowyard.engine.lifecycle import FINAL_INSTANCE_STATUSES
from flowyard.storage.projects import as_id
from flowyard.storage.references import SEPARATOR, parse_reference
from flowyard.storage.schema import instance, node, project, template
from flowyard.storage.templates import is_template


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceFilter:
    """Which instances of a project are wanted; empty fields want all."""

    statuses: Collection[str] = ()
    template: str | None = None
    """Key, ``project/key`` or id."""
    labels: Mapping[str, str] | None = None
    """Labels that an instance must have, with these values."""
    text: str | None = None
    """Contained in the name, in any case of letters."""
    actor: str | None = None
    """Who created it."""
    created_after: datetime | None = None
    created_before: datetime | None = None
    reasons: Collection[str] = ()
    """Why a node of it waits; any of them."""
    is_mock: bool | None = None
    """True for mocked runs alone, False for all others."""


_HOME = project.alias("home")

_IS_OPEN: ColumnElement[bool] = literal_column("instance.status NOT IN ('succeeded', 'cancelled')")
"""As the partial index of open instances says it: the planner knows it by these words only."""

IS_MOCK = func.coalesce(instance.c.plan["is_mocked"].as_boolean(), False)
"""Whether results were given with an instance."""

TEMPLATE_KEY = case(
    (template.c.project_id == instance.c.project_id, template.c.key),
    else_=select(_HOME.c.name).where(_HOME.c.project_id == template.c.project_id).scalar_subquery()
    + SEPARATOR
    + template.c.key,
)
"""Key of an instance's template, with its project's name before it where that is another one."""


def conditions(project_id: uuid.UUID, wanted: InstanceFilter) -> list[ColumnElement[bool]]:
    """Return the conditions on instances that keep a project's wanted ones."""
    found: list[ColumnElement[bool]] = [instance.c.project_id == project_id]
    if wanted.template is not None:
        found.append(_is_of(wanted.template, project_id))
    if wanted.labels:
        found.append(
            instance.c.labels.contains(literal(dict(wanted.labels), instance.c.labels.type))
        )
    if wanted.text:
        # Half the price of ILIKE; and what is looked for is turned to small letters only once.
        sought = select(func.lower(wanted.text)).scalar_subquery()
        found.append(func.strpos(func.lower(instance.c.name), sought) > 0)
    if wanted.is_mock is not None:
        found.append(IS_MOCK.is_(wanted.is_mock))
    return [*_lifecycle_conditions(wanted), *found, *_creation_conditions(wanted)]


def _lifecycle_conditions(wanted: InstanceFilter) -> list[ColumnElement[bool]]:
    """Return what has to hold of status, and of what nodes wait for."""
    found: list[ColumnElement[bool]] = []
    if wanted.statuses:
        found.append(instance.c.status.in_(wanted.statuses))
    if wanted.reasons or (
        wanted.statuses and not FINAL_INSTANCE_STATUSES.intersection(wanted.statuses)
    ):
        found.append(_IS_OPEN)
    if wanted.reasons:
        waits = (node.c.instance_id == instance.c.instance_id) & node.c.reason.in_(wanted.reasons)
        found.append(exists().where(waits))
    return found


def _creation_conditions(wanted: InstanceFilter) -> list[ColumnElement[bool]]:
    """Return what has to hold of who created it, and when."""
    found: list[ColumnElement[bool]] = []
    if wanted.actor is not None:
        found.append(instance.c.actor == wanted.actor)
    if wanted.created_after is not None:
        found.append(instance.c.created_at > wanted.created_after)
    if wanted.created_before is not None:
        found.append(instance.c.created_at < wanted.created_before)
    return found


def _is_of(name: str, project_id: uuid.UUID) -> ColumnElement[bool]:
    """Return the condition that an instance is of the template which a text names.

    The template is looked up once, before any instance is read: its id leads to its instances.
    """
    reference = parse_reference(name)
    named = select(template.c.template_id)
    if reference.project is not None:
        home = select(_HOME.c.project_id).where(_HOME.c.name == reference.project)
        named = named.where(
            template.c.key == reference.key, template.c.project_id == home.scalar_subquery()
        )
    elif as_id(name) is not None:
        named = named.where(is_template(name))
    else:
        named = named.where(is_template(name), template.c.project_id == project_id)
    return instance.c.template_id == named.correlate(None).scalar_subquery()
