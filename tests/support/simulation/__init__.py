"""A whole Flowyard in one process, under a virtual clock and a seed."""
