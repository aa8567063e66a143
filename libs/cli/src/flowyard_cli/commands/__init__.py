"""The subcommands of ``flowyard``, one family per file."""
