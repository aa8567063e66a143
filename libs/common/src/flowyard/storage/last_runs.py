"""The last runs of templates, for lists of templates."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.storage.database import driver_of
from flowyard.storage.queries import load_queries

QUERIES = load_queries("api")
"""The statements of ``api.sql`` by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One instance of a template, in a few words."""

    template_id: uuid.UUID
    instance_id: uuid.UUID
    name: str
    status: str
    created_at: datetime
    ended_at: datetime | None


async def list_last_runs(
    connection: AsyncConnection,
    project_id: uuid.UUID,
    template_ids: Collection[uuid.UUID],
    *,
    each: int,
) -> dict[uuid.UUID, list[Run]]:
    """Return the last instances of templates in a project, the newest first.

    Returns
    -------
    dict[uuid.UUID, list[Run]]
        At most ``each`` by template id; templates that have never run are left out.
    """
    driver = await driver_of(connection)
    rows = await driver.fetch(QUERIES["last_runs"], project_id, list(set(template_ids)), each)
    found: dict[uuid.UUID, list[Run]] = {}
    for row in rows:
        found.setdefault(row["template_id"], []).append(Run(**row))
    return found
