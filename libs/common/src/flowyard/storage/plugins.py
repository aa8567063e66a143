"""The plugins that the gateways host, as they last told."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.storage.errors import NotFoundError
from flowyard.storage.schema import plugin


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedPlugin:
    """One version of one plugin."""

    name: str
    version: str
    title: str
    description: str
    idempotency: str
    """``always``, ``never`` or ``by_inputs``."""
    inputs_schema: Mapping[str, Any]
    """JSON Schema of the inputs."""
    outputs_schema: Mapping[str, Any]
    """JSON Schema of the outputs."""
    is_cancellable: bool = False
    """Whether it stops what goes on elsewhere when it is cancelled while it waits."""


async def publish_catalog(connection: AsyncConnection, plugins: Sequence[PublishedPlugin]) -> None:
    """Store what one gateway hosts; what others host stays.

    Gateways of two releases run side by side during an upgrade, so nothing is
    removed here. Rows are written in the order of their key, so that gateways
    that start together wait for each other instead of deadlocking.
    """
    if not plugins:
        return
    rows = [asdict(one) for one in sorted(plugins, key=lambda one: (one.name, one.version))]
    statement = insert(plugin).values(rows)
    changed = {
        name: statement.excluded[name] for name in rows[0] if name not in ("name", "version")
    }
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=["name", "version"], set_={**changed, "updated_at": func.now()}
        )
    )


async def list_plugins(connection: AsyncConnection) -> list[PublishedPlugin]:
    """Return all plugins, by name and version; there are as many as somebody wrote."""
    rows = await connection.execute(select(plugin).order_by(plugin.c.name, plugin.c.version))
    return [_plugin(row) for row in rows]


async def find_plugin(connection: AsyncConnection, name: str, version: str) -> PublishedPlugin:
    """Return one version of a plugin.

    Raises
    ------
    NotFoundError
        Raised if no gateway has told of it.
    """
    rows = await connection.execute(
        select(plugin).where(plugin.c.name == name, plugin.c.version == version)
    )
    row = rows.one_or_none()
    if row is None:
        raise NotFoundError("plugin", f"{name}@{version}")
    return _plugin(row)


def _plugin(row: Row[Any]) -> PublishedPlugin:
    return PublishedPlugin(
        name=row.name,
        version=row.version,
        title=row.title,
        description=row.description,
        idempotency=row.idempotency,
        inputs_schema=row.inputs_schema,
        outputs_schema=row.outputs_schema,
        is_cancellable=row.is_cancellable,
    )
