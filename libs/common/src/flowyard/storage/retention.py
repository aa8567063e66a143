"""What becomes of instances once they have ended: rules of projects, and holds."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import RowMapping, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.storage.archives import absent_instance
from flowyard.storage.database import driver_of
from flowyard.storage.errors import NotFoundError
from flowyard.storage.queries import load_queries
from flowyard.storage.schema import instance, instance_hold, retention

QUERIES = load_queries("retiring")
"""The statements of ``retiring.sql`` by name."""

COUNTED = 100_000
"""Most instances that are counted as old enough; nobody needs a larger number."""


class RetentionMode(StrEnum):
    """What becomes of instances that ended long enough ago."""

    KEEP = "keep"
    """They stay."""
    ARCHIVE = "archive"
    """They are moved out of the database, to the archive's place."""
    DELETE = "delete"
    """Nothing is left of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What becomes of instances, and when."""

    mode: RetentionMode
    after: timedelta
    """How long after their end."""

    @property
    def is_keeping(self) -> bool:
        """Tell whether they stay, however old."""
        return self.mode is RetentionMode.KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectRule:
    """What holds for one project."""

    project_id: uuid.UUID
    project: str
    """Its name."""
    rule: Rule
    is_default: bool
    """Whether it is the cluster's."""
    actor: str | None
    """Who wrote the project's own."""
    updated_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ripe:
    """How much is old enough and still there."""

    instances: int
    """Those that others have started are not counted; at most :data:`COUNTED`."""
    oldest_ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Why an instance stays."""

    instance_id: uuid.UUID
    reason: str
    actor: str
    created_at: datetime


async def list_rules(
    connection: AsyncConnection, default: Rule, *, project_id: uuid.UUID | None = None
) -> list[ProjectRule]:
    """Return what holds for each project by name, or for one.

    Parameters
    ----------
    default
        What holds where a project has no rule of its own.
    """
    driver = await driver_of(connection)
    rows = await driver.fetch(
        QUERIES["rules"], default.mode, int(default.after.total_seconds()), project_id
    )
    return [
        ProjectRule(
            project_id=row["project_id"],
            project=row["project"],
            rule=Rule(
                mode=RetentionMode(row["mode"]), after=timedelta(seconds=row["after_seconds"])
            ),
            is_default=row["is_default"],
            actor=row["actor"],
            updated_at=row["updated_at"],
        )
        for row in rows
    ]


async def put_rule(
    connection: AsyncConnection, project_id: uuid.UUID, rule: Rule, *, actor: str
) -> None:
    """Write a project's own rule in place of the one that is there."""
    written = {
        "mode": rule.mode,
        "after_seconds": int(rule.after.total_seconds()),
        "actor": actor,
        "updated_at": func.now(),
    }
    await connection.execute(
        insert(retention)
        .values(project_id=project_id, **written)
        .on_conflict_do_update(index_elements=["project_id"], set_=written)
    )


async def delete_rule(connection: AsyncConnection, project_id: uuid.UUID) -> None:
    """Take a project's own rule away; nothing happens where there is none."""
    await connection.execute(delete(retention).where(retention.c.project_id == project_id))


async def count_ripe(connection: AsyncConnection, project_id: uuid.UUID, after: timedelta) -> Ripe:
    """Return how many of a project's instances ended at least so long ago and are not held."""
    driver = await driver_of(connection)
    row = await driver.fetchrow(QUERIES["count_ripe"], project_id, after, COUNTED)
    return Ripe(instances=row["instances"], oldest_ended_at=row["oldest_ended_at"])


async def bytes_per_instance(connection: AsyncConnection) -> float:
    """Return how many bytes an instance takes on average, indexes included; an estimate."""
    driver = await driver_of(connection)
    found: float = await driver.fetchval(QUERIES["bytes_per_instance"])
    return found


async def put_hold(
    connection: AsyncConnection, instance_id: uuid.UUID, *, reason: str, actor: str
) -> Hold:
    """Hold an instance, or write its hold anew.

    Its row is locked first, so that it either stays from now on or is known to be gone.

    Raises
    ------
    NotFoundError
        Raised if there is no such instance.
    """
    locked = (
        select(instance.c.instance_id)
        .where(instance.c.instance_id == instance_id)
        .with_for_update(read=True, key_share=True)
    )
    if await connection.scalar(locked) is None:
        raise await absent_instance(connection, instance_id)
    written = {"reason": reason, "actor": actor, "created_at": func.now()}
    rows = await connection.execute(
        insert(instance_hold)
        .values(instance_id=instance_id, **written)
        .on_conflict_do_update(index_elements=["instance_id"], set_=written)
        .returning(instance_hold)
    )
    return Hold(**rows.mappings().one())


async def find_hold(connection: AsyncConnection, instance_id: uuid.UUID) -> Hold:
    """Return an instance's hold.

    Raises
    ------
    NotFoundError
        Raised if it has none.
    """
    rows = await connection.execute(
        select(instance_hold).where(instance_hold.c.instance_id == instance_id)
    )
    return _hold(rows.mappings().one_or_none(), instance_id)


async def delete_hold(connection: AsyncConnection, instance_id: uuid.UUID) -> Hold:
    """Let an instance go, and return the hold that it had.

    Raises
    ------
    NotFoundError
        Raised if it has none.
    """
    rows = await connection.execute(
        delete(instance_hold)
        .where(instance_hold.c.instance_id == instance_id)
        .returning(instance_hold)
    )
    return _hold(rows.mappings().one_or_none(), instance_id)


def _hold(row: RowMapping | None, instance_id: uuid.UUID) -> Hold:
    if row is None:
        raise NotFoundError("hold of instance", instance_id)
    return Hold(**row)


async def forget_trials(connection: AsyncConnection, *, older_than: timedelta, limit: int) -> int:
    """Delete unpublished versions that nothing is left of, and return how many templates had some.

    Parameters
    ----------
    older_than
        Keeps those that were made since.
    limit
        Most templates.
    """
    driver = await driver_of(connection)
    rows = await driver.fetch(QUERIES["templates_with_unused_trials"], older_than, limit)
    if rows:
        await driver.fetch(
            QUERIES["forget_trials"], [row["template_id"] for row in rows], older_than
        )
    return len(rows)
