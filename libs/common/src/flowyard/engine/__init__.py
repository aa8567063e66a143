"""The pure engine: graphs, statuses, facts and decisions, with no clock and no I/O."""
