"""Uses: which drafts and versions run which plugins and templates."""

import uuid
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.engine.graph import Activity, Graph, Node, Subflow
from flowyard.storage.queries import load_queries
from flowyard.storage.references import full_reference
from flowyard.storage.schema import instance, template_use

QUERIES = load_queries("uses")
"""The statements of ``uses.sql`` by name."""

DRAFT = 0
"""What stands for the draft where else the number of a version stands."""

FINAL = ("succeeded", "cancelled")
"""Statuses of instances that run nothing any more."""


class Use(NamedTuple):
    """One plugin or template that a node runs."""

    node_id: str
    kind: str
    """``plugin`` or ``subflow``."""
    target: str
    """Name of the plugin, or ``project/key`` of the template."""
    version: str
    """Empty for whatever is the latest."""


class Target(NamedTuple):
    """What is used."""

    kind: str
    target: str
    version: str | None
    """None for any."""


class UsePlace(NamedTuple):
    """Where a page of uses ends."""

    template_id: uuid.UUID
    number: int
    node_id: str
    version: str


FIRST_PLACE = UsePlace(uuid.UUID(int=0), -1, "", "")
"""Before all uses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundUse:
    """One node that uses something."""

    project: str
    """Name of the project of the template that it is in."""
    template_id: uuid.UUID
    key: str
    title: str
    latest_version: int | None
    number: int
    """Of the version; :data:`DRAFT` for the draft."""
    node_id: str
    version: str
    """What it is pinned to; empty for whatever is the latest."""
    open_instances: int
    """How many instances of that version have not ended."""

    @property
    def place(self) -> UsePlace:
        """Where the next page begins behind."""
        return UsePlace(self.template_id, self.number, self.node_id, self.version)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsingTemplate:
    """A template whose draft or latest version uses something."""

    project: str
    template_id: uuid.UUID
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubflowPin:
    """One subflow, and what its template is at now."""

    node_id: str
    target: str
    """``project/key``."""
    version: str
    template_id: uuid.UUID | None
    """None where there is no such template."""
    latest_version: int | None
    deleted_at: datetime | None

    @property
    def is_outdated(self) -> bool:
        """Whether it is pinned to a version that is no longer the latest."""
        if not self.version or self.latest_version is None or self.deleted_at is not None:
            return False
        return int(self.version) < self.latest_version


class HeldTarget(NamedTuple):
    """A template that cannot be deleted until the end of the transaction."""

    target: str
    template_id: uuid.UUID
    project_id: uuid.UUID
    is_common: bool


class StopCommand(NamedTuple):
    """A cancel command of one instance."""

    instance_id: uuid.UUID
    partition: int
    command_id: int


def uses_of(graph: Graph, project: str) -> frozenset[Use]:
    """Return what a graph runs, compensations and notices included.

    Parameters
    ----------
    project
        Name of the project that its template belongs to.
    """
    return frozenset(use for node in graph.nodes.values() for use in _uses(node, project))


def _uses(node: Node, project: str) -> Iterator[Use]:
    options = node.options
    undo, deadline = options.compensation, options.deadline
    activities = (
        node.activity,
        undo.activity if undo else None,
        deadline.notice if deadline else None,
    )
    for activity in activities:
        if activity is not None:
            yield _of_activity(node.node_id, activity)
    for subflow in (node.subflow, undo.subflow if undo else None):
        if subflow is not None:
            yield _of_subflow(node.node_id, subflow, project)


def _of_activity(node_id: str, activity: Activity) -> Use:
    return Use(node_id, "plugin", activity.plugin, activity.version)


def _of_subflow(node_id: str, subflow: Subflow, project: str) -> Use:
    version = "" if subflow.version is None else str(subflow.version)
    return Use(node_id, "subflow", full_reference(project, subflow.template), version)


async def write_uses(
    connection: AsyncConnection, template_id: uuid.UUID, number: int, uses: Collection[Use]
) -> None:
    """Replace what a draft or version is said to use, in the transaction that stores it."""
    await connection.execute(
        delete(template_use).where(
            template_use.c.template_id == template_id, template_use.c.number == number
        )
    )
    if uses:
        await connection.execute(
            insert(template_use),
            [
                {"template_id": template_id, "number": number, **use._asdict()}
                for use in sorted(set(uses))
            ],
        )


async def list_uses(
    connection: AsyncConnection,
    wanted: Target,
    *,
    project: str | None = None,
    after: UsePlace = FIRST_PLACE,
    limit: int,
) -> list[FoundUse]:
    """Return where something is used, from behind ``after`` on.

    Drafts, latest versions, and older versions that open instances run.

    Parameters
    ----------
    project
        Keeps the templates of this project.
    """
    rows = await connection.execute(
        text(QUERIES["uses"]),
        {
            **wanted._asdict(),
            "project": project,
            "template_id": after.template_id,
            "number": after.number,
            "node_id": after.node_id,
            "after_version": after.version,
            "limit": limit,
        },
    )
    return [FoundUse(**row) for row in rows.mappings()]


async def list_using_templates(
    connection: AsyncConnection,
    wanted: Target,
    *,
    project: str | None,
    after: uuid.UUID | None,
    limit: int,
) -> list[UsingTemplate]:
    """Return the templates whose draft or latest version uses something, by id.

    One that uses whatever is the latest counts for each version.
    """
    rows = await connection.execute(
        text(QUERIES["using_templates"]),
        {
            **wanted._asdict(),
            "project": project,
            "after": after or uuid.UUID(int=0),
            "limit": limit,
        },
    )
    return [UsingTemplate(**row) for row in rows.mappings()]


async def list_pins(
    connection: AsyncConnection, template_id: uuid.UUID, number: int
) -> list[SubflowPin]:
    """Return the subflows of a version, or of the draft, by node."""
    rows = await connection.execute(
        text(QUERIES["subflow_pins"]), {"template_id": template_id, "number": number}
    )
    return [SubflowPin(**row) for row in rows.mappings()]


async def hold_targets(
    connection: AsyncConnection, targets: Iterable[str]
) -> dict[str, HeldTarget]:
    """Keep templates from being deleted until the end of the transaction.

    Returns
    -------
    dict
        By ``project/key``; what does not exist or is deleted is missing.
    """
    rows = await connection.execute(
        text(QUERIES["hold_targets"]), {"targets": sorted(set(targets))}
    )
    return {row.target: HeldTarget(*row) for row in rows}


async def stop_uses(
    connection: AsyncConnection,
    wanted: Target,
    *,
    own: tuple[uuid.UUID, int | None] | None,
    project_id: uuid.UUID | None,
    actor: str,
    limit: int,
) -> list[StopCommand]:
    """Store a cancel command for each open instance that runs a version with some use.

    Parameters
    ----------
    own
        A template, and a version or None for all, whose own instances are stopped too.
    project_id
        Keeps the instances of this project.
    limit
        Most instances; those that have been asked to end already do not count.
    """
    own_id, own_number = own or (None, None)
    rows = await connection.execute(
        text(QUERIES["stop_uses"]),
        {
            **wanted._asdict(),
            "own_id": own_id,
            "own_number": own_number,
            "project_id": project_id,
            "actor": actor,
            "limit": limit,
        },
    )
    return [StopCommand(*row) for row in rows]


async def count_open_instances(connection: AsyncConnection, template_id: uuid.UUID) -> int:
    """Return how many instances of a template have not ended."""
    found: int | None = await connection.scalar(
        select(func.count())
        .select_from(instance)
        .where(instance.c.template_id == template_id, instance.c.status.not_in(FINAL))
    )
    return found or 0
