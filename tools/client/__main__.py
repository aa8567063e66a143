"""``python -m tools.client [--check]``: makes ``flowyard.client``, or tells what of it is stale."""

import sys

from tools.client.package import CLIENT, made_files, stale_files, write_files
from tools.openapi import openapi_document


def main() -> int:
    """Write what is stale; with ``--check``, only name it and fail if there is any."""
    files = made_files(openapi_document())
    if "--check" not in sys.argv[1:]:
        sys.stdout.writelines(f"wrote {CLIENT}/{name}\n" for name in write_files(files))
        return 0
    stale = stale_files(files)
    sys.stderr.writelines(f"{CLIENT}/{name} is stale: run `make client`\n" for name in stale)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
