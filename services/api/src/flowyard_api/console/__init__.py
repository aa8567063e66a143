"""The web console: its bundle, served from memory under a strict content policy."""
