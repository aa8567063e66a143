"""``python -m flowyard_cli``: the same as the ``flowyard`` command."""

from flowyard_cli.main import main

main()
