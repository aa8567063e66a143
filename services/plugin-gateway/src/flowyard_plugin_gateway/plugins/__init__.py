"""The built-in plugins, one per module."""
