"""The client that awaits, from which the one that blocks is made."""
