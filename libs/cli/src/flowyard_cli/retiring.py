"""What an operator does about ended instances on the database itself."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flowyard.archive.file_format import read_file
from flowyard.clock import SystemClock
from flowyard.storage.database import Database
from flowyard.storage.projects import find_project
from flowyard.storage.retention import ProjectRule, bytes_per_instance, count_ripe
from flowyard.telemetry.metrics import Metrics
from flowyard_api.retirement import place_of, retirement_of
from flowyard_api.settings import Settings
from flowyard_cli.data_folder import DataFolder
from flowyard_cli.operating import open_database
from flowyard_cli.settings import OperatorSettings
from flowyard_cli.terminal import JsonObject

CHUNK_BYTES = 1024 * 1024
"""How much of a file is read at once."""


async def retire_now(
    settings: OperatorSettings,
    folder: DataFolder | None,
    *,
    project: str | None,
    is_dry: bool,
) -> JsonObject:
    """Move out what is old enough, by the settings of the API, or tell how much that is.

    Raises
    ------
    NotFoundError
        Raised if there is no project of that name.
    """
    async with open_database(settings, folder) as database:
        own = _settings(database, folder)
        job = retirement_of(
            own, database, place_of(own), metrics=Metrics("api"), clock=SystemClock()
        )
        project_id = None
        if project is not None:
            async with database.transaction() as connection:
                project_id = (await find_project(connection, project)).project_id
        if is_dry:
            rules = await job.rules(project_id)
            return {"due": [await _due(database, one) for one in rules]}
        tally = await job.run(asyncio.Event(), project_id=project_id)
        return {
            "archived": tally.archived,
            "deleted": tally.deleted,
            "failed": tally.failed,
            "files": tally.files,
        }


async def _due(database: Database, one: ProjectRule) -> JsonObject:
    async with database.transaction() as connection:
        ripe = await count_ripe(connection, one.project_id, one.rule.after)
        each = await bytes_per_instance(connection)
    return {
        "project": one.project,
        "mode": one.rule.mode.value,
        "after_days": one.rule.after.total_seconds() / 86400,
        "instances": 0 if one.rule.is_keeping else ripe.instances,
        "oldest_ended_at": None if one.rule.is_keeping else ripe.oldest_ended_at,
        "estimated_bytes": 0 if one.rule.is_keeping else round(each * ripe.instances),
    }


def _settings(database: Database, folder: DataFolder | None) -> Settings:
    # Somebody has asked for it, and waits: without pauses.
    settings = Settings(database_url=database.url, retention_share=1.0)
    if settings.archive_url or folder is None or OperatorSettings().database_url:
        return settings
    return settings.model_copy(update={"archive_url": folder.archive_url})


def read_archive(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of a file on this machine, and check it; see :func:`read_file`."""
    with path.open("rb") as file:
        yield from read_file(iter(lambda: file.read(CHUNK_BYTES), b""))
