"""Postgres in memory: the statements of the scheduler and of plugin gateways, with transactions."""
