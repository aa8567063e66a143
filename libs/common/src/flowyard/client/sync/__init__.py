"""The client that blocks, made out of the one that awaits."""
