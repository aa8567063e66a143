"""What developers run on the project itself; nothing here is installed."""
