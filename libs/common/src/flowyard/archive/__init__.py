"""Files that ended instances are moved to: what is in them, and where they lie."""
