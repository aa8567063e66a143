"""``python -m tests.contract [cases]``: thousands of requests, and what they have found."""

import sys
from pathlib import Path

from tests.contract.run import run

CASES = 40
"""Requests that are made up for each operation, and sequences of requests, unless told others."""

LEAST_REACHED = 0.9
"""Share of operations that have to answer with a success."""


def main() -> int:
    """Run it, print what was found, and return 1 for findings or too little that was reached."""
    outcome = run(int(sys.argv[1]) if len(sys.argv) > 1 else CASES)
    log = Path(".cache/schemathesis.txt")
    log.parent.mkdir(exist_ok=True)
    log.write_text(outcome.output, encoding="utf-8")
    if outcome.status != 0:
        sys.stdout.write(outcome.output)
    sys.stdout.write(f"{outcome.text()}All of it: {log}\n")
    return int(outcome.status != 0 or outcome.share_reached < LEAST_REACHED)


if __name__ == "__main__":
    sys.exit(main())
