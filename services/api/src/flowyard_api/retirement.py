"""Has ended instances moved out now and then, as long as the process runs."""

import asyncio
from datetime import timedelta

from flowyard.archive.bucket import BucketAccess
from flowyard.archive.places import ArchivePlace, open_place
from flowyard.archive.signing import BucketKeys
from flowyard.clock import Clock
from flowyard.storage.database import Database
from flowyard.storage.errors import DatabaseUnavailableError
from flowyard.storage.retention import RetentionMode, Rule
from flowyard.telemetry.metrics import Metrics
from flowyard_api.repeating import repeat
from flowyard_api.settings import Settings
from flowyard_api.usecases.retiring import Retirement


def place_of(settings: Settings) -> ArchivePlace | None:
    """Return where archives go; None where nobody has said.

    Raises
    ------
    ArchivePlaceError
        Raised if what was said names no place.
    """
    if not settings.archive_url:
        return None
    access = None
    if settings.archive_key_id:
        access = BucketAccess(
            endpoint=settings.archive_endpoint,
            keys=BucketKeys(
                region=settings.archive_region,
                key_id=settings.archive_key_id,
                secret=settings.archive_secret_key.get_secret_value(),
                token=settings.archive_session_token.get_secret_value(),
            ),
        )
    return open_place(settings.archive_url, access)


def default_rule(settings: Settings) -> Rule:
    """Return what holds for projects that say nothing of their own."""
    return Rule(
        mode=RetentionMode(settings.retention_mode), after=timedelta(days=settings.retention_days)
    )


def retirement_of(
    settings: Settings,
    database: Database,
    place: ArchivePlace | None,
    *,
    metrics: Metrics,
    clock: Clock,
) -> Retirement:
    """Return what moves instances out, by a process' settings."""
    return Retirement(
        database=database,
        place=place,
        default=default_rule(settings),
        metrics=metrics,
        clock=clock,
        share=settings.retention_share,
    )


async def keep_retiring(
    retirement: Retirement, stopping: asyncio.Event, period_seconds: float
) -> None:
    """Move out what has become old enough, again and again, until the process stops."""

    async def retire() -> None:
        try:
            await retirement.look()
            await retirement.run(stopping)
            await retirement.look()
        except DatabaseUnavailableError:
            raise
        except Exception:
            retirement.metrics.count("flowyard_api_retire_failures_total", reason="unexpected")
            raise

    await repeat(
        retire,
        stopping,
        seconds=period_seconds,
        waits="Ended instances stay for now",
        broke="Ended instances could not be moved out",
    )
