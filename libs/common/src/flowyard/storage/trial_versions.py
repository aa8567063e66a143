"""Versions that were never published: what is run of a draft before it is.

They have negative numbers, so that no list shows them, none is the latest one, and
nobody can ask for one. Each is stored together with the first instance that runs it,
and counts as the same as long as its content is.
"""

import uuid

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.storage.schema import template, template_version
from flowyard.storage.versions import VersionContent

FIRST_TRIAL = -1
"""Number of a template's first unpublished version; the next one is lower."""


async def hold_trial_version(
    connection: AsyncConnection, template_id: uuid.UUID, content: VersionContent, *, actor: str
) -> int:
    """Return the number of the unpublished version with some content, stored where it is new.

    The template's row is locked until the end of the transaction, so that the same content
    is not stored twice.
    """
    await connection.execute(
        select(template.c.template_id)
        .where(template.c.template_id == template_id)
        .with_for_update(key_share=True)
    )
    trials = (template_version.c.template_id == template_id) & (template_version.c.number < 0)
    number: int | None = await connection.scalar(
        select(func.max(template_version.c.number)).where(
            trials, template_version.c.content_hash == content.content_hash
        )
    )
    if number is not None:
        return number
    lowest: int | None = await connection.scalar(
        select(func.min(template_version.c.number)).where(trials)
    )
    number = FIRST_TRIAL if lowest is None else lowest - 1
    await connection.execute(
        insert(template_version).values(
            template_id=template_id,
            number=number,
            source=content.source,
            document=content.document,
            graph=content.graph,
            content_hash=content.content_hash,
            note="",
            actor=actor,
        )
    )
    return number
