"""Building an index of a table that is in use, as migrations do it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from alembic import op
from sqlalchemy import Connection, TextClause, exists, select, table, text

_IS_BROKEN = text(
    "SELECT EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass(:name) AND NOT indisvalid)"
)


def build_index(
    name: str, of: str, columns: Sequence[str | TextClause], *, where: str | None = None
) -> None:
    """Build an index in a migration, without keeping anybody from writing meanwhile.

    An empty table gets its index within the migration's transaction. Of one that holds rows
    the index is built beside the work, which cannot be done in a transaction: what was migrated
    before is committed first, and what follows begins another one. A build that is broken off
    leaves an index that is of no use to anybody; the next try drops it and builds it again.

    Parameters
    ----------
    of
        The table.
    columns
        Names of columns, or expressions.
    where
        Condition of a partial index.
    """
    condition = None if where is None else text(where)
    connection = op.get_bind()
    if not connection.scalar(select(exists().select_from(table(of)))):
        # What a try before this one has left there, whole or broken.
        op.drop_index(name, of, if_exists=True)
        op.create_index(name, of, columns, postgresql_where=condition)
        return
    with _outside_transactions(connection):
        if connection.scalar(_IS_BROKEN, {"name": name}):
            op.drop_index(name, of, postgresql_concurrently=True)
        op.create_index(
            name,
            of,
            columns,
            if_not_exists=True,
            postgresql_where=condition,
            postgresql_concurrently=True,
        )


@contextmanager
def _outside_transactions(connection: Connection) -> Iterator[None]:
    """Commit, and have every statement stand for itself.

    Alembic's own way takes none but transactions that Alembic has begun; this one is ours, so
    that the end of an upgrade is stored with its last migration.
    """
    connection.commit()
    connection.execution_options(isolation_level="AUTOCOMMIT")
    try:
        yield
    finally:
        connection.rollback()
        connection.execution_options(isolation_level=connection.default_isolation_level)
