"""The scheduler: the only writer of node and instance status."""
