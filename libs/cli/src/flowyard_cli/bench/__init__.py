"""The bench: four workloads of no-op nodes, driven and read back through the public API."""
