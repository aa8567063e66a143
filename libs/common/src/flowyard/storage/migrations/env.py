"""Runs migrations on the connection that :mod:`flowyard.storage.migrate` hands over."""

from alembic import context

from flowyard.storage.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    compare_server_default=False,
)
with context.begin_transaction():
    context.run_migrations()
