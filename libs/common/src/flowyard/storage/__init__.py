"""Postgres: the schema, the stores, and the only code that knows rows."""
